import * as z from 'zod';
import type { TokenSource } from '../../aws/cognito/session.ts';
import type { HttpClient, HttpReply } from '../../aws/connection.ts';
import { defined } from '../../core/defined.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';
import { exponential, retry, type RetryPolicy, type Retrying } from '../../core/retry.ts';
import { english } from '../../core/wording.ts';

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
  readonly service: Message;
  send(request: RestRequest): Promise<RestReply>;
}

const POLICY: RetryPolicy = { attempts: 5, backoff: exponential(600, 4000) };

/** An answer that may be another one next time. */
class Unsettled extends Error {
  readonly reply: RestReply;
  constructor(reply: RestReply) {
    super(`answered ${reply.status}`);
    this.reply = reply;
  }
}

/**
 * A REST API of a CMS behind API Gateway: raw id token in `Authorization`, one renewal after a 401, bounded
 * repeats of repeatable calls after gateway errors and lost connections, of every call when throttled.
 * Throws CmsError ENDPOINT_UNREACHABLE, CMS_UNAUTHORIZED or CANCELLED.
 */
export function createRest(
  http: HttpClient,
  options: Omit<Retrying, 'signal'> & {
    service: Message;
    baseUrl: string;
    mediaType: string;
    tokens: TokenSource;
    /** What to do when even a new token is refused. */
    refused: Message;
  },
): Rest {
  const { service, mediaType, tokens, clock, random } = options;
  const base = options.baseUrl.replace(/(?<!\/)\/+$/, '');

  async function once(request: RestRequest, token: string | undefined): Promise<RestReply> {
    const query = new URLSearchParams(request.query).toString();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const reply = await http.send({
      method: request.method,
      url: `${base}${request.path}${query === '' ? '' : `?${query}`}`,
      // CDF parses a body only when Accept and Content-Type both name one of its versions.
      headers: defined({
        accept: mediaType,
        'content-type': body === undefined ? undefined : mediaType,
        authorization: token,
      }),
      ...defined({ body }),
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
      l10n.t('{service} refuses the sign-in, even with a new token.', { service: l10n.capital(service) }),
      {
        remedy: options.refused,
        details: { service: english(service), status: 401 },
      },
    );
  }

  async function send(request: RestRequest): Promise<RestReply> {
    const repeatable = request.repeatable ?? request.method !== 'POST';
    try {
      return await retry(
        { signal: request.signal, clock, random },
        POLICY,
        async () => {
          const reply = await authorized(request);
          if (reply.status === 429 || (repeatable && reply.uncertain)) throw new Unsettled(reply);
          return reply;
        },
        (error) => error instanceof Unsettled || (repeatable && isUnreachable(error)),
      );
    } catch (error) {
      if (error instanceof Unsettled) return error.reply;
      throw error;
    }
  }

  return { service, send };
}

export function isUnreachable(error: unknown): boolean {
  return isCmsError(error) && error.code === 'ENDPOINT_UNREACHABLE';
}

function restReply(reply: HttpReply): RestReply {
  const json = parseJson(z.unknown(), reply.text);
  return {
    status: reply.status,
    ok: reply.status >= 200 && reply.status < 300,
    json: json.ok ? json.value : undefined,
    text: reply.text,
    uncertain: reply.status === 502 || reply.status === 503 || reply.status === 504,
  };
}

/** Reads the body of an accepted call. */
export type BodyOf = <T extends z.ZodType>(
  schema: T,
  rest: Rest,
  reply: RestReply,
  doing: Message,
) => z.infer<T>;

/**
 * The checked body of an accepted call, which throws CmsError CMS_ANSWER_UNEXPECTED, or what the refusal means.
 * @param refused what a call means that was not accepted
 * @param remedy for an answer in another form than the generation's
 */
export function createBodyOf(
  refused: (rest: Rest, reply: RestReply, doing: Message) => CmsError,
  remedy: Message,
): BodyOf {
  return (schema, rest, reply, doing) => {
    if (!reply.ok) throw refused(rest, reply, doing);
    const parsed = schema.safeParse(reply.json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new CmsError(
      'CMS_ANSWER_UNEXPECTED',
      l10n.t('{service} returned an answer that could not be understood while {doing}.', {
        service: l10n.capital(rest.service),
        doing,
      }),
      {
        remedy,
        details: defined({ status: reply.status, where: issue?.path.join('.'), problem: issue?.message }),
      },
    );
  };
}
