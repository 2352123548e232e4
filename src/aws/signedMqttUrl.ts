import { SignatureV4 } from '@smithy/signature-v4';
import { l10n } from '../core/message.ts';
import { keepPassingSecret } from '../core/secrets.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { Sha256 } from './sha256.ts';

/** Signed addresses are used at once; each new connection gets its own. Seconds. */
const EXPIRES = 60;

/**
 * The address of MQTT over WebSocket, signed with the connection's credentials.
 * Source: AWS IoT Developer Guide, "Device communication protocols", MQTT over WebSocket: the session token is added
 * after signing. Throws what the credentials throw.
 */
export async function signedMqttUrl(connection: Connection, signal?: AbortSignal): Promise<string> {
  const client = await connection.iot();
  const { sessionToken, ...credentials } = await calling(l10n.t('signing in to AWS IoT'), () =>
    client.config.credentials(),
  );
  const base =
    connection.endpoint ?? `https://${(await connection.mqttEndpoint(signal)).host.replace(/:\d+$/, '')}`;
  if (sessionToken !== undefined) refuseExposed(base, 'token');
  const url = new URL('/mqtt', base);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  const signer = new SignatureV4({
    credentials,
    region: connection.region,
    service: 'iotdevicegateway',
    sha256: Sha256,
    applyChecksum: false,
  });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { host: url.host },
    },
    // The SDK learns from each answer how far this computer's clock is off.
    { expiresIn: EXPIRES, signingDate: new Date(Date.now() + client.config.systemClockOffset) },
  );
  for (const [name, value] of Object.entries(query)) {
    if (name === 'X-Amz-Signature') keepPassingSecret([value ?? []].flat()[0]);
    for (const one of [value ?? []].flat()) url.searchParams.append(name, one);
  }
  if (sessionToken !== undefined) url.searchParams.append('X-Amz-Security-Token', sessionToken);
  return url.href;
}
