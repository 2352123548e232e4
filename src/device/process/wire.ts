import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { background } from '../../core/background.ts';
import { asCmsError, cancelled } from '../../core/errors.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import { english } from '../../core/wording.ts';
import { causeOf } from '../../network/causes.ts';
import { mqttTls } from '../../network/handshake.ts';
import { inspectorOf } from '../../network/inspection.ts';
import { openTunnel } from '../../network/proxyAgent.ts';
import { certificateOf } from '../../network/shownCertificate.ts';
import type { DeviceIdentity } from '../../protocol/device.ts';
import { bounded } from './bounded.ts';
import {
  type Attempt,
  connectFailed,
  connectionLost,
  inspected,
  noAnswerInTime,
  unreachable,
  unreachableBecause,
  unusable,
} from './connectErrors.ts';
import { createMqttSession } from './mqttSession.ts';

/** An open connection. Messages are sent in the order of the `publish` calls. */
export interface Wire {
  /** Resolves when the message is acknowledged. */
  publish(topic: string, payload: string | Uint8Array): Promise<unknown>;
  /** Aborted, with a CmsError as its reason, when the connection is gone. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

export interface WireRequest extends Attempt {
  identity: DeviceIdentity;
  connectTimeoutMs: number;
}

/** The vehicle's jobs, as its connection sees them. */
export interface JobListener {
  /** The filter to subscribe to when the connection opens; undefined for none. */
  readonly filter: string | undefined;
  /** Called when the subscription is granted. `publish` sends on this connection. */
  listening(publish: Wire['publish']): void;
  /** Called when the server refused the subscription, or dropped the connection because of it. */
  refused(how: 'denied' | 'dropped'): void;
  message(topic: string, payload: Uint8Array): void;
  /** Called when the connection has ended. */
  closed(): void;
}

/** The shortest keep-alive of AWS IoT. A dead connection is noticed within twice that time. */
const KEEP_ALIVE_SECONDS = 30;
/** After this time without an answer to the subscription, the vehicle drives anyway. */
const SUBSCRIBE_TIMEOUT_MS = 5000;
/** Time for the last bytes to leave before the socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2000;
/** A cache, because a vehicle may connect many times. */
const contexts = new WeakMap<DeviceIdentity, SecureContext>();

/**
 * Opens a device's own connection: MQTT over mutual TLS, trusting only the broker's root. Subscribes to its jobs
 * only, and counts as open when that is answered, because AWS IoT drops a client for a forbidden subscription.
 * @throws CmsError ENDPOINT_UNREACHABLE, MQTT_CONNECT_REFUSED, MQTT_CONNECTION_LOST, CERTIFICATE_UNUSABLE or CANCELLED
 */
export async function openWire(request: WireRequest, signal: AbortSignal, jobs?: JobListener): Promise<Wire> {
  const secureContext = contextOf(request);
  const tunnel = await openPath(request, signal);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      tunnel?.destroy();
      throw cancelled();
    }
    const socket = openSocket(request, secureContext, tunnel);
    const certificate = certificateOf(socket);
    const lost = new AbortController();
    let open = false;
    let subscribing = false;

    const settled = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    const fail = (error: Error) => {
      subscribing = false;
      settled();
      reject(error);
      socket.destroy();
    };
    const stop = () => fail(cancelled());
    let isSecure = false;
    let inspector: string | undefined;
    socket.once('secureConnect', () => {
      isSecure = true;
      inspector = inspectorOf(socket, request.broker.host);
    });
    const late = () => {
      if (inspector !== undefined) return inspected(request, inspector);
      const isMute = !socket.connecting && !isSecure;
      return isMute ? connectFailed(request, 'TLS_SILENT') : unreachable(request, noAnswerInTime);
    };
    let timer = setTimeout(() => fail(late()), request.connectTimeoutMs);
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
          return closeSocket(socket, () => session.close());
        },
      });
    };
    const ask = (listener: JobListener, filter: string) => {
      clearTimeout(timer);
      subscribing = true;
      timer = setTimeout(ready, SUBSCRIBE_TIMEOUT_MS);
      const answered = session.subscribe([filter], 1).then((granted) => {
        subscribing = false;
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
          if (subscribing) jobs?.refused('dropped');
          jobs?.closed();
          if (open) lost.abort(connectionLost(request, why));
          else if (subscribing) fail(connectionLost(request, why));
          else if (inspector !== undefined) fail(inspected(request, inspector));
          // Node's error codes are passed on verbatim.
          else fail(connectFailed(request, english(why), { why, cert: certificate() }));
        },
      },
    );
  });
}

