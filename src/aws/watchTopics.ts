import { randomUUID } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { CmsError, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { fullJitter, type Retrying } from '../core/retry.ts';
import type { Connection } from './connection.ts';
import { abortedMqtt, lostMqtt, mqttProblem, openMqtt } from './mqttOverWebSocket.ts';

export interface TopicHandlers {
  message(topic: string, payload: Uint8Array): void;
  /** `offline` is followed by another attempt. */
  state?(state: 'online' | 'offline', why?: CmsError): void;
}

/** Waits before a lost connection is opened again. */
const RECONNECT = fullJitter(1000, 30_000);

/**
 * Hands on everything that is published on the topics of some filters, as the owner of the AWS credentials: MQTT over
 * WebSocket. A lost connection is opened again, with a fresh signature; what is published meanwhile is missed. Never
 * resolves: ends with CANCELLED, or, when the first connection cannot be made or is not allowed, with CmsError
 * ENDPOINT_UNREACHABLE, ACCESS_DENIED or what the credentials throw.
 */
export async function watchTopics(
  connection: Connection,
  filters: readonly string[],
  handlers: TopicHandlers,
  work: Retrying,
): Promise<never> {
  const { signal, clock, random } = work;
  let everOnline = false;
  let failures = 0;
  for (;;) {
    throwIfAborted(signal);
    // One for each attempt, so that what listens to it goes with it.
    const attempt = AbortSignal.any([signal]);
    try {
      const client = await openMqtt(
        connection,
        { clientId: `cms-enablement-watch-${randomUUID()}` },
        attempt,
      );
      try {
        await subscribe(client, filters, handlers, attempt);
        everOnline = true;
        failures = 0;
        handlers.state?.('online');
        throw await lostMqtt(client, connection, attempt);
      } finally {
        client.end(true);
      }
    } catch (error) {
      const problem = mqttProblem(error, connection);
      throwIfAborted(signal);
      if (!everOnline || problem.code === 'ACCESS_DENIED') throw problem;
      handlers.state?.('offline', problem);
      await clock.sleep(RECONNECT(++failures, random), signal);
    }
  }
}

async function subscribe(
  client: MqttClient,
  filters: readonly string[],
  handlers: TopicHandlers,
  signal: AbortSignal,
): Promise<void> {
  // `lost` reports the first error; without a listener a second one would end the process.
  client.on('error', () => undefined);
  client.on('message', (topic, payload) => handlers.message(topic, payload));
  const granted = await Promise.race([client.subscribeAsync([...filters], { qos: 0 }), abortedMqtt(signal)]);
  const refused = granted.find(({ qos }) => qos === 128);
  if (refused === undefined) return;
  const { topic } = refused;
  throw new CmsError('ACCESS_DENIED', l10n.t('AWS IoT refused the subscription to {topic}.', { topic }), {
    remedy: l10n.t('The credentials need iot:Connect, iot:Subscribe and iot:Receive.'),
  });
}
