import { request as sendPlain, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as sendSecure } from 'node:https';
import { readStream, whyUnread } from '../core/bounded.ts';
import { defined } from '../core/defined.ts';
import { CmsError, cancelled, isCmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { patiently } from '../core/patience.ts';
import { keepPlace } from '../network/place.ts';
import { targetOfUrl } from '../network/proxySettings.ts';
import type { HttpClient, HttpReply, HttpRequest, ProxyTo } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { networkError } from './network.ts';

/** API Gateway gives up after 29 s; waiting longer always gets its answer. */
const DEFAULT_TIMEOUT_MS = 35_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const IDEMPOTENT = new Set(['GET', 'PUT', 'DELETE']);

/** HTTP(S) through the agents of a connection: `kept` keeps its sockets open, `fresh` opens one for each request. */
export function createHttp(
  agents: { kept: Agent; fresh: Agent },
  proxyTo: ProxyTo = () => undefined,
): HttpClient {
  return {
    async send(request) {
      if (request.signal?.aborted) throw cancelled();
      if (hasToken(request.headers)) refuseExposed(request.url, 'token');
      const limit = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
      // A socket that was kept may just have been closed: what must not be sent twice gets one of its own.
      const agent = IDEMPOTENT.has(request.method) ? agents.kept : agents.fresh;
      const host = URL.canParse(request.url) ? new URL(request.url).host : request.url;
      try {
        return await patiently({ host }, () => exchange(request, { agent, signal }));
      } catch (error) {
        if (request.signal?.aborted) throw cancelled();
        if (isCmsError(error)) throw error;
        const unreachable = (why: Message, where: Message = l10n.verbatim(host)) =>
          l10n.t('Cannot reach {host}: {why}.', { host: where, why });
        const failure: unknown = limit.aborted ? limit.reason : error;
        if (URL.canParse(request.url)) keepPlace(failure, { host, proxy: proxyTo(targetOfUrl(request.url)) });
        throw (
          networkError(failure, unreachable) ??
          new CmsError('ENDPOINT_UNREACHABLE', unreachable(whyUnread(error)), { cause: error })
        );
      }
    },
  };
}

async function exchange(
  request: HttpRequest,
  { agent, signal }: { agent: Agent; signal: AbortSignal },
): Promise<HttpReply> {
  const answer = await answerTo(request, { agent, signal });
  const body = await readStream(answer, { mostBytes: MAX_ANSWER_BYTES, signal });
  return {
    status: answer.statusCode ?? 0,
    headers: flatten(answer.headers),
    text: body.toString('utf8'),
    body,
  };
}

function answerTo(
  request: HttpRequest,
  options: { agent: Agent; signal: AbortSignal },
): Promise<IncomingMessage> {
  const { url, method, headers, body } = request;
  const send = new URL(url).protocol === 'https:' ? sendSecure : sendPlain;
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = send(url, { method, ...options, ...defined({ headers }) });
    sent.once('response', resolve);
    sent.once('error', (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && error.code === 'ECONNRESET' && !options.signal.aborted;
      if (stale) resolve(answerTo(request, options));
      else reject(error);
    });
    sent.end(body);
  });
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
