import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Message } from '../core/message.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { toCmsError } from './errors.ts';
import { refuseExposed } from './exposed.ts';
import { Sha256 } from './sha256.ts';

/** An operation of a service that speaks JSON 1.1, such as ECS. */
export interface JsonOperation {
  /** As in the name of its hosts, and in signatures. */
  readonly host: string;
  readonly signingName?: string;
  /** Before the operation in `X-Amz-Target`. */
  readonly target: string;
  readonly operation: string;
}

const failure = z.looseObject({
  __type: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/**
 * Calls a service of which too little is needed for a client of the SDK. Source: Smithy, AWS JSON 1.1 protocol.
 * @throws CmsError as for every AWS call, AWS_ANSWER_UNEXPECTED for a body that is not as the schema says
 */
export async function signedJson<T extends z.ZodType>(
  connection: Connection,
  { host, signingName = host, target, operation }: JsonOperation,
  { input, output, doing }: { input: object; output: T; doing: Message },
  signal: AbortSignal,
): Promise<z.infer<T>> {
  const client = await connection.iot();
  const credentials = await calling(doing, () => client.config.credentials());
  const { region } = connection;
  const ending = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const base = connection.endpoint ?? `https://${host}.${region}.${ending}`;
  if (credentials.sessionToken !== undefined) refuseExposed(base, 'token');
  const url = new URL('/', base);
  const body = JSON.stringify(input);
  const signer = new SignatureV4({ credentials, region, service: signingName, sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname },
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${target}.${operation}`,
      },
      body,
    },
    { signingDate: new Date(connection.clock.now() + client.config.systemClockOffset) },
  );
  const { status, text } = await connection
    .http()
    .send({ method: 'POST', url: url.href, headers, body, signal });
  if (status === 200) {
    const read = parseJson(output, text);
    if (read.ok) return read.value;
    throw new CmsError('AWS_ANSWER_UNEXPECTED', doing, { details: { status } });
  }
  const said = parseJson(failure, text);
  const name = said.ok ? (said.value.__type ?? said.value.code ?? 'UnknownError') : 'UnknownError';
  const error = Object.assign(
    new Error(said.ok ? (said.value.message ?? said.value.Message ?? name) : name),
    {
      name: name.replace(/^.*#/, ''),
      $metadata: { httpStatusCode: status },
    },
  );
  throw toCmsError(error, doing);
}
