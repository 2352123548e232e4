import { spawn } from 'node:child_process';
import { readEnd } from '../../core/bounded.ts';
import { childEnvironment } from '../../core/childEnvironment.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { poll, waits } from '../../core/retry.ts';
import { openFresh } from '../../core/safeFiles.ts';
import { systemClock } from '../../core/work.ts';
import type { SandboxReady } from '../../protocol/sandboxReady.ts';

/** Of the end of its log, in which a line can be as long as a request. */
const MOST_SAID_BYTES = 2000;
const STARTING = { attempts: Infinity, backoff: waits(50), withinMs: 30_000 };

interface Start {
  /** The program and its arguments. */
  command: readonly string[];
  logFile: string;
  /** What it says of itself once it is ready. */
  ready: () => Promise<SandboxReady | undefined>;
}

/**
 * Starts the sandbox as a process that outlives this one, and waits until it is ready. One that is not, in time, ends.
 * @throws CmsError SANDBOX_START_FAILED or CANCELLED
 */
export async function startProcess(
  { command, logFile, ready }: Start,
  signal: AbortSignal,
): Promise<SandboxReady> {
  const log = await openFresh(logFile);
  try {
    const child = spawn(process.execPath, command, {
      // Detached: a reload of the window must not end it. In desktop VS Code execPath is Electron.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', log.fd],
      env: childEnvironment({ ELECTRON_RUN_AS_NODE: '1' }),
    });
    let exitCode: number | null | undefined;
    child.once('exit', (code) => (exitCode = code));
    child.once('error', () => (exitCode = -1));
    child.unref();
    let found: SandboxReady | 'exited' | undefined;
    try {
      const waiting = { signal, clock: systemClock, random: Math.random };
      found = await poll(waiting, STARTING, async () => (exitCode === undefined ? ready() : 'exited'));
    } finally {
      // Cancelled, or not ready in time.
      if (found === undefined) child.kill();
    }
    if (found !== undefined && found !== 'exited') return found;
  } finally {
    await log.close();
  }
  const said = (await readEnd(logFile, MOST_SAID_BYTES).catch(() => '')).trim().split('\n').at(-1) ?? '';
  throw new CmsError('SANDBOX_START_FAILED', l10n.t('The local sandbox did not start. {said}', { said }), {
    remedy: l10n.t('Free the port, or set the sandbox ports to 0 to pick free ones.'),
  });
}
