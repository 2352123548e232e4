import { request } from 'node:http';
import * as z from 'zod/mini';
import { readStream } from '../../core/bounded.ts';
import { CmsError, throwIfAborted } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import { openProven, ProvenAgent } from '../../core/provenSocket.ts';
import { SECRET_HEADER, type SandboxReady } from '../../protocol/sandboxReady.ts';

const WITHIN_MS = 20_000;
const ANSWER = { mostBytes: 1024 * 1024, totalMs: WITHIN_MS };

const refusal = z.object({ message: z.string() });

/** What the sandbox answered. */
interface Answer {
  status: number;
  text: string;
}

/**
 * Asks the sandbox to do something about itself; the secret goes to nobody else.
 * @throws CmsError SANDBOX_NOT_OURS or CANCELLED, or the system's error when nothing listens
 */
export async function administer(
  ready: SandboxReady,
  operation: 'reset' | 'shutdown' | 'installations',
  signal = new AbortController().signal,
  body?: object,
): Promise<Answer> {
  throwIfAborted(signal);
  const agent = new ProvenAgent(ready, { keepAlive: false });
  const answered = new Promise<Answer>((resolve, reject) => {
    const asked = request(
      `${ready.endpoint}/_sandbox/${operation}`,
      {
        method: 'POST',
        agent,
        headers: { [SECRET_HEADER]: ready.secret },
        signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
      },
      (answer) => {
        const { statusCode: status = 0 } = answer;
        readStream(answer, ANSWER).then((read) => resolve({ status, text: read.toString('utf8') }), reject);
      },
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
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

/**
 * Adds an installation, given as `KIND:NAME…`, to a sandbox that runs.
 * @throws CmsError REQUEST_INVALID with what the sandbox says against it, and what `administer` throws
 */
export async function install(ready: SandboxReady, installation: string, signal: AbortSignal): Promise<void> {
  const { status, text } = await administer(ready, 'installations', signal, { install: installation });
  if (status === 200) return;
  const said = parseJson(refusal, text);
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The local sandbox cannot install {installation}. {said}', {
      installation,
      said: said.ok ? said.value.message : String(status),
    }),
    { remedy: l10n.t('Correct the setting cmsEnablement.sandbox.installations.') },
  );
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
