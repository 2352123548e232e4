import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import mqtt from 'mqtt-packet';
import type { DeviceIdentity } from '../../src/protocol/device.ts';
import { makeAuthority } from './pairs.ts';

export interface Received {
  topic: string;
  payload: string;
  clientId: string;
}

/** What a scripted reply can do: answer the client or disconnect it. */
export interface ReplyTools {
  answer: (topic: string, payload: unknown) => void;
  drop: () => void;
}

export interface MtlsBroker {
  broker: { host: string; port: number; rootCaPem: string };
  identity: DeviceIdentity;
  /** In order of arrival: `connect <client id>`, `subscribe <topic>`, `publish <topic>`. */
  log: string[];
  /** What each CONNECT asked for; seconds. */
  keepAlives: (number | undefined)[];
  /** How many pings came. */
  pings(): number;
  /** Every acknowledged publish. */
  received: Received[];
  /** Everything that clients have sent, decoded as latin1. */
  heard(): string;
  /** Called after the broker has acknowledged a publish. */
  reply: (message: Received, tools: ReplyTools) => void;
  /** `false`: connections are accepted but CONNECT is never answered. */
  answersConnect: boolean;
  /** CONNACK return code. */
  connectCode: number;
  /** Topics whose subscriptions are refused with 0x80. */
  forbidden: Set<string>;
  /** Reaction to a SUBSCRIBE: an answer, none, or closing the connection. */
  onSubscribe: 'answer' | 'hang' | 'drop';
  /** Decides whether a publish is acknowledged, ignored, or ends the connection. */
  acknowledge: (message: Received) => 'yes' | 'never' | 'drop';
  connections(): number;
  close(): Promise<void>;
}

/**
 * A minimal MQTT 3.1.1 broker over mutual TLS that a test scripts packet by packet. It does not emulate AWS IoT.
 * @param name the host name in its certificate; it listens on localhost
 */
export async function startMtlsBroker(name = 'localhost'): Promise<MtlsBroker> {
  const authority = await makeAuthority('test broker root');
  const [server, client] = [await authority.server(name), await authority.client('device')];
  const sockets = new Set<tls.TLSSocket>();
  let heard = '';
  let pings = 0;
  const listener = tls.createServer(
    {
      key: server.privateKeyPem,
      cert: server.certificatePem,
      ca: authority.rootPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
      serve(self, socket, () => (pings += 1));
      socket.on('data', (data: Buffer) => (heard += data.toString('latin1')));
    },
  );
  listener.on('tlsClientError', () => undefined);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  const self: MtlsBroker = {
    broker: {
      host: 'localhost',
      port: (listener.address() as AddressInfo).port,
      rootCaPem: authority.rootPem,
    },
    identity: { certificatePem: client.certificatePem, privateKeyPem: client.privateKeyPem },
    log: [],
    keepAlives: [],
    pings: () => pings,
    received: [],
    heard: () => heard,
    reply: () => undefined,
    answersConnect: true,
    connectCode: 0,
    forbidden: new Set(),
    onSubscribe: 'answer',
    acknowledge: () => 'yes',
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
  return self;
}

function serve(broker: MtlsBroker, socket: tls.TLSSocket, onPing: () => void): void {
  const parser = mqtt.parser();
  const send = (packet: mqtt.Packet) => {
    if (socket.writable) socket.write(mqtt.generate(packet));
  };
  let clientId = '';
  parser.on('packet', (packet: mqtt.Packet) => {
    switch (packet.cmd) {
      case 'connect':
        clientId = packet.clientId;
        broker.log.push(`connect ${clientId}`);
        broker.keepAlives.push(packet.keepalive);
        if (!broker.answersConnect) return;
        send({ cmd: 'connack', returnCode: broker.connectCode, sessionPresent: false });
        if (broker.connectCode !== 0) socket.end();
        return;
      case 'subscribe':
        for (const { topic } of packet.subscriptions) broker.log.push(`subscribe ${topic}`);
        if (broker.onSubscribe === 'drop') socket.destroy();
        if (broker.onSubscribe !== 'answer') return;
        send({
          cmd: 'suback',
          messageId: packet.messageId ?? 0,
          granted: packet.subscriptions.map(({ topic }) => (broker.forbidden.has(topic) ? 0x80 : 1)),
        });
        return;
      case 'publish': {
        const message = { topic: packet.topic, payload: packet.payload.toString(), clientId };
        broker.log.push(`publish ${message.topic}`);
        const verdict = broker.acknowledge(message);
        if (verdict === 'drop') socket.destroy();
        if (verdict !== 'yes') return;
        send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
        broker.received.push(message);
        broker.reply(message, {
          answer: (topic, payload) =>
            send({
              cmd: 'publish',
              topic,
              payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
              qos: 0,
              dup: false,
              retain: false,
            }),
          drop: () => socket.destroy(),
        });
        return;
      }
      case 'pingreq':
        onPing();
        send({ cmd: 'pingresp' });
        return;
      case 'disconnect':
        socket.end();
        return;
      default:
        return;
    }
  });
  socket.on('data', (data: Buffer) => parser.parse(data));
}
