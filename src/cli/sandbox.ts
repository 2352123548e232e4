import { once } from 'node:events';
import type { Command } from 'commander';
import { EXIT } from './exitCodes.ts';
import { spawnSandbox } from './sandboxProcess.ts';

/** Starts the sandbox as a process of its own; its options, output, signals and exit code pass through. */
export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .description(
      'run the local sandbox: AWS and CMS on loopback, for experiments and tests (--help lists its options)',
    )
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .argument('[options...]')
    .action(async (args: string[]) => {
      const child = spawnSandbox(args, 'inherit', 'inherit');
      const pass = (signal: NodeJS.Signals): void => {
        child.kill(signal);
      };
      process.on('SIGINT', pass);
      process.on('SIGTERM', pass);
      const [code] = (await once(child, 'exit')) as [number | null];
      process.exitCode = code ?? EXIT.failed;
    });
}
