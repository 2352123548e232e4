import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { GENERATIONS } from '../cms/generations.ts';
import { EXIT } from './exitCodes.ts';
import { emptyProgram, parse } from './overview.ts';

type Register = (program: Command, generations: readonly Generation[]) => void;

/** Loaded on demand: loading the AWS SDK, which most commands need, takes longer than the rest of a start. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  onboard: async () => (await import('./onboard.ts')).addOnboard,
  vehicles: async () => (await import('./lists.ts')).addVehicles,
  lists: async () => (await import('./lists.ts')).addNamedLists,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  provision: async () => (await import('./provision.ts')).addProvision,
  simulate: async () => (await import('./simulate.ts')).addSimulate,
  'simulate-in-cloud': async () => (await import('./cloudDrive.ts')).addCloudDrive,
  worker: async () => (await import('./scale/worker.ts')).addWorker,
  identities: async () => (await import('./scale/identities.ts')).addIdentities,
  scale: async () => (await import('./scale/steer.ts')).addScale,
  watch: async () => (await import('./watch.ts')).addWatch,
  results: async () => (await import('./results.ts')).addResults,
  replay: async () => (await import('./replay.ts')).addReplay,
  dtc: async () => (await import('./dtc.ts')).addDtc,
  job: async () => (await import('./job.ts')).addJob,
  command: async () => (await import('./command.ts')).addCommand,
  rotate: async () => (await import('./rotate.ts')).addRotate,
  offboard: async () => (await import('./offboard.ts')).addOffboard,
  certificates: async () => (await import('./certificates.ts')).addCertificates,
  ca: async () => (await import('./ca.ts')).addCa,
  stacks: async () => (await import('./stacks.ts')).addStacks,
  deployments: async () => (await import('./stacks.ts')).addDeployments,
  sandbox: async () => (await import('./sandbox.ts')).addSandbox,
  mcp: async () => (await import('./mcp.ts')).addMcp,
  demo: async () => (await import('./demo.ts')).addDemo,
};

/**
 * Creates the program with the requested command only, or with all commands.
 * @param generations of CMS that it knows; others than those of the product are given in tests only
 */
export async function createProgram(
  requested?: string,
  generations: readonly Generation[] = GENERATIONS,
): Promise<Command> {
  const program = emptyProgram();
  program.hook('preAction', (_, action) => {
    action.setOptionValue('generations', generations);
  });
  const isList = generations.some(({ lists }) => lists.some(({ command }) => command === requested));
  const name = isList ? 'lists' : requested;
  const only = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const load of only ? [only] : Object.values(COMMANDS)) (await load())(program, generations);
  return program;
}

/** Runs one command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.some((arg) => /^--?pass(word)?(=|$)/i.test(arg))) {
    // Checked before parsing, because the parser would print the argument in its error.
    process.stderr.write(
      'A password on the command line would stay in shell histories and process lists.\n' +
        'Set CMS_PASSWORD, pipe it in with --password-stdin, or type it when asked.\n',
    );
    process.exitCode = EXIT.badInput;
    return;
  }
  await parse(await createProgram(argv[0]), argv);
}
