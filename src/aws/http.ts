import { Agent, type buildConnector, request as send } from 'undici';
import { defined } from '../core/defined.ts';
import { CmsError, cancelled, isCmsError, messageOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { openProvenAt, type Proving } from '../core/provenSocket.ts';
import type { HttpClient, HttpReply, HttpRequest } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { networkError } from './network.ts';

/** API Gateway gives up after 29 s; waiting longer always gets its answer. */
const DEFAULT_TIMEOUT_MS = 35_000;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * HTTP(S) by undici, trusting `ca` (PEM) if given. With `proving` it talks to that program alone, once it has proven
 * itself. `close()` ends idle connections.
 */
export function createHttp(ca: string | undefined, proving?: Proving): HttpClient & { close(): void } {
  const agent = new Agent({
    connect: proving === undefined ? defined({ timeout: CONNECT_TIMEOUT_MS, ca }) : connectorTo(proving),
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  return {
    send: (request) => sendOnce(agent, request),
    close: () => void agent.destroy(),
  };
}

function connectorTo(proving: Proving): buildConnector.connector {
  return ({ hostname, port }, done) => {
    openProvenAt(proving, hostname, Number(port)).then(
      (socket) => done(null, socket),
      (error: unknown) => done(error as Error, null),
    );
  };
}

async function sendOnce(agent: Agent, request: HttpRequest): Promise<HttpReply> {
  if (request.signal?.aborted) throw cancelled();
  if (hasToken(request.headers)) refuseExposed(request.url, 'token');
  const limit = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
  try {
    const answer = await send(request.url, {
      method: request.method,
      dispatcher: agent,
      signal,
      ...defined({ headers: request.headers, body: request.body }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: flatten(answer.headers), text };
  } catch (error) {
    if (request.signal?.aborted) throw cancelled();
    if (isCmsError(error)) throw error;
    const host = URL.canParse(request.url) ? new URL(request.url).host : request.url;
    const unreachable = (why: Message) => l10n.t('Cannot reach {host}: {why}.', { host, why });
    throw (
      networkError(limit.aborted ? limit.reason : error, unreachable) ??
      new CmsError('ENDPOINT_UNREACHABLE', unreachable(l10n.verbatim(messageOf(error))), { cause: error })
    );
  }
}

function hasToken(headers: Record<string, string> = {}): boolean {
  return Object.keys(headers).some((name) => /^(authorization|cookie|x-api-key)$/i.test(name));
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
