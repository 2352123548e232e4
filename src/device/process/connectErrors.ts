import { CmsError, messageOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import { causeOfCode, type NetworkCause } from '../../network/causes.ts';
import { remedyOf, whyOf } from '../../network/causeWords.ts';
import { isAwsHost } from '../../network/awsHosts.ts';
import { placeWords } from '../../network/place.ts';
import { proxyName } from '../../network/proxySettings.ts';
import type { Broker } from '../../protocol/device.ts';

/** The facts about a connection that its errors mention. */
export interface Attempt {
  broker: Broker;
  clientId: string;
  /** The name of the certificate in messages, such as "claim certificate". */
  what: Message;
}

/** Nobody answered, or nobody who speaks TLS: it is not about certificates. */
const NO_SERVER: ReadonlySet<NetworkCause['kind']> = new Set([
  'name-unknown',
  'name-lookup-failed',
  'refused',
  'silent',
  'mute',
  'not-tls',
  'no-mqtt',
  'no-route',
  'no-network',
  'forbidden',
  'no-address',
]);
/** What is wrong with the server's certificate, seen from here. */
const ABOUT_CERTIFICATE: ReadonlySet<NetworkCause['kind']> = new Set([
  'untrusted',
  'expired',
  'early',
  'other-host',
  'weak',
]);

/**
 * The error for a failed connect, whichever library made it.
 * @param code Node's, or one that Node has no code for
 * @param why what is said where nothing is known of the code
 * @param cert what the server showed, as Node.js gives it
 */
export function connectFailed(
  attempt: Attempt,
  code: string,
  { why = l10n.verbatim(code), cert }: { why?: Message; cert?: unknown } = {},
): CmsError {
  const cause = causeOfCode(code);
  if (cause !== undefined && NO_SERVER.has(cause.kind)) return unreachableBecause(attempt, cause);
  // A TLS alert comes from the server and is about our certificate. All other TLS errors are about the server's.
  const about = cause !== undefined && cause.kind !== 'cut' && !code.includes('ALERT');
  if (about || /^ERR_(TLS|SSL)|^AWS_IO_TLS_ERROR_(NEGOTIATION|DEFAULT_TRUST)/.test(code))
    return handshakeFailed(attempt, code, cert);
  return refused(attempt, why);
}

/** ENDPOINT_UNREACHABLE for a cause, with what helps against it. */
export function unreachableBecause(attempt: Attempt, cause: NetworkCause, why = whyOf(cause)): CmsError {
  if (cause.kind === 'mute' || cause.kind === 'not-tls' || cause.kind === 'no-mqtt') {
    const remedy = l10n.t(
      'Something in between, such as a firewall or a proxy, does not let MQTT through: it needs port 8883 or 443 of this host.',
    );
    return unreachable(attempt, why, remedy, cause);
  }
  return attempt.broker.proxy === undefined && cause.kind !== 'forbidden'
    ? unreachable(attempt, why)
    : unreachable(attempt, why, remedyOf(cause), cause);
}

/** ENDPOINT_UNREACHABLE: no server answered. */
export function unreachable(
  attempt: Attempt,
  why: Message,
  remedy = l10n.t('Check the region and the network: MQTT needs port 8883 or 443 open outwards.'),
  cause?: NetworkCause,
): CmsError {
  const { proxy } = attempt.broker;
  const place = {
    host: addressOf(attempt),
    proxy: proxy === undefined ? undefined : proxyName(proxy),
  };
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    l10n.t('The MQTT endpoint {address} cannot be reached: {why}.', {
      address: placeWords(place, cause),
      why,
    }),
    {
      step: 'connect',
      remedy,
      details: { host: attempt.broker.host, port: attempt.broker.port },
    },
  );
}

