import { existsSync, realpathSync } from 'node:fs';
import { access, constants, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from './kernel/atomicFile.ts';
import { forTerminal } from './kit/foreignText.ts';
import { fileProblem, folderProblem, wayProblem } from './kit/ownFiles.ts';
import { createLog } from './kernel/log.ts';
import { createCommand, parseOptions } from './options.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { exitCodes, StartError } from './kernel/startError.ts';

/** A close that never ends must not keep the process alive. */
const LONGEST_END_MS = 20_000;

/** The sandbox as a process: arguments in, one ready line out, ends on SIGINT and SIGTERM. */
async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(createCommand().helpInformation());
    return;
  }
  // Whoever reads our output may go away before us.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const log = createLog((line) => process.stderr.write(line), options.logLevel);
  const readyFile = await readyPlace(options.readyFile);

  /** `asked`: why to end. A request that comes during the start is served right after it. */
  const state: { sandbox?: Sandbox; asked?: string } = {};
  const end = (reason: string): void => {
    if (state.asked !== undefined) return;
    state.asked = reason;
    if (state.sandbox) void finish(state.sandbox, reason);
  };
  // A failure of ours leaves no table half-changed: what was acknowledged is written before the process ends.
  process.on('uncaughtException', (error) => {
    log('error', `internal failure: ${error.stack ?? error.message}`);
    process.exitCode = exitCodes.failed;
    if (!state.sandbox) process.exit();
    end('an internal failure');
  });
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGTERM', () => end('SIGTERM'));
  if (options.exitWithParent) {
    process.stdin.on('end', () => end('the parent went away'));
    process.stdin.on('error', () => end('the parent went away'));
    process.stdin.resume();
  }

  async function finish(running: Sandbox, reason: string): Promise<void> {
    log('info', `ending: ${reason}`);
    setTimeout(() => process.exit(exitCodes.failed), LONGEST_END_MS).unref();
    try {
      await running.stop();
      if (readyFile !== undefined) await rm(readyFile, { force: true });
    } catch (error) {
      log('error', `the state may be incomplete: ${error instanceof Error ? error.message : 'unknown'}`);
      process.exitCode = exitCodes.failed;
    }
    process.exit();
  }

  const sandbox = await startSandbox(options, log, {
    onShutdown: () => end('asked over HTTP'),
    async onReadyChange(secretReady) {
      if (readyFile !== undefined) await replaceFile(readyFile, [secretReady]);
    },
  });
  state.sandbox = sandbox;
  if (state.asked !== undefined) {
    await finish(sandbox, state.asked);
    return;
  }
  if (readyFile !== undefined) {
    await replaceFile(readyFile, [sandbox.secretReady]).catch(async (error: unknown) => {
      await sandbox.stop();
      throw error;
    });
  }
  // Without the secret: a terminal, a log or another program may be on the other end.
  process.stdout.write(`${forTerminal(JSON.stringify(sandbox.ready))}\n`);
  const { exitWhenIdleMs } = options;
  if (exitWhenIdleMs !== undefined) {
    setInterval(() => {
      if (sandbox.idleMs() > exitWhenIdleMs) end('nobody uses it');
    }, 1000).unref();
  }
}

/** Why a secret must not be put into a file of that name; undefined if it may. */
function placeProblem(file: string): string | undefined {
  const problem = fileProblem(file);
  if (problem !== undefined || !existsSync(path.dirname(file))) return problem;
  const folder = realpathSync(path.dirname(file));
  const ofFolder = folderProblem(folder) ?? wayProblem(folder);
  return ofFolder === undefined ? undefined : `its folder is not safe: ${ofFolder}`;
}

/** Removes an old ready file, which nobody must take for ours, and checks before the start that a new one can be written. */
async function readyPlace(given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const file = path.resolve(given);
  const problem = placeProblem(file);
  if (problem !== undefined) {
    throw new StartError('bad-arguments', `--ready-file ${given} is not used: ${problem}.`);
  }
  try {
    await rm(file, { force: true });
    await access(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw new StartError('bad-arguments', `--ready-file ${given}: no file can be written there.`, error);
  }
  return file;
}

main().catch((error: unknown) => {
  const known = error instanceof StartError;
  const text = known ? error.message : error instanceof Error ? (error.stack ?? error.message) : 'failed';
  // An argument or a name of a file stands in it.
  process.stderr.write(`${forTerminal(text)}\n`);
  // Who reads it from a file takes the last line for what is wrong.
  if (known && error.problem === 'bad-arguments' && process.stderr.isTTY)
    process.stderr.write('Try --help.\n');
  process.exit(exitCodes[known ? error.problem : 'failed']);
});
