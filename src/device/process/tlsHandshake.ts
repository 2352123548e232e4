import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { defined } from '../../core/defined.ts';
import { openTunnel } from '../../network/proxyAgent.ts';
import type { Broker } from '../../protocol/device.ts';
import { bounded, type Bounds } from './bounded.ts';

/**
 * On this port AWS IoT takes MQTT for the protocol of that name. Source: AWS IoT Developer Guide, "Device communication
 * protocols".
 */
export const ALPN = { port: 443, protocol: 'x-amzn-mqtt-ca' };

/** What TLS needs to know of a broker besides the way to it. */
export function tlsNames({ host, port }: Pick<Broker, 'host' | 'port'>) {
  return defined({
    servername: isIP(host) === 0 ? host : undefined,
    ALPNProtocols: port === ALPN.port ? [ALPN.protocol] : undefined,
  });
}

/**
 * Speaks TLS with a broker as nobody, lets `look` at the connection, and closes it. The server's certificate is not
 * judged, but `look` finds the verdict. Rejects with the errors of Node.js, or ETIMEDOUT.
 */
export async function handshake<T>(
  broker: Broker,
  bounds: Bounds,
  look: (socket: TLSSocket) => T,
): Promise<T> {
  const { host, port, proxy, rootCaPem } = broker;
  let socket: Socket | undefined;
  let secure: TLSSocket | undefined;
  const done = (async () => {
    socket = proxy === undefined ? connectTcp({ host, port }) : await openTunnel(proxy, { host, port });
    const plain = socket;
    const opening = connect({
      socket: plain,
      ca: rootCaPem,
      rejectUnauthorized: false,
      ...tlsNames(broker),
    });
    secure = opening;
    await new Promise<void>((resolve, reject) => {
      opening.once('secureConnect', resolve);
      opening.on('error', reject);
      plain.on('error', reject);
      const cut = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      opening.once('close', cut);
    });
    return look(opening);
  })();
  const silent = () => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
  try {
    return await bounded(done, bounds, silent);
  } finally {
    secure?.destroy();
    socket?.destroy();
  }
}