/** MQTT_CONNECT_REFUSED: the server closed the connection before accepting MQTT. */
export function refused(attempt: Attempt, why: Message): CmsError {
  const { broker, clientId, what } = attempt;
  return new CmsError(
    'MQTT_CONNECT_REFUSED',
    l10n.t('{address} closed the connection of client {clientId} ({why}).', {
      address: addressOf(attempt),
      clientId,
      why,
    }),
    {
      step: 'connect',
      remedy: l10n.t(
        'Likely causes: the {certificate} is not ACTIVE, has expired or is unknown there; its policy does not allow iot:Connect for this client id; or it is not attached to the thing of that name.',
        { certificate: what },
      ),
      details: { host: broker.host, port: broker.port, clientId, mqttError: english(why) },
    },
  );
}

/** MQTT_CONNECT_REFUSED: the TLS handshake failed. `reason` is the library's name for it, `cert` what the server showed. */
export function handshakeFailed(attempt: Attempt, reason: string, cert?: unknown): CmsError {
  const cause = causeOfCode(reason, cert);
  const values = { address: addressOf(attempt), reason };
  return new CmsError(
    'MQTT_CONNECT_REFUSED',
    cause !== undefined && ABOUT_CERTIFICATE.has(cause.kind)
      ? l10n.t('The TLS handshake with {address} failed: {why} ({reason}).', { ...values, why: whyOf(cause) })
      : l10n.t('The TLS handshake with {address} failed ({reason}).', values),
    {
      step: 'connect',
      remedy: handshakeRemedy(attempt, cause),
      details: { host: attempt.broker.host, port: attempt.broker.port, tlsError: reason },
    },
  );
}

function handshakeRemedy({ broker, what }: Attempt, cause: NetworkCause | undefined): Message {
  if (cause?.kind === 'expired' || cause?.kind === 'early' || cause?.kind === 'other-host') {
    return remedyOf(cause);
  }
  // Amazon's roots are always trusted: whoever shows another certificate is not AWS.
  if ((cause?.kind === 'untrusted' || cause?.kind === 'weak') && isAwsHost(broker.host))
    return exempt(broker.host);
  return l10n.t(
    "The server must show a certificate for this host name signed by the given root: check the endpoint, the CA file and this computer's clock. A {certificate} that is not ACTIVE can look the same.",
    { certificate: what },
  );
}

/** MQTT_CONNECT_REFUSED: the connection was ended, and who answered in place of AWS is known. */
export function inspected(attempt: Attempt, signer: string): CmsError {
  const { broker } = attempt;
  return new CmsError(
    'MQTT_CONNECT_REFUSED',
    l10n.t('The connection to {address} was ended; the certificate shown there is signed by {signer}.', {
      address: addressOf(attempt),
      signer,
    }),
    {
      step: 'connect',
      remedy: exempt(broker.host),
      details: { host: broker.host, port: broker.port, tlsError: 'inspected', signer },
    },
  );
}

function exempt(host: string): Message {
  return l10n.t(
    'Something on the network inspects TLS, such as a company proxy. Client certificates cannot pass it: ask your IT department to exempt {host} from inspection.',
    { host },
  );
}

/** MQTT_CONNECTION_LOST: an open connection dropped. */
export function connectionLost(attempt: Attempt, why: Message): CmsError {
  const { clientId } = attempt;
  return new CmsError(
    'MQTT_CONNECTION_LOST',
    l10n.t('{address} dropped the connection ({why}).', { address: addressOf(attempt), why }),
    {
      remedy: l10n.t(
        'AWS IoT drops a client whose policy forbids what it just did, or whose client id ({clientId}) connected somewhere else; a broken network looks the same.',
        { clientId },
      ),
      details: { clientId, mqttError: english(why) },
    },
  );
}

/** CERTIFICATE_UNUSABLE: the files cannot be parsed for TLS. */
export function unusable(attempt: Attempt, error: unknown): CmsError {
  return new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('The {certificate}, its key or the root certificate cannot be used for TLS: {problem}', {
      certificate: attempt.what,
      problem: messageOf(error),
    }),
    { step: 'connect', remedy: l10n.t('Check the certificate files.'), cause: error },
  );
}

export const noAnswerInTime = l10n.t('no answer in time');

function addressOf({ broker }: Attempt): string {
  return `${broker.host}:${broker.port}`;
}
