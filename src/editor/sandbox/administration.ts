import { request } from 'node:http';
import { throwIfAborted } from '../../core/errors.ts';
import { openProven, ProvenAgent } from '../../core/provenSocket.ts';
import { SECRET_HEADER, type SandboxReady } from '../../protocol/sandboxReady.ts';

const WITHIN_MS = 20_000;

/**
 * Asks the sandbox to do something about itself; the secret goes to nobody else. Resolves with the status.
 * @throws CmsError SANDBOX_NOT_OURS or CANCELLED, or the system's error when nothing listens
 */
export async function administer(
  ready: SandboxReady,
  operation: 'reset' | 'shutdown',
  signal = new AbortController().signal,
): Promise<number> {
  throwIfAborted(signal);
  const agent = new ProvenAgent(ready, { keepAlive: false });
  const answered = new Promise<number>((resolve, reject) => {
    const asked = request(
      `${ready.endpoint}/_sandbox/${operation}`,
      {
        method: 'POST',
        agent,
        headers: { [SECRET_HEADER]: ready.secret },
        signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
      },
      (answer) => {
        answer.on('error', reject);
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.resume();
      },
    );
    asked.on('error', reject);
    asked.end();
  });
  try {
    return await answered;
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    agent.close();
  }
}

/** Whether it is there, and is the one that wrote the ready file: not whoever else listens on its port. */
export async function isHealthy(ready: SandboxReady): Promise<boolean> {
  try {
    (await openProven(ready)).destroy();
    return true;
  } catch {
    return false;
  }
}
