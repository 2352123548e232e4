import type { IClientOptions, MqttClient } from 'mqtt';
import { defined } from '../core/defined.ts';
import { cancelled, CmsError, isCmsError, messageOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { patiently } from '../core/patience.ts';
import { MOST_PACKET_BYTES, PacketLengths } from '../core/mqttPackets.ts';
import { causeOf, type NetworkCause } from '../network/causes.ts';
import { remedyOf, whyOf } from '../network/causeWords.ts';
import { keepPlace, placeOf, placeWords } from '../network/place.ts';
import { targetOfUrl } from '../network/proxySettings.ts';
import type { Connection } from './connection.ts';
import { CHECK_ENDPOINT, SET_CLOCK, skewOf } from './errors.ts';
import { signedMqttUrl } from './signedMqttUrl.ts';

export interface MqttWish {
  clientId: string;
  /** Published by AWS IoT when the connection is lost. */
  will?: { topic: string; payload: Buffer; qos: 0 | 1; retain: boolean } | undefined;
}

const CONNECT_TIMEOUT_MS = 15_000;
/** Proxies, NAT, and load balancers cut what is silent for a minute; AWS IoT's least. */
const KEEP_ALIVE_SECONDS = 30;
/** Several packets may come in one. */
const MOST_FRAME_BYTES = 4 * MOST_PACKET_BYTES;
/**
 * Connects as the owner of the AWS credentials: MQTT over WebSocket, with a fresh signature. A lost connection stays
 * lost. Throws CANCELLED, or what `mqttProblem` makes a CmsError of.
 */
export async function openMqtt(
  connection: Connection,
  { clientId, will }: MqttWish,
  signal: AbortSignal,
): Promise<MqttClient> {
  const url = await signedMqttUrl(connection, signal);
  const [{ connectAsync }, { WebSocket }] = await Promise.all([import('mqtt'), import('ws')]);
  // The client keeps to itself why it could not connect; the socket knows.
  let why: Error | undefined;
  const options: IClientOptions = {
    clientId,
    ...defined({ will }),
    protocolVersion: 4,
    clean: true,
    keepalive: KEEP_ALIVE_SECONDS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Its own attempts would use the old signature.
    reconnectPeriod: 0,
    transformWsUrl: () => url,
    createWebsocket: (address, protocols) => {
      const { agent } = connection;
      const socket = new WebSocket(address, protocols, {
        agent,
        handshakeTimeout: CONNECT_TIMEOUT_MS,
        maxPayload: MOST_FRAME_BYTES,
      });
      socket.once('error', (error) => (why ??= error));
      socket.once('unexpected-response', (request, response) => {
        why = new RefusedUpgrade(response.statusCode ?? 0, response.headers.date);
        request.destroy();
        socket.terminate();
      });
      const lengths = new PacketLengths();
      socket.on('message', (data) => {
        if (!lengths.accepts(Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[])))
          socket.terminate();
      });
      return socket;
    },
  };
  const { host } = new URL(url);
  const client = connectAsync(url, options, false).catch((error: unknown) => {
    const failure = why ?? error;
    keepPlace(failure, { host, proxy: connection.proxyTo(targetOfUrl(url)) });
    throw failure;
  });
  // A connection that comes up when nobody waits for it any more is closed at once.
  const tooLate = () => void client.then((opened) => opened.end(true)).catch(() => undefined);
  return patiently({ host }, () => Promise.race([client, abortedMqtt(signal, tooLate)]));
}

/** Resolves with the reason when the connection is gone; rejects with CANCELLED. */
export function lostMqtt(client: MqttClient, connection: Connection, signal: AbortSignal): Promise<Error> {
  const gone = new Promise<Error>((resolve) => {
    client.once('error', resolve);
    client.once('close', () => resolve(unreachable(connection, l10n.t('the connection was closed'))));
  });
  return Promise.race([gone, abortedMqtt(signal)]);
}

/** Rejects with CANCELLED when the signal aborts. */
export function abortedMqtt(signal: AbortSignal, then: () => void = () => undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => {
      then();
      reject(cancelled('watch'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** An answer other than the WebSocket that was asked for. */
class RefusedUpgrade extends Error {
  readonly status: number;
  /** What time it is there. */
  readonly date: string | undefined;
  constructor(status: number, date: string | undefined) {
    super(`the answer was ${status}, and no WebSocket`);
    this.status = status;
    this.date = date;
  }
}

/** What a connection failed by. */
export function mqttProblem(error: unknown, connection: Connection): CmsError {
  if (isCmsError(error)) return error;
  if (error instanceof RefusedUpgrade && (error.status === 401 || error.status === 403)) {
    const { label } = connection;
    const skew = skewOf(error.date);
    return new CmsError(
      'ACCESS_DENIED',
      skew === undefined
        ? l10n.t('AWS IoT refused MQTT over WebSocket ({label}).', { label })
        : l10n.t('AWS IoT refused MQTT over WebSocket ({label}): {skew}.', { label, skew }),
      {
        step: 'watch',
        remedy:
          skew === undefined
            ? l10n.t('The credentials need iot:Connect, iot:Subscribe and iot:Receive. Check the clock, too.')
            : SET_CLOCK,
        cause: error,
      },
    );
  }
  if (error instanceof RefusedUpgrade) {
    const { status } = error;
    return unreachable(connection, l10n.t('what answered (status {status}) is not AWS IoT', { status }), {
      cause: error,
      remedy: CHECK_ENDPOINT,
    });
  }
  const cause = causeOf(error);
  return cause === undefined
    ? unreachable(connection, l10n.verbatim(messageOf(error)), { cause: error })
    : unreachable(connection, whyOf(cause), { cause: error, remedy: remedyOf(cause), network: cause });
}

function unreachable(
  { label }: Connection,
  why: Message,
  {
    cause,
    network,
    remedy = l10n.t('Check the network, the region and the endpoint.'),
  }: { cause?: unknown; network?: NetworkCause; remedy?: Message } = {},
): CmsError {
  const place = placeOf(cause);
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    place === undefined
      ? l10n.t('MQTT over WebSocket cannot be reached ({label}): {why}.', { label, why })
      : l10n.t('MQTT over WebSocket cannot be reached at {where} ({label}): {why}.', {
          where: placeWords(place, network),
          label,
          why,
        }),
    { step: 'watch', remedy, cause, details: defined({ ...place }) },
  );
}
