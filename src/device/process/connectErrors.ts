import { CmsError, messageOf } from '../../core/errors.ts';
import type { Broker } from '../../protocol/device.ts';

/** A connect that failed, or a connection that dropped: what its errors name. */
export interface Attempt {
  broker: Broker;
  clientId: string;
  /** What the certificate is called in messages: "claim certificate". */
  what: string;
}

/** ENDPOINT_UNREACHABLE: nobody there was spoken to. */
export function unreachable(attempt: Attempt, why: string): CmsError {
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    `The MQTT endpoint ${addressOf(attempt)} cannot be reached: ${why}.`,
    {
      step: 'connect',
      remedy: 'Check the region and the network: MQTT needs port 8883 open outwards.',
      details: { host: attempt.broker.host, port: attempt.broker.port },
    },
  );
}

/** MQTT_CONNECT_REFUSED: the server ended it before MQTT was accepted. `why` is the library's name for it. */
export function refused(attempt: Attempt, why: string): CmsError {
  const { broker, clientId, what } = attempt;
  return new CmsError(
    'MQTT_CONNECT_REFUSED',
    `${addressOf(attempt)} closed the connection of client ${clientId} (${why}).`,
    {
      step: 'connect',
      remedy:
        `Likely causes: the ${what} is not ACTIVE, has expired or is unknown there; its policy does not ` +
        'allow iot:Connect for this client id; or it is not attached to the thing of that name.',
      details: { host: broker.host, port: broker.port, clientId, mqttError: why },
    },
  );
}

/** MQTT_CONNECT_REFUSED: no TLS between the two. */
export function handshakeFailed(attempt: Attempt, reason: string): CmsError {
  return new CmsError(
    'MQTT_CONNECT_REFUSED',
    `The TLS handshake with ${addressOf(attempt)} failed (${reason}).`,
    {
      step: 'connect',
      remedy:
        'The server must show a certificate for this host name signed by the given root: check the endpoint, the ' +
        `CA file and this computer's clock. A ${attempt.what} that is not ACTIVE can look the same.`,
      details: { host: attempt.broker.host, port: attempt.broker.port, tlsError: reason },
    },
  );
}

/** MQTT_CONNECTION_LOST: it had been open. */
export function connectionLost(attempt: Attempt, why: string): CmsError {
  return new CmsError('MQTT_CONNECTION_LOST', `${addressOf(attempt)} dropped the connection (${why}).`, {
    remedy:
      `AWS IoT drops a client whose policy forbids what it just did, or whose client id (${attempt.clientId}) ` +
      'connected somewhere else; a broken network looks the same.',
    details: { clientId: attempt.clientId, mqttError: why },
  });
}

/** CERTIFICATE_UNUSABLE: the files cannot even be read for TLS. */
export function unusable(attempt: Attempt, error: unknown): CmsError {
  return new CmsError(
    'CERTIFICATE_UNUSABLE',
    `The ${attempt.what}, its key or the root certificate cannot be used for TLS: ${messageOf(error)}`,
    { step: 'connect', remedy: 'Check the certificate files.', cause: error },
  );
}

function addressOf({ broker }: Attempt): string {
  return `${broker.host}:${broker.port}`;
}
