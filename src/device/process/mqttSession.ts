import type { Duplex } from 'node:stream';
import { MqttClient, UniqueMessageIdProvider } from 'mqtt';
import { l10n, type Message } from '../../core/message.ts';

export interface MqttSessionOptions {
  clientId: string;
  /** Seconds; the other end drops a client that is silent for one and a half times as long. */
  keepAlive: number;
}

export interface MqttSessionEvents {
  /** The server has accepted the client. */
  accepted(): void;
  /** The server has not, or the session is over. Called once, with what is known of the reason. */
  ended(why: Message): void;
  message?(topic: string, payload: Uint8Array): void;
}

/**
 * A client's session of MQTT 3.1.1 on a stream of its own: a clean session that is never resumed, so whoever uses it
 * opens another one and sends again what was not acknowledged. Messages leave in the order of their `publish`.
 */
export interface MqttSession {
  /** Resolves when it is acknowledged; stays open when the session ends before. */
  publish(topic: string, payload: string): Promise<void>;
  /** Resolves with whether the server grants it; stays open when the session ends before. */
  subscribe(filters: readonly string[], qos?: 0 | 1): Promise<boolean>;
  /** Sends DISCONNECT and ends the stream; `ended` is not called any more. */
  close(): void;
}

/** The caller bounds the wait for CONNACK; the package must not do so before. */
const NEVER_MS = 2 ** 31 - 1;
const DISCONNECT = Buffer.from([0xe0, 0x00]);

export function createMqttSession(
  stream: Duplex,
  { clientId, keepAlive }: MqttSessionOptions,
  events: MqttSessionEvents,
): MqttSession {
  let accepted = false;
  let over = false;

  // Before those of the package, so that nothing it reports of a closed stream counts any more.
  stream.on('error', (error: NodeJS.ErrnoException) => end(l10n.verbatim(error.code ?? error.message)));
  stream.on('close', () => end(l10n.t('the connection was closed')));

  const client = new MqttClient(() => stream, {
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: keepAlive,
    // A client that only sends would never notice that nobody answers.
    reschedulePings: false,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: NEVER_MS,
    // The default one takes identifiers of messages that are still under way.
    messageIdProvider: new UniqueMessageIdProvider(),
  });
  client.on('connect', () => {
    if (over) return;
    accepted = true;
    events.accepted();
  });
  client.on('message', (topic, payload) => {
    if (!over) events.message?.(topic, payload);
  });
  client.on('error', (error) => {
    end(reasonOf(error));
    stream.destroy();
  });

  function end(why: Message): void {
    if (over) return;
    over = true;
    events.ended(why);
  }

  return {
    publish: (topic, payload) =>
      new Promise((resolve) => {
        client.publish(topic, payload, { qos: 1 }, (error) => {
          if (!error) resolve();
        });
      }),
    subscribe: (filters, qos = 0) =>
      new Promise((resolve) => {
        client.subscribe([...filters], { qos }, (error) => {
          // After a missed ping the package fails its calls first, and reports the end of the session then.
          queueMicrotask(() => {
            if (!over) resolve(!error);
          });
        });
      }),
    close() {
      over = true;
      // `client.end` would wait for what is not acknowledged.
      if (accepted) stream.end(DISCONNECT);
      else stream.end();
    },
  };
}

/** What the package reports, in our words: a CONNACK that refuses has a number, a stream's error a name. */
function reasonOf(error: Error & { code?: number | string }): Message {
  const { code, message } = error;
  if (typeof code === 'number') return l10n.t('MQTT return code {code}', { code });
  if (code !== undefined) return l10n.verbatim(code);
  if (message === 'Keepalive timeout') return l10n.t('no answer to a ping');
  return l10n.t('it sent what is no MQTT: {problem}', { problem: message });
}
