import { SignatureV4 } from '@smithy/signature-v4';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { Sha256 } from './sha256.ts';

export interface SignedCall {
  /** As in host names and signatures: `batch`. */
  service: string;
  path: string;
  /** Of a service of the AWS JSON protocol. */
  target?: string;
  body: object;
  /** What is being done, for errors. */
  doing: Message;
}

/**
 * A call of a service without a client of its own here, signed with the connection's credentials. Returns the answer as
 * text. @throws CmsError ACCESS_DENIED, AWS_CALL_FAILED with AWS's own words, or what credentials and network throw
 */
export async function signedCall(
  connection: Connection,
  { service, path, target, body, doing }: SignedCall,
  signal?: AbortSignal,
): Promise<string> {
  const client = await connection.iot();
  const credentials = await calling(doing, () => client.config.credentials());
  const ending = connection.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(path, connection.endpoint ?? `https://${service}.${connection.region}.${ending}`);
  if (credentials.sessionToken !== undefined) refuseExposed(url.href, 'token');
  const text = JSON.stringify(body);
  const signer = new SignatureV4({ credentials, region: connection.region, service, sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname, body: text },
      headers: {
        host: url.host,
        'content-type': target === undefined ? 'application/json' : 'application/x-amz-json-1.1',
        ...defined({ 'x-amz-target': target }),
      },
    },
    // The SDK learns from each answer how far this computer's clock is off.
    { signingDate: new Date(Date.now() + client.config.systemClockOffset) },
  );
  const reply = await connection
    .http()
    .send({ method: 'POST', url: url.href, headers, body: text, ...defined({ signal }) });
  if (reply.status >= 200 && reply.status < 300) return reply.text;
  throw refused(reply, doing);
}

function refused(
  { status, headers, text }: { status: number; headers: Record<string, string>; text: string },
  doing: Message,
): CmsError {
  const name =
    (headers['x-amzn-errortype'] ?? /"__type":"([^"]+)"/.exec(text)?.[1] ?? '').split(/[:#]/).at(-1) ?? '';
  const said = /"[mM]essage":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? name;
  const denied = status === 403 || name.startsWith('AccessDenied');
  const why = l10n.verbatim(said === '' ? String(status) : said);
  return new CmsError(
    denied ? 'ACCESS_DENIED' : 'AWS_CALL_FAILED',
    l10n.t('{doing}: AWS refused: {why}', { doing, why }),
    {
      remedy: denied
        ? l10n.t('Allow it in the policy of these credentials.')
        : l10n.t('Correct what AWS says, and run it again.'),
      details: { status, ...(name === '' ? {} : { awsCode: name }) },
    },
  );
}
