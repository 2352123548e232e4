import type { Duplex } from 'node:stream';
import { generate, parser as createParser, type Packet } from 'mqtt-packet';
import { l10n, type Message } from '../../../core/message.ts';

export interface MqttSessionOptions {
  clientId: string;
  /** Seconds; the other end drops a client that is silent for one and a half times as long. */
  keepAlive: number;
}

export interface MqttSessionEvents {
  /** The server has accepted the client. */
  accepted(): void;
  /** The server has not, or the session is over: told once, with what is known of the reason. */
  ended(why: Message): void;
  message?(topic: string, payload: Uint8Array): void;
}

/**
 * The client's side of MQTT 3.1.1 on an open byte stream, for thousands of them in one process: QoS 1 out, QoS 0 or 1 in,
 * a clean session, nothing kept and nothing sent again. What is published in one turn of the event loop leaves in one
 * write.
 */
export interface MqttSession {
  /** Resolves when it is acknowledged; stays open when the session ends before. */
  publish(topic: string, payload: string): Promise<void>;
  /** Resolves with whether the server grants it; messages come with QoS 0, unless another is asked for. */
  subscribe(filters: readonly string[], qos?: 0 | 1): Promise<boolean>;
  /** Says goodbye and ends the stream; `ended` is not called any more. */
  close(): void;
}

/** SUBACK's word for no. */
const NOT_GRANTED = 0x80;
const MOST_IDS = 65_535;

export function createMqttSession(
  stream: Duplex,
  options: MqttSessionOptions,
  events: MqttSessionEvents,
): MqttSession {
  const publishes = new Map<number, () => void>();
  const subscribes = new Map<number, (granted: boolean) => void>();
  let lastId = 0;
  let corked = false;
  let over = false;
  let accepted = false;
  let unanswered = 0;
  let ping: NodeJS.Timeout | undefined;

  const parser = createParser({ protocolVersion: 4 });
  parser.on('packet', receive);
  parser.on('error', (error: Error) =>
    fail(l10n.t('it sent what is no MQTT: {problem}', { problem: error.message })),
  );

  stream.on('data', (chunk: Buffer) => {
    unanswered = 0;
    if (!over) parser.parse(chunk);
  });
  stream.on('error', (error: NodeJS.ErrnoException) => end(l10n.verbatim(error.code ?? error.message)));
  stream.on('close', () => end(l10n.t('the connection was closed')));

  const { clientId, keepAlive } = options;
  send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId,
    keepalive: keepAlive,
  });

  function receive(packet: Packet): void {
    if (over) return;
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode !== 0) {
          fail(l10n.t('MQTT return code {code}', { code: packet.returnCode ?? l10n.t('unknown') }));
          return;
        }
        accepted = true;
        ping = setInterval(beat, keepAlive * 1000);
        events.accepted();
        return;
      case 'puback':
        take(publishes, packet.messageId)?.();
        return;
      case 'suback':
        take(subscribes, packet.messageId)?.(packet.granted.every((code) => code !== NOT_GRANTED));
        return;
      case 'publish':
        events.message?.(packet.topic, Buffer.from(packet.payload));
        if (packet.qos === 1) send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
        return;
      default:
    }
  }

  /** A ping each time, for a client that only listens is silent, too; two without any answer are one too many. */
  function beat(): void {
    if (unanswered >= 1) {
      fail(l10n.t('no answer to a ping'));
      return;
    }
    unanswered += 1;
    send({ cmd: 'pingreq' });
  }

  function send(packet: Packet): void {
    if (over || !stream.writable) return;
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    stream.write(generate(packet));
  }

  function nextId(): number {
    do lastId = (lastId % MOST_IDS) + 1;
    while (publishes.has(lastId) || subscribes.has(lastId));
    return lastId;
  }

  function fail(why: Message): void {
    end(why);
    stream.destroy();
  }

  function end(why: Message): void {
    if (over) return;
    over = true;
    clearInterval(ping);
    events.ended(why);
  }

  return {
    publish: (topic, payload) =>
      new Promise((resolve) => {
        const messageId = nextId();
        publishes.set(messageId, resolve);
        send({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId });
      }),
    subscribe: (filters, qos = 0) =>
      new Promise((resolve) => {
        const messageId = nextId();
        subscribes.set(messageId, resolve);
        send({ cmd: 'subscribe', messageId, subscriptions: filters.map((topic) => ({ topic, qos })) });
      }),
    close() {
      if (accepted) send({ cmd: 'disconnect' });
      over = true;
      clearInterval(ping);
      stream.end();
    },
  };
}

function take<T>(waiting: Map<number, T>, id = 0): T | undefined {
  const found = waiting.get(id);
  waiting.delete(id);
  return found;
}
