import { request } from 'node:http';
import { ProvenAgent } from '../../core/provenSocket.ts';
import { SECRET_HEADER, type SandboxReady } from '../../protocol/sandboxReady.ts';

const WITHIN_MS = 20_000;

/**
 * Asks the sandbox to do something about itself; the secret goes to nobody else. Resolves with the status.
 * @throws CmsError SANDBOX_NOT_OURS, or the system's error when nothing listens
 */
export function administer(ready: SandboxReady, operation: 'reset' | 'shutdown'): Promise<number> {
  const agent = new ProvenAgent(ready, { keepAlive: false });
  const answered = new Promise<number>((resolve, reject) => {
    const asked = request(
      `${ready.endpoint}/_sandbox/${operation}`,
      {
        method: 'POST',
        agent,
        headers: { [SECRET_HEADER]: ready.secret },
        signal: AbortSignal.timeout(WITHIN_MS),
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
  return answered.finally(() => agent.close());
}
