import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Authority } from '../authority/contract.ts';
import type { IotRegistry } from '../services/iot/contract.ts';
import type { Context } from '../kernel/context.ts';
import { isLoopbackAddress } from '../kernel/edge/guard.ts';
import { contained } from '../kit/contained.ts';
import type { Principal } from '../kernel/principal.ts';
import { certificateFacts } from '../kernel/certificateFacts.ts';
import type { JustInTime } from './justInTime.ts';

/** The TLS side of the broker: lets in who proves to hold the key of an ACTIVE certificate. */
export interface Listener {
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

export interface ListenerOptions {
  authority: Authority;
  registry: IotRegistry;
  justInTime: JustInTime;
  /** A connection whose certificate is good. It speaks MQTT, or HTTP (`isHttp`). */
  accept: (socket: TLSSocket, principal: Principal) => void;
  /** A connection without a certificate that speaks HTTP: its requests must be signed. */
  http: (socket: TLSSocket) => void;
}

/** MQTT and HTTP with a client certificate on port 443 (AWS IoT Developer Guide, "Device communication protocols"). */
const ALPN = ['x-amzn-mqtt-ca', 'x-amzn-http-ca', 'http/1.1'];

/** Whether the first bytes are those of an HTTP request. No packet of MQTT that a client may send begins so. */
export function isHttp(bytes: Buffer): boolean {
  return /^[A-Z]/.test(bytes.toString('latin1', 0, 1));
}

/** The packet type of MQTT's CONNECT. */
const CONNECT = 1;
const HANDSHAKE_WITHIN_MS = 10_000;
const LOOPBACK = '127.0.0.1';

export function createListener(context: Context, options: ListenerOptions): Listener {
  const { authority, registry, justInTime } = options;
  const sockets = new Set<Socket>();
  const contain = (socket: Socket, work: () => unknown): void =>
    contained(context.log, 'MQTT connection', () => socket.destroy(), work);

  const server = createServer(
    {
      key: authority.server.privateKeyPem,
      cert: authority.server.certificatePem,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_WITHIN_MS,
      requestCert: true,
      // Certificates of any CA can be registered (RegisterCertificateWithoutCA): the handshake proves that the
      // client holds the key, and the registry says whether it may come in.
      rejectUnauthorized: false,
      // A name that nobody knows is confirmed, too: without it a client of 8883 would be refused for offering one.
      ALPNCallback: ({ protocols }) => ALPN.find((name) => protocols.includes(name)) ?? protocols[0],
    },
    (socket) => {
      socket.on('error', () => socket.destroy());
      contain(socket, () => {
        if (socket.getPeerX509Certificate() === undefined && socket.alpnProtocol !== 'x-amzn-mqtt-ca') {
          expectHttp(socket);
          return;
        }
        const principal = admit(socket);
        if (typeof principal !== 'string') {
          options.accept(socket, principal);
          return;
        }
        if (!expectNewcomer(socket, principal)) refuse(socket, principal);
      });
    },
  );

  function refuse(socket: TLSSocket, why: string): void {
    context.log('info', `MQTT connection refused: ${why}`);
    socket.destroy();
  }

  /** Without a certificate only HTTP is possible, such as a WebSocket whose address is signed. */
  function expectHttp(socket: TLSSocket): void {
    onFirstBytes(socket, (chunk) => {
      if (!isHttp(chunk)) {
        refuse(socket, 'no client certificate');
        return;
      }
      socket.pause();
      socket.unshift(chunk);
      options.http(socket);
    });
  }

  /** A certificate that registers itself does so by CONNECT, and is refused then. */
  function expectNewcomer(socket: TLSSocket, why: string): boolean {
    const x509 = socket.getPeerX509Certificate();
    if (x509 === undefined) return false;
    const facts = certificateFacts(x509);
    const registered = registry.certificate(facts.certificateId);
    if (!inDates(facts) || !justInTime.expects(x509, registered)) return false;
    onFirstBytes(socket, (chunk) => {
      if ((chunk[0] ?? 0) >> 4 === CONNECT) contain(socket, () => justInTime.contact(x509, registered));
      refuse(socket, why);
    });
    return true;
  }

  function onFirstBytes(socket: TLSSocket, work: (chunk: Buffer) => void): void {
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE_WITHIN_MS).unref();
    socket.once('close', () => clearTimeout(timer));
    socket.once('data', (chunk: Buffer) => {
      contain(socket, () => {
        clearTimeout(timer);
        work(chunk);
      });
    });
  }
  server.on('connection', (socket: Socket) => {
    if (!isLoopbackAddress(socket.remoteAddress)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error: Error, socket) => {
    context.log('debug', `A TLS handshake failed: ${error.message}`);
    socket.destroy();
  });

  function inDates({ validFrom, validTo }: { validFrom: number; validTo: number }): boolean {
    const now = context.clock.now();
    return now >= validFrom && now < validTo;
  }

  /** Who it is, or why it may not come in. */
  function admit(socket: TLSSocket): Principal | string {
    const x509 = socket.getPeerX509Certificate();
    if (x509 === undefined) return 'no client certificate';
    const certificate = certificateFacts(x509);
    const { certificateId } = certificate;
    const name = `certificate ${certificateId.slice(0, 8)}…`;
    const now = context.clock.now();
    if (!inDates(certificate)) return `${name} is out of its dates`;
    const registered = registry.certificate(certificateId);
    if (registered === undefined) return `${name} is not registered`;
    if (registered.status !== 'ACTIVE') return `${name} is ${registered.status}`;
    if (registered.claimExpiresAt !== undefined && now >= registered.claimExpiresAt) {
      return `${name} was a provisioning claim that has expired`;
    }
    return { kind: 'certificate', certificate, sourceIp: socket.remoteAddress ?? LOOPBACK };
  }

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, LOOPBACK, () => {
          server.off('error', reject);
          server.on('error', (error: Error) => context.log('error', `MQTT listener: ${error.message}`));
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}
