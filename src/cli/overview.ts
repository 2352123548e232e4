import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { EXIT, EXIT_CODES } from './exitCodes.ts';
import { forTerminal } from './output.ts';
import { SUMMARIES } from './summaries.ts';

/** Whether nothing is asked for but the program's own version or help. */
export function isOverview([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && [undefined, '--version', '-V', '--help', '-h', 'help'].includes(first);
}

/** The program for its version and its own help: the commands with what the help says of them, and nothing else. */
export function createOverview(): Command {
  const program = emptyProgram();
  const terms = new Map<Command, string>();
  for (const { term, description } of SUMMARIES) {
    const [name = ''] = term.split(' ');
    terms.set(program.command(name).description(description), term);
  }
  const usual = program.createHelp();
  return program.configureHelp({
    subcommandTerm: (command) => terms.get(command) ?? usual.subcommandTerm(command),
  });
}

/** The program without a command. */
export function emptyProgram(): Command {
  return (
    new Command('cms-enablement')
      .exitOverride()
      // Its complaints repeat the arguments.
      .configureOutput({
        writeOut: (text) => process.stdout.write(forTerminal(text)),
        writeErr: (text) => process.stderr.write(forTerminal(text)),
      })
      .version(version)
      .description(
        'Onboard vehicles to AWS Connected Mobility Solution with just-in-time certificates, and simulate their drives.',
      )
      .enablePositionalOptions()
      .addHelpText(
        'after',
        [
          '',
          'Exit codes:',
          ...EXIT_CODES.map((line) => `  ${line}`),
          '',
          'Passwords come from CMS_PASSWORD, --password-stdin or a prompt, tokens from CMS_TOKEN or a prompt,',
          'never from the command line.',
          '',
          'Examples:',
          '  $ cms-enablement demo',
          '  $ cms-enablement sandbox --http-port 4566 --mqtt-port 8883',
          '  $ cms-enablement stacks --profile dev',
          '  $ cms-enablement onboard --help',
          '  $ cms-enablement simulate --help',
        ].join('\n'),
      )
  );
}

/** Runs a command line, and sets the exit code. */
export async function parse(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The parser has already written its message. Requested help counts as success.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
  }
}