/**
 * Opens the same connection up to TLS, says nothing on it for so many milliseconds, and tells how long it was open and
 * whether the other side ended it.
 * @throws CmsError as `openWire` does
 */
export async function holdWire(
  request: WireRequest,
  forMs: number,
  signal: AbortSignal,
): Promise<{ openMs: number; ended: boolean }> {
  const secureContext = contextOf(request);
  const socket = openSocket(request, secureContext, await openPath(request, signal));
  try {
    return await new Promise((resolve, reject) => {
      let openedAt: number | undefined;
      const age = () => performance.now() - (openedAt ?? performance.now());
      const timer = setTimeout(
        () =>
          openedAt === undefined
            ? reject(unreachable(request, noAnswerInTime))
            : resolve({ openMs: age(), ended: false }),
        forMs,
      );
      const over = () => {
        clearTimeout(timer);
        if (openedAt === undefined) reject(unreachable(request, noAnswerInTime));
        else resolve({ openMs: age(), ended: true });
      };
      socket.once('secureConnect', () => (openedAt = performance.now()));
      socket.once('error', over);
      socket.once('end', over);
      socket.once('close', over);
      socket.resume();
      signal.addEventListener('abort', () => reject(cancelled()), { once: true });
    });
  } finally {
    socket.destroy();
  }
}

function contextOf(request: WireRequest): SecureContext {
  const cached = contexts.get(request.identity);
  if (cached !== undefined) return cached;
  const { certificatePem: cert, privateKeyPem: key } = request.identity;
  keepPrivateKey(key);
  try {
    const context = createSecureContext({ cert, key, ca: request.broker.rootCaPem });
    contexts.set(request.identity, context);
    return context;
  } catch (error) {
    throw unusable(request, error);
  }
}

/** The tunnel through the proxy of the broker; undefined when there is none. */
async function openPath(request: WireRequest, signal: AbortSignal): Promise<Socket | undefined> {
  const { broker, connectTimeoutMs } = request;
  if (broker.proxy === undefined) return undefined;
  const opening = openTunnel(broker.proxy, broker, { roots: broker.proxyRoots, signal });
  const bounds = { timeoutMs: connectTimeoutMs, signal };
  try {
    return await bounded(opening, bounds, () => unreachable(request, noAnswerInTime));
  } catch (error) {
    // One that stands too late is closed at once.
    opening.then(
      (late) => late.destroy(),
      () => undefined,
    );
    const cause = causeOf(error);
    throw cause === undefined ? error : unreachableBecause(request, cause);
  }
}

/** Opens a socket. Data written to it waits for the handshake. */
function openSocket(
  { broker: { host, port } }: Attempt,
  secureContext: SecureContext,
  tunnel: Socket | undefined,
): TLSSocket {
  const socket = connect({
    ...(tunnel === undefined ? { host, port } : { socket: tunnel }),
    secureContext,
    ...mqttTls({ host, port }),
  });
  // A small message must not wait for the next one.
  socket.setNoDelay(true);
  return socket;
}

/** Closes the socket. Resolves when it is closed; destroys it if that takes too long. */
function closeSocket(socket: TLSSocket, close: () => void): Promise<void> {
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
