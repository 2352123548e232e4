import type { Duplex } from 'node:stream';
import { MqttClient, UniqueMessageIdProvider } from 'mqtt';
import { l10n, type Message } from '../../core/message.ts';
import { PacketLengths } from '../../core/mqttPackets.ts';
import { codeOf } from '../../network/causes.ts';

export interface MqttSessionOptions {
  clientId: string;
  /** Seconds. The server drops a client that is silent for 1.5 times as long. */
  keepAlive: number;
}

export interface MqttSessionEvents {
  /** Called when the server has accepted the client. */
  accepted(): void;
  /** Called once, with the known reason, when the server has refused the client or the session has ended. */
  ended(why: Message): void;
  message?(topic: string, payload: Uint8Array): void;
}

/**
 * A client's MQTT 3.1.1 session on its own stream. It is a clean session that is never resumed, so callers open a new
 * one and resend unacknowledged messages. Messages are sent in the order of the `publish` calls.
 */
export interface MqttSession {
  /** Resolves when the message is acknowledged. Never settles if the session ends before. */
  publish(topic: string, payload: string | Uint8Array): Promise<void>;
  /** Resolves with whether the server grants the subscription. Never settles if the session ends before. */
  subscribe(filters: readonly string[], qos?: 0 | 1): Promise<boolean>;
  /** Sends DISCONNECT and ends the stream. `ended` is no longer called. */
  close(): void;
}

/** Disables the package's timeout for CONNACK, because the caller has its own. */
const NEVER_MS = 2 ** 31 - 1;
const DISCONNECT = Buffer.from([0xe0, 0x00]);

export function createMqttSession(
  stream: Duplex,
  { clientId, keepAlive }: MqttSessionOptions,
  events: MqttSessionEvents,
): MqttSession {
  let accepted = false;
  let isOver = false;

  // Added before the package's own listeners, so that its later reports about a closed stream are ignored.
  stream.on('error', (error: NodeJS.ErrnoException) => end(l10n.verbatim(codeOf(error) ?? error.message)));
  stream.on('close', () => end(l10n.t('the connection was closed')));

  const client = new MqttClient(() => stream, {
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: keepAlive,
    // Otherwise a client that only sends would never notice that nobody answers.
    reschedulePings: false,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: NEVER_MS,
    // The default provider may reuse the identifiers of messages in flight.
    messageIdProvider: new UniqueMessageIdProvider(),
  });
  const lengths = new PacketLengths();
  stream.on('data', (chunk: Buffer) => {
    if (lengths.accepts(chunk)) return;
    end(l10n.t('it announced a message that is larger than AWS IoT sends'));
    stream.destroy();
  });
  client.on('connect', () => {
    if (isOver) return;
    accepted = true;
    events.accepted();
  });
  client.on('message', (topic, payload) => {
    if (!isOver) events.message?.(topic, payload);
  });
  client.on('error', (error) => {
    end(reasonOf(error));
    stream.destroy();
  });

  function end(why: Message): void {
    if (isOver) return;
    isOver = true;
    events.ended(why);
  }

  return {
    publish: (topic, payload) =>
      new Promise((resolve) => {
        client.publish(
          topic,
          typeof payload === 'string' ? payload : bufferOf(payload),
          { qos: 1 },
          (error) => {
            if (!error) resolve();
          },
        );
      }),
    subscribe: (filters, qos = 0) =>
      new Promise((resolve) => {
        client.subscribe([...filters], { qos }, (error) => {
          // After a missed ping, the package first fails its calls and then reports the end of the session.
          queueMicrotask(() => {
            if (!isOver) resolve(!error);
          });
        });
      }),
    close() {
      isOver = true;
      // `client.end` would wait for unacknowledged messages.
      if (accepted) stream.end(DISCONNECT);
      else stream.end();
    },
  };
}

/** The same bytes, as the package wants them. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Translates the package's errors: a refusing CONNACK has a number as code, a stream error a name. */
function reasonOf(error: Error & { code?: number | string }): Message {
  const { code, message } = error;
  if (typeof code === 'number') return l10n.t('MQTT return code {code}', { code });
  if (code !== undefined) return l10n.verbatim(codeOf({ code, message }) ?? code);
  if (message === 'Keepalive timeout') return l10n.t('no answer to a ping');
  return l10n.t('it sent something that is not MQTT: {problem}', { problem: message });
}
