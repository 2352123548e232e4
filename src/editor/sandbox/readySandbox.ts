import { CmsError, throwIfAborted } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import { poll, waits, type Retrying } from '../../core/retry.ts';
import { readSecretFile } from '../../core/safeFiles.ts';
import { keepSecret } from '../../core/secrets.ts';
import { systemClock } from '../../core/work.ts';
import { sandboxReadySchema, type SandboxReady } from '../../protocol/sandboxReady.ts';
import { administer, isHealthy } from './administration.ts';

/** Failed ones, one after the other, after which it counts as gone. */
const BEATS = { attempts: 3, backoff: waits(0) };
const STOPPING = { attempts: 100, backoff: waits(100) };

/** What a sandbox wrote when it was ready; undefined while there is none. Throws CmsError for a file of others. */
export async function readReady(file: string): Promise<SandboxReady | undefined> {
  const text = await readSecretFile(file);
  const ready = text === undefined ? undefined : parseJson(sandboxReadySchema, text);
  if (!ready?.ok) return undefined;
  keepSecret(ready.value.secret);
  return ready.value;
}

/** Whether it is there. A computer that is busy for a moment has not lost it. */
export async function answers(ready: SandboxReady): Promise<boolean> {
  const answered = await poll(patience(), BEATS, async () => (await isHealthy(ready)) || undefined);
  return answered === true;
}

/**
 * Asks it to end, and waits until it has.
 * @throws CmsError ENDPOINT_UNREACHABLE when it does not end, or CANCELLED
 */
export async function shutDown(ready: SandboxReady, signal: AbortSignal): Promise<void> {
  let refused: unknown;
  try {
    await administer(ready, 'shutdown', signal);
  } catch (error) {
    throwIfAborted(signal);
    // One that has ended meanwhile does not answer.
    refused = error;
  }
  const isGone = async (): Promise<true | undefined> => !(await isHealthy(ready)) || undefined;
  if ((await poll(patience(signal), STOPPING, isGone)) === true) return;
  throw new CmsError('ENDPOINT_UNREACHABLE', l10n.t('The local sandbox did not stop.'), {
    remedy: l10n.t('Try again, or end its process.'),
    cause: refused,
  });
}

/** What waiting needs; without a signal nothing cuts it short. */
function patience(signal = new AbortController().signal): Retrying {
  return { signal, clock: systemClock, random: Math.random };
}
