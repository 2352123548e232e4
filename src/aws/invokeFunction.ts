import { SignatureV4 } from '@smithy/signature-v4';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { throttled } from '../core/throttled.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { Sha256 } from './sha256.ts';

/** A cold function in a network of its own takes its time. Milliseconds. */
const TIMEOUT_MS = 30_000;

/**
 * Calls a Lambda function and waits for its answer. One call needs no client of the SDK.
 * Source: AWS Lambda API reference, Invoke.
 * @throws CmsError ACCESS_DENIED, AWS_THROTTLED, AWS_CALL_FAILED, ENDPOINT_UNREACHABLE
 */
export async function invokeFunction(
  connection: Connection,
  name: string,
  payload: object,
  signal: AbortSignal,
): Promise<void> {
  const doing = l10n.t('calling the function {name}', { name });
  const client = await connection.iot();
  const credentials = await calling(doing, () => client.config.credentials());
  const { region } = connection;
  const ending = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const base = connection.endpoint ?? `https://lambda.${region}.${ending}`;
  if (credentials.sessionToken !== undefined) refuseExposed(base, 'token');
  const url = new URL(`/2015-03-31/functions/${encodeURIComponent(name)}/invocations`, base);
  const body = JSON.stringify(payload);
  const signer = new SignatureV4({ credentials, region, service: 'lambda', sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname },
      headers: { host: url.host, 'content-type': 'application/json' },
      body,
    },
    { signingDate: new Date(connection.clock.now() + client.config.systemClockOffset) },
  );
  const { status, headers: said } = await connection
    .http()
    .send({ method: 'POST', url: url.href, headers, body, signal, timeoutMs: TIMEOUT_MS });
  const failure = said['x-amz-function-error'];
  if (status === 200 && failure === undefined) return;
  if (status === 429) {
    throw throttled(
      doing,
      { who: l10n.verbatim('AWS'), why: l10n.verbatim('HTTP 429') },
      { details: { status } },
    );
  }
  throw new CmsError(
    status === 403 ? 'ACCESS_DENIED' : 'AWS_CALL_FAILED',
    failure === undefined
      ? l10n.t('{doing} failed: HTTP {status}.', { doing: l10n.capital(doing), status })
      : l10n.t('{doing} failed: the function threw ({failure}).', { doing: l10n.capital(doing), failure }),
    { details: { status } },
  );
}
