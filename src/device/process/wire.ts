import { isIP } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { background } from '../../core/background.ts';
import { defined } from '../../core/defined.ts';
import { asCmsError, cancelled } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { DeviceIdentity } from '../../protocol/device.ts';
import {
  type Attempt,
  connectionLost,
  handshakeFailed,
  noAnswerInTime,
  refused,
  unreachable,
  unusable,
} from './connectErrors.ts';
import { createMqttSession } from './mqttSession.ts';

/** An open connection. Messages are sent in the order of their `publish`. */
export interface Wire {
  /** Resolves when the message is acknowledged. */
  publish(topic: string, payload: string): Promise<unknown>;
  /** Aborted, with a CmsError as its reason, when the connection is gone. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

export interface WireRequest extends Attempt {
  identity: DeviceIdentity;
  connectTimeoutMs: number;
}

/** What a vehicle's connection needs to know of its jobs. */
export interface JobListener {
  /** What to subscribe to when the connection opens; undefined = nothing. */
  readonly filter: string | undefined;
  /** The subscription is granted: `publish` sends on this connection. */
  listening(publish: Wire['publish']): void;
  /** The server said no, or ended the connection because of it. */
  refused(how: 'denied' | 'dropped'): void;
  message(topic: string, payload: Uint8Array): void;
  /** The connection has ended. */
  closed(): void;
}

/** AWS IoT's shortest is 30 s; a vehicle that hangs is noticed within twice that. */
const KEEP_ALIVE_SECONDS = 30;
/** A server that does not answer a subscription is no reason not to drive. */
const SUBSCRIBE_TIMEOUT_MS = 5000;
/** Time for the last bytes to leave before the socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2000;
/** On this port AWS IoT takes MQTT for what names it so. Source: AWS IoT Developer Guide, "Device communication protocols". */
const ALPN = { port: 443, protocol: 'x-amzn-mqtt-ca' };

const noNetwork = l10n.t('there is no network');
/** By the code of the socket's error: no server answered. */
const UNREACHABLE: Readonly<Record<string, Message>> = {
  ECONNREFUSED: l10n.t('nothing listens there'),
  ENOTFOUND: l10n.t('its name is not known'),
  EAI_AGAIN: l10n.t('its name cannot be looked up now'),
  ETIMEDOUT: noAnswerInTime,
  EHOSTUNREACH: l10n.t('there is no way to it'),
  ENETUNREACH: noNetwork,
  ENETDOWN: noNetwork,
};

/** Read once for each vehicle, however often it connects. */
const contexts = new WeakMap<DeviceIdentity, SecureContext>();

/**
 * Opens a device's own connection: MQTT over mutual TLS, trusting the broker's root only. It subscribes to nothing but
 * its jobs, and is open when that is answered: AWS IoT drops a client that subscribes to what it may not.
 * @throws CmsError ENDPOINT_UNREACHABLE, MQTT_CONNECT_REFUSED, MQTT_CONNECTION_LOST, CERTIFICATE_UNUSABLE or CANCELLED
 */
export function openWire(request: WireRequest, signal: AbortSignal, jobs?: JobListener): Promise<Wire> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw cancelled();
    const socket = openSocket(request, contextOf(request));
    const lost = new AbortController();
    let open = false;
    let asking = false;

    const settled = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    const fail = (error: Error) => {
      asking = false;
      settled();
      reject(error);
      socket.destroy();
    };
    const stop = () => fail(cancelled());
    let timer = setTimeout(() => fail(unreachable(request, noAnswerInTime)), request.connectTimeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    const ready = () => {
      if (open) return;
      open = true;
      settled();
      resolve({
        publish: (topic, payload) => session.publish(topic, payload),
        lost: lost.signal,
        close() {
          jobs?.closed();
          return closed(socket, () => session.close());
        },
      });
    };
    const ask = (listener: JobListener, filter: string) => {
      clearTimeout(timer);
      asking = true;
      timer = setTimeout(ready, SUBSCRIBE_TIMEOUT_MS);
      const answered = session.subscribe([filter], 1).then((granted) => {
        asking = false;
        ready();
        if (granted) listener.listening((topic, payload) => session.publish(topic, payload));
        else listener.refused('denied');
      });
      background(answered, (error) => fail(asCmsError(error)));
    };

    const session = createMqttSession(
      socket,
      { clientId: request.clientId, keepAlive: KEEP_ALIVE_SECONDS },
      {
        accepted() {
          const filter = jobs?.filter;
          if (jobs === undefined || filter === undefined) ready();
          else ask(jobs, filter);
        },
        message: (topic, payload) => jobs?.message(topic, payload),
        ended(why) {
          if (asking) jobs?.refused('dropped');
          jobs?.closed();
          if (open) lost.abort(connectionLost(request, why));
          else fail(asking ? connectionLost(request, why) : connectFailure(request, why));
        },
      },
    );
  });
}

function contextOf(request: WireRequest): SecureContext {
  const known = contexts.get(request.identity);
  if (known !== undefined) return known;
  const { certificatePem: cert, privateKeyPem: key } = request.identity;
  try {
    const context = createSecureContext({ cert, key, ca: request.broker.rootCaPem });
    contexts.set(request.identity, context);
    return context;
  } catch (error) {
    throw unusable(request, error);
  }
}

/** What is written to it waits for the handshake. */
function openSocket({ broker: { host, port } }: Attempt, secureContext: SecureContext): TLSSocket {
  const socket = connect({
    host,
    port,
    secureContext,
    ...defined({
      servername: isIP(host) === 0 ? host : undefined,
      ALPNProtocols: port === ALPN.port ? [ALPN.protocol] : undefined,
    }),
  });
  // A sample is small and must not wait for the next.
  socket.setNoDelay(true);
  return socket;
}

/** What Node calls the end of an attempt, in our words. */
function connectFailure(attempt: Attempt, why: Message) {
  // A code of Node's is handed on as it is.
  const code = english(why);
  const noServer = UNREACHABLE[code];
  if (noServer !== undefined) return unreachable(attempt, noServer);
  // The server's alert is about our certificate; all else of TLS is about the server's.
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code) && !code.includes('ALERT')) {
    return handshakeFailed(attempt, code);
  }
  return refused(attempt, why);
}

/** Resolves when the socket is closed, which is not waited for long. */
function closed(socket: TLSSocket, close: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    close();
  });
}
