import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readEnd } from '../core/bounded.ts';
import { childEnvironment } from '../core/childEnvironment.ts';
import { cancelled, CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n } from '../core/message.ts';
import { openFresh, readSecretFile } from '../core/safeFiles.ts';
import { keepSecret } from '../core/secrets.ts';
import { sandboxReadySchema, type SandboxReady } from '../protocol/sandboxReady.ts';

/** Of the end of its log, in which a line can be as long as a request. */
const MOST_SAID_BYTES = 2000;

/** The bundle stands beside the one that runs; a tie to our standard input ends it with us. */
export function spawnSandbox(
  args: readonly string[],
  out: 'inherit' | 'pipe',
  err: 'inherit' | number,
): ChildProcess {
  return spawn(process.execPath, [join(__dirname, 'sandbox.js'), '--exit-with-parent', ...args], {
    stdio: ['pipe', out, err],
    // In a group of its own a Ctrl-C does not reach it before the work that still talks to it has ended.
    detached: out === 'pipe',
    // Which on Windows would open a console.
    windowsHide: true,
    env: childEnvironment(),
  });
}

export interface RunningSandbox {
  ready: SandboxReady;
  /** Ends it and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Starts a sandbox and waits until it can be used. What it logs, and how to reach it, stand in files of `folder`, which
 * only this user may enter.
 * @throws CmsError SANDBOX_START_FAILED with the end of its log, or CANCELLED
 */
export async function startSandbox(
  args: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<RunningSandbox> {
  const logFile = join(folder, 'sandbox.log');
  const readyFile = join(folder, 'ready.json');
  const log = await openFresh(logFile);
  const child = spawnSandbox([...args, '--ready-file', readyFile], 'pipe', log.fd);
  await log.close();
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await ended;
  };
  const line = await firstLine(child, ended, signal);
  // The line has no secret: it may be anybody who reads it.
  const text = line === undefined ? undefined : await readSecretFile(readyFile);
  const ready = text === undefined ? undefined : parseJson(sandboxReadySchema, text);
  if (ready?.ok) keepSecret(ready.value.secret);
  if (ready?.ok) return { ready: ready.value, stop };

  await stop();
  if (signal.aborted) throw cancelled('sandbox');
  const reason = (await readEnd(logFile, MOST_SAID_BYTES)).trim().split('\n').slice(-3).join('\n');
  throw new CmsError(
    'SANDBOX_START_FAILED',
    reason === ''
      ? l10n.t('The sandbox did not start: it said nothing')
      : l10n.t('The sandbox did not start: {reason}', { reason }),
    { remedy: l10n.t('Run "cms-enablement sandbox" to see more.') },
  );
}

async function firstLine(
  child: ChildProcess,
  ended: Promise<unknown>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!child.stdout) return undefined;
  const lines = createInterface({ input: child.stdout });
  const nothing = ended.then(() => undefined);
  const line = once(lines, 'line', { signal }).then(
    ([text]) => String(text),
    () => undefined,
  );
  return Promise.race([line, nothing]);
}
