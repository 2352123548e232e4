import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { generate, parser as createParser, type IConnectPacket, type Packet, type Parser } from 'mqtt-packet';
import { createAuthority } from '../../src/sandbox/authority/authority.ts';
import { createBroker, type MessageBroker } from '../../src/sandbox/broker/broker.ts';
import type { Authority } from '../../src/sandbox/authority/contract.ts';
import type { MessageListener } from '../../src/sandbox/broker/contract.ts';
import { createFunctions } from '../../src/sandbox/services/lambda/functions.ts';
import type { ThingService } from '../../src/sandbox/services/iot/contract.ts';
import type { SandboxConfig } from '../../src/sandbox/kernel/context.ts';
import { createMemoryRegistry, type MemoryRegistry } from './memoryRegistry.ts';
import { makePair, type TestPair } from './pairs.ts';
import { createTestClock, createTestContext, type TestClock, type TestContext } from './sandboxContext.ts';

export type ReceivedMessage = Parameters<MessageListener>[0];

/** A listening broker with an in-memory registry. Tests must close it. */
export interface TestBroker {
  context: TestContext;
  registry: MemoryRegistry;
  broker: MessageBroker;
  authority: Authority;
  port: number;
  /** The messages passed to onMessage. */
  messages: ReceivedMessage[];
  /** The clock for timeouts and rates. It moves only when a test advances it. */
  uptime: TestClock;
  /** A new ACTIVE certificate, valid for a day. Without policies, everything is allowed. */
  device(more?: Parameters<MemoryRegistry['addCertificate']>[1]): Promise<TestPair>;
  /** A TLS connection that sends and receives single MQTT packets. */
  open(pair?: Pick<TestPair, 'certificatePem' | 'privateKeyPem'>, options?: ConnectionOptions): RawClient;
  /** Calls `open`, sends CONNECT and checks that it is accepted. */
  connect(pair: TestPair, clientId: string, more?: Partial<IConnectPacket>): Promise<RawClient>;
  close(): Promise<void>;
}

/** An IoT policy document that allows everything. */
export const ALLOW_ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
});

export function policy(
  ...statements: { allow?: string; deny?: string; on: string | string[]; if?: unknown }[]
) {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: statement.deny === undefined ? 'Allow' : 'Deny',
      Action: statement.deny ?? statement.allow,
      Resource: [statement.on]
        .flat()
        .map((on) => (on === '*' ? on : `arn:aws:iot:us-west-2:123456789012:${on}`)),
      ...(statement.if === undefined ? {} : { Condition: statement.if }),
    })),
  });
}

let sharedAuthority: Promise<Authority> | undefined;

export async function startBroker(
  config: Partial<SandboxConfig> = {},
  more: {
    onMessage?: MessageListener;
    thingServices?: readonly ThingService[];
    isRule?: (name: string) => boolean;
  } = {},
): Promise<TestBroker> {
  const context = createTestContext({ config, clock: createTestClock(Date.now()) });
  // All brokers of a test run share one CA, since its keys take long to generate.
  sharedAuthority ??= createAuthority(createTestContext({ clock: createTestClock(Date.now()) }));
  const authority = await sharedAuthority;
  const registry = createMemoryRegistry(context, authority);
  const messages: ReceivedMessage[] = [];
  const uptime = createTestClock(0);
  const broker = createBroker(context, {
    authority,
    registry,
    // Nobody waits for a slow hook.
    functions: createFunctions(context, () => Promise.resolve()),
    ...(more.thingServices === undefined ? {} : { thingServices: more.thingServices }),
    ...(more.isRule === undefined ? {} : { isRule: more.isRule }),
    uptime: () => uptime.now(),
    onMessage: (message) => {
      messages.push(message);
      more.onMessage?.(message);
    },
  });
  const port = await broker.listen(0);
  const clients: RawClient[] = [];

  const open: TestBroker['open'] = (pair, options = {}) => {
    const client = openRaw({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: authority.rootPem,
      ...(pair === undefined ? {} : { cert: pair.certificatePem, key: pair.privateKeyPem }),
      ...options,
    });
    clients.push(client);
    return client;
  };

  return {
    context,
    registry,
    broker,
    authority,
    port,
    messages,
    uptime,
    open,
    async device(more = {}) {
      const pair = await makePair({ notAfter: new Date(Date.now() + 24 * 3_600_000) });
      registry.addCertificate(pair, { policies: [ALLOW_ALL], ...more });
      return pair;
    },
    async connect(pair, clientId, more = {}) {
      const client = open(pair);
      client.send({ ...CONNECT, clientId, ...more });
      await client.next('connack');
      return client;
    },
    async close() {
      for (const client of clients) client.socket.destroy();
      await broker.close();
    },
  };
}

