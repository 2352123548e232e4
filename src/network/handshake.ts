import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { cancelled } from '../core/errors.ts';
import { defined } from '../core/defined.ts';
import { causeOf } from './causes.ts';
import { openTunnel } from './proxyAgent.ts';
import type { Way } from './proxySettings.ts';

/** Whom to speak TLS with, and how to get there. */
export interface TlsServer {
  host: string;
  port: number;
  proxy?: Way;
  /** PEM of the roots by which a proxy that speaks TLS is judged; without them those of Node.js. */
  proxyRoots?: readonly string[] | undefined;
  /** PEM of the roots by which the verdict is made. */
  ca?: string | readonly string[];
}

/**
 * On this port AWS IoT takes MQTT for the protocol of that name. Source: AWS IoT Developer Guide, "Device communication
 * protocols".
 */
const ALPN = { port: 443, protocol: 'x-amzn-mqtt-ca' };

/** What TLS needs to know of an MQTT server besides the way to it. */
export function mqttTls({ host, port }: Pick<TlsServer, 'host' | 'port'>) {
  return defined({
    servername: isIP(host) === 0 ? host : undefined,
    ALPNProtocols: port === ALPN.port ? [ALPN.protocol] : undefined,
  });
}

export interface HandshakeOptions {
  timeoutMs: number;
  signal: AbortSignal;
  /** Names of protocols, and of the server. */
  tls?: { servername?: string; ALPNProtocols?: string[] };
}

/**
 * Speaks TLS with a server as nobody, lets `look` at the connection, and closes it. The server's certificate is not
 * judged, but `look` finds the verdict. Rejects with the errors of Node.js (ETIMEDOUT after `timeoutMs`, TLS_SILENT when
 * the connection stood and nothing came), a ProxyFailure, or CmsError CANCELLED.
 */
export async function handshake<T>(
  { host, port, proxy, proxyRoots, ca }: TlsServer,
  { timeoutMs, signal, tls = mqttTls({ host, port }) }: HandshakeOptions,
  look: (socket: TLSSocket) => T,
): Promise<T> {
  let socket: Socket | undefined;
  let secure: TLSSocket | undefined;
  const over = new AbortController();
  let stop: (error: Error) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => (stop = reject));
  // No byte came over a connection that stands: that is no slow network.
  const isMute = () => socket?.connecting === false && socket.bytesRead === 0;
  const timer = setTimeout(() => stop(failure(isMute() ? 'TLS_SILENT' : 'ETIMEDOUT')), timeoutMs);
  const abort = () => stop(cancelled());
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const work = (async () => {
    socket =
      proxy === undefined
        ? connectTcp({ host, port })
        : await openTunnel(proxy, { host, port }, { roots: proxyRoots, signal: over.signal });
    const plain = socket;
    // It came just when nobody waited any more.
    if (over.signal.aborted) plain.destroy();
    const opening = connect({
      socket: plain,
      rejectUnauthorized: false,
      ...tls,
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
    });
    secure = opening;
    await new Promise<void>((resolve, reject) => {
      opening.once('secureConnect', resolve);
      opening.on('error', reject);
      plain.on('error', reject);
      opening.once('close', () => reject(failure('ECONNRESET')));
    });
    return look(opening);
  })();
  // One that fails after the wait has ended must not count as unhandled.
  work.catch(() => undefined);
  stopped.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    over.abort();
    secure?.destroy();
    socket?.destroy();
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * Whether a server that takes MQTT ended the handshake by an alert: it wants a certificate, which was not shown. One that
 * does not know the protocol is another server.
 */
export function isMqttAlert(error: unknown): boolean {
  const cause = causeOf(error);
  return cause !== undefined && cause.kind !== 'no-mqtt' && 'code' in cause && cause.code.includes('ALERT');
}
