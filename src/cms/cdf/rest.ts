import pRetry from 'p-retry';
import type { HttpClient, HttpReply } from '../../aws/connection.ts';
import { CmsError, cancelled } from '../../core/errors.ts';

/** Where the id token of the REST calls comes from. */
export interface TokenSource {
  idToken(signal: AbortSignal): Promise<string>;
  /** A newer token than the refused one. Throws when there is none to be had. */
  renew(refused: string, signal: AbortSignal): Promise<string>;
}

export interface RestRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash, already encoded. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Whether doing it twice is doing it once; POST is not, unless said. */
  repeatable?: boolean;
  /** Leaves the token out. */
  anonymous?: boolean;
  signal: AbortSignal;
}

/** An answer of any status; nothing is thrown for a refusal. */
export interface RestReply {
  status: number;
  ok: boolean;
  /** Parsed body; undefined when it is empty or not JSON (HTML error pages happen). */
  json: unknown;
  text: string;
  /** The gateway answered instead of the service: whether the call took effect is not known. */
  uncertain: boolean;
}

export interface Rest {
  /** For people: "the asset library". */
  readonly service: string;
  send(request: RestRequest): Promise<RestReply>;
}

const RETRY = { retries: 4, minTimeout: 300, maxTimeout: 4000, factor: 2, randomize: true } as const;

/**
 * A REST API of CMS v1 behind API Gateway: raw id token in `Authorization`, one renewal after a 401, bounded
 * repeats of repeatable calls after gateway errors and lost connections, of every call when throttled.
 * Throws CmsError ENDPOINT_UNREACHABLE, CMS_UNAUTHORIZED or CANCELLED.
 */
export function createRest(
  http: HttpClient,
  options: { service: string; baseUrl: string; mediaType: string; tokens: TokenSource },
): Rest {
  const { service, mediaType, tokens } = options;
  const base = options.baseUrl.replace(/\/+$/, '');

  async function once(request: RestRequest, token: string | undefined): Promise<RestReply> {
    const query = new URLSearchParams(request.query).toString();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const reply = await http.send({
      method: request.method,
      url: `${base}${request.path}${query === '' ? '' : `?${query}`}`,
      // CDF parses a body only when Accept and Content-Type both name one of its versions.
      headers: {
        accept: mediaType,
        ...(body === undefined ? {} : { 'content-type': mediaType }),
        ...(token === undefined ? {} : { authorization: token }),
      },
      ...(body === undefined ? {} : { body }),
      signal: request.signal,
    });
    return restReply(reply);
  }

  async function authorized(request: RestRequest): Promise<RestReply> {
    if (request.anonymous) return once(request, undefined);
    const token = await tokens.idToken(request.signal);
    const reply = await once(request, token);
    if (reply.status !== 401) return reply;
    const second = await once(request, await tokens.renew(token, request.signal));
    if (second.status !== 401) return second;
    throw new CmsError(
      'CMS_UNAUTHORIZED',
      `${capital(service)} refuses the sign-in, even with a new token.`,
      {
        remedy: 'Check that the CMS stack and the CDF core belong together, then sign in again.',
        details: { service, status: 401 },
      },
    );
  }

  async function send(request: RestRequest): Promise<RestReply> {
    const repeatable = request.repeatable ?? request.method !== 'POST';
    let last: RestReply | undefined;
    try {
      return await pRetry(
        async () => {
          last = undefined;
          last = await authorized(request);
          if (last.status === 429 || (repeatable && last.uncertain)) throw new Error('try again');
          return last;
        },
        {
          ...RETRY,
          signal: request.signal,
          shouldRetry: ({ error }) => last !== undefined || (repeatable && isUnreachable(error)),
        },
      );
    } catch (error) {
      if (request.signal.aborted) throw cancelled();
      if (last !== undefined) return last;
      throw error;
    }
  }

  return { service, send };
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof CmsError && error.code === 'ENDPOINT_UNREACHABLE';
}

function restReply(reply: HttpReply): RestReply {
  return {
    status: reply.status,
    ok: reply.status >= 200 && reply.status < 300,
    json: parseJson(reply.text),
    text: reply.text,
    uncertain: reply.status === 502 || reply.status === 503 || reply.status === 504,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
