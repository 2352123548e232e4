import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Context } from '../kernel/context.ts';
import { refuseSocket } from '../kernel/edge/refuse.ts';
import type { Upgrade } from '../kernel/edge/upgrade.ts';
import { contained } from '../kit/contained.ts';
import type { MessageBroker } from './broker.ts';
import { createBrokerQuotas } from './brokerQuotas.ts';

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

  return ({ message, socket, head, target }) => {
    const refuse = (status: number, why: string): void => {
      context.log('info', `MQTT over WebSocket refused: ${why}`);
      refuseSocket(socket, status);
    };
    if (target.path !== PATH) {
      refuse(404, 'it is served on /mqtt only');
      return;
    }
    const name = signerOf(new URLSearchParams(target.query));
    if (name === undefined) {
      refuse(403, 'the address is not signed for it');
      return;
    }
    server.handleUpgrade(message, socket, head, (client) => {
      const end = (): void => client.terminate();
      contained(context.log, 'MQTT over WebSocket', end, () => {
        const sourceIp = message.socket.remoteAddress ?? '127.0.0.1';
        broker.attach(createWebSocketStream(client), { kind: 'iam', name, sourceIp });
      });
    });
  };
}

/** The access key of a signed address; undefined when the signature is missing or for another service. */
function signerOf(query: URLSearchParams): string | undefined {
  if (SIGNED.some((name) => !query.get(name))) return undefined;
  const [accessKey, , , service] = query.get('X-Amz-Credential')?.split('/') ?? [];
  return service === SERVICE && query.get('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256' ? accessKey : undefined;
}
