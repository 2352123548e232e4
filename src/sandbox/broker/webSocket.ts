import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Context } from '../contracts/kernel.ts';
import { refusal } from '../edge/guard.ts';
import type { MessageBroker } from './broker.ts';
import { createBrokerQuotas } from './brokerQuotas.ts';

/** Takes what a client of the HTTP port sends after it asked for another protocol. */
export type Upgrade = (message: IncomingMessage, socket: Duplex, head: Buffer) => void;

const PATH = '/mqtt';
/** What a signed address has (AWS IoT Developer Guide, "Device communication protocols"). */
const SIGNED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
];
const SERVICE = 'iotdevicegateway';

/**
 * MQTT over WebSocket with AWS credentials, on the HTTP port. As everywhere in the sandbox the signature must be there
 * and of the right kind, but its secret is not known and so not checked.
 */
export function createWebSocket(context: Context, broker: Pick<MessageBroker, 'attach'>): Upgrade {
  const { maxPacketBytes } = createBrokerQuotas(context.config.limits, () => 0);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: maxPacketBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });

  return (message, socket, head) => {
    socket.on('error', () => socket.destroy());
    const url = new URL(message.url ?? '/', 'http://localhost');
    const reason = refusal({
      remoteAddress: message.socket.remoteAddress,
      host: message.headers.host,
      origin: message.headers.origin,
      fetchSite: undefined,
      path: url.pathname,
    });
    const refuse = (status: string, why: string) => {
      context.log('info', `MQTT over WebSocket refused: ${why}`);
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (reason !== undefined) refuse('403 Forbidden', reason);
    else if (url.pathname !== PATH) refuse('404 Not Found', 'it is served on /mqtt only');
    else {
      const name = signerOf(url.searchParams);
      if (name === undefined) {
        refuse('403 Forbidden', 'the address is not signed for it');
        return;
      }
      server.handleUpgrade(message, socket, head, (client) => {
        const sourceIp = message.socket.remoteAddress ?? '127.0.0.1';
        broker.attach(createWebSocketStream(client), { kind: 'iam', name, sourceIp });
      });
    }
  };
}

/** The access key of a signed address; undefined when the signature is missing or for another service. */
function signerOf(query: URLSearchParams): string | undefined {
  if (SIGNED.some((name) => !query.get(name))) return undefined;
  const [accessKey, , , service] = query.get('X-Amz-Credential')?.split('/') ?? [];
  return service === SERVICE && query.get('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256' ? accessKey : undefined;
}