export const CONNECT: IConnectPacket = {
  cmd: 'connect',
  clientId: 'client',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 60,
};

export interface RawClient {
  readonly socket: TLSSocket;
  send(packet: Packet): void;
  write(bytes: Buffer): void;
  /** The next packet, which must be of this kind. Rejects if the connection ends first. */
  next<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd: C }>>;
  /** All packets until the connection ends. */
  closed(): Promise<Packet[]>;
  /** Unread packets, after the broker has processed everything that was sent so far. */
  settled(): Promise<Packet[]>;
  subscribe(...filters: string[]): Promise<void>;
  publish(topic: string, payload: string, more?: { qos?: 0 | 1; messageId?: number; retain?: boolean }): void;
}

/** Well below the timeout of the tests, so that they fail with a clear message. */
const PATIENCE_MS = 30_000;

export function openRaw(options: ConnectionOptions): RawClient {
  const socket = connect(options);
  const received: Packet[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  const end = () => {
    ended = true;
    wake();
  };
  /** As the client's CONNECT names it. */
  let protocolVersion: IConnectPacket['protocolVersion'] = 4;
  let parser: Parser | undefined;
  const startParser = () =>
    createParser({ protocolVersion }).on('packet', (packet: Packet) => {
      received.push(packet);
      wake();
    });
  socket.on('data', (chunk: Buffer) => {
    parser ??= startParser();
    parser.parse(chunk);
  });
  socket.on('error', end).on('close', end);
  const change = (awaited: string) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${awaited} did not come within ${PATIENCE_MS / 1000} s`));
      }, PATIENCE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const client: RawClient = {
    socket,
    send: (packet) => {
      if (packet.cmd === 'connect') ({ protocolVersion = 4 } = packet);
      socket.write(generate(packet, { protocolVersion }));
    },
    write: (bytes) => void socket.write(bytes),
    async next(cmd) {
      while (received.length === 0 && !ended) await change(cmd);
      const packet = received.shift();
      if (packet === undefined) throw new Error(`the connection ended before ${cmd}`);
      if (packet.cmd !== cmd) throw new Error(`expected ${cmd}, got ${JSON.stringify(packet)}`);
      return packet as Extract<Packet, { cmd: typeof cmd }>;
    },
    async closed() {
      while (!ended) await change('the end of the connection');
      return received.splice(0);
    },
    async settled() {
      client.send({ cmd: 'pingreq' });
      for (;;) {
        const at = received.findIndex(({ cmd }) => cmd === 'pingresp');
        if (at >= 0) {
          const before = received.splice(0, at + 1);
          before.pop();
          return before;
        }
        if (ended) throw new Error('the connection ended');
        await change('pingresp');
      }
    },
    async subscribe(...filters) {
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: filters.map((topic) => ({ topic, qos: 1 as const })),
      });
      await client.next('suback');
    },
    publish(topic, payload, { qos = 1, messageId = 7, retain = false } = {}) {
      client.send({
        cmd: 'publish',
        topic,
        payload,
        qos,
        retain,
        dup: false,
        ...(qos === 1 ? { messageId } : {}),
      });
    },
  };
  return client;
}
