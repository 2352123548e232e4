import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Message } from '../core/message.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { toCmsError } from './errors.ts';
import { refuseExposed } from './exposed.ts';
import { Sha256 } from './sha256.ts';

/** A service of which too little is needed for a client of the SDK. */
interface Service {
  /** As in the name of its hosts, and in signatures. */
  readonly host: string;
  readonly signingName?: string;
}

/** An operation of a service that speaks JSON 1.1, such as ECS. */
export interface JsonOperation extends Service {
  /** Before the operation in `X-Amz-Target`. */
  readonly target: string;
  readonly operation: string;
}

/** An operation of a service that speaks REST JSON and changes nothing, such as Amazon MSK. */
export interface RestOperation extends Service {
  /** Its segments, which are escaped. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

const failure = z.looseObject({
  __type: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/**
 * Calls an operation by its name. Source: Smithy, AWS JSON 1.1 protocol.
 * @throws CmsError as for every AWS call, AWS_ANSWER_UNEXPECTED for a body that is not as the schema says
 */
export function signedJson<T extends z.ZodType>(
  connection: Connection,
  { target, operation, ...service }: JsonOperation,
  { input, output, doing }: { input: object; output: T; doing: Message },
  signal: AbortSignal,
): Promise<z.infer<T>> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `${target}.${operation}`,
  };
  const request = { method: 'POST' as const, path: '/', query: {}, headers, body: JSON.stringify(input) };
  return send(connection, service, request, { output, doing }, signal);
}

/**
 * Reads by path and query. Source: Smithy, AWS restJson1 protocol.
 * @throws CmsError as `signedJson` does
 */
export function signedGet<T extends z.ZodType>(
  connection: Connection,
  { path, query, ...service }: RestOperation,
  asked: { output: T; doing: Message },
  signal: AbortSignal,
): Promise<z.infer<T>> {
  const escaped = path.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  const request = { method: 'GET' as const, path: escaped, query: { ...query }, headers: {} };
  return send(connection, service, request, asked, signal);
}

interface Unsigned {
  method: 'GET' | 'POST';
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: string;
}

async function send<T extends z.ZodType>(
  connection: Connection,
  { host, signingName = host }: Service,
  { method, path, query, headers: own, body }: Unsigned,
  { output, doing }: { output: T; doing: Message },
  signal: AbortSignal,
): Promise<z.infer<T>> {
  const client = await connection.iot();
  const credentials = await calling(doing, () => client.config.credentials());
  const { region } = connection;
  const ending = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const base = connection.endpoint ?? `https://${host}.${region}.${ending}`;
  if (credentials.sessionToken !== undefined) refuseExposed(base, 'token');
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signer = new SignatureV4({ credentials, region, service: signingName, sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query },
      headers: { host: url.host, ...own },
      ...defined({ body }),
    },
    { signingDate: new Date(connection.clock.now() + client.config.systemClockOffset) },
  );
  const reply = await connection
    .http()
    .send({ method, url: url.href, headers, ...defined({ body }), signal });
  const { status, text } = reply;
  if (status === 200) {
    const read = parseJson(output, text);
    if (read.ok) return read.value;
    throw new CmsError('AWS_ANSWER_UNEXPECTED', doing, { details: { status } });
  }
  const said = parseJson(failure, text);
  const typed = reply.headers['x-amzn-errortype']?.replace(/:.*$/, '');
  const name = typed ?? (said.ok ? (said.value.__type ?? said.value.code) : undefined) ?? 'UnknownError';
  const error = Object.assign(
    new Error(said.ok ? (said.value.message ?? said.value.Message ?? name) : name),
    {
      name: name.replace(/^.*#/, ''),
      $metadata: { httpStatusCode: status },
    },
  );
  throw toCmsError(error, doing);
}
