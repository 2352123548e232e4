import { Command, CommanderError } from 'commander';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { EXIT } from './exitCodes.ts';
import { addLists } from './lists.ts';
import { addOffboard } from './offboard.ts';
import { addOnboard } from './onboard.ts';
import { addProvision } from './provision.ts';
import { addRotate } from './rotate.ts';
import { addSandbox } from './sandbox.ts';
import { addStacks } from './stacks.ts';

function createProgram(): Command {
  const program = new Command('cms-enablement')
    .exitOverride()
    .description('Onboard vehicles to AWS Connected Mobility Solution, with certificates made just in time.')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      [
        '',
        'Exit codes: 0 done; 1 failed; 2 wrong options or input; 3 a fleet failed in part; 130 cancelled.',
        'Passwords come from CMS_PASSWORD, --password-stdin or a prompt, never from the command line.',
        '',
        'Examples:',
        '  $ cms-enablement demo',
        '  $ cms-enablement sandbox --http-port 4566 --mqtt-port 8883',
        '  $ cms-enablement stacks --profile dev',
        '  $ cms-enablement onboard --help',
      ].join('\n'),
    );
  const add = [
    addOnboard,
    addLists,
    addDoctor,
    addProvision,
    addRotate,
    addOffboard,
    addStacks,
    addSandbox,
    addDemo,
  ];
  for (const command of add) command(program);
  return program;
}

/** Runs one command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.some((arg) => /^--?pass(word)?(=|$)/i.test(arg))) {
    // Said without the argument itself: the parser would repeat it.
    process.stderr.write(
      'A password on the command line would stay in shell histories and process lists.\n' +
        'Set CMS_PASSWORD, pipe it in with --password-stdin, or type it when asked.\n',
    );
    process.exitCode = EXIT.badInput;
    return;
  }
  const program = createProgram();
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The parser has written its message; help that was asked for counts as done.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
  }
}
