import { mqtt } from 'aws-iot-device-sdk-v2';
import { CmsError, isCancelled, sentenceOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Broker, DeviceIdentity } from '../../protocol/device.ts';
import { bounded } from './bounded.ts';
import type { ConnectPace } from './connectPace.ts';
import { connectMqtt, type MqttConnection } from './mqttConnection.ts';

export interface PublishRequest {
  broker: Broker;
  identity: DeviceIdentity;
  clientId: string;
  messages: readonly { topic: string; payload: string }[];
  /** Bound of each single wait. */
  timeoutMs: number;
}

/** Below AWS IoT's 100 unacknowledged messages a connection. */
const IN_FLIGHT = 20;
/** A dropped connection is opened again this often before giving up. */
const ATTEMPTS = 3;

/**
 * Connects as the device, publishes every message at QoS 1 in order, and ends when all are acknowledged.
 * Without messages it only proves that the certificate can connect. After a drop, what was not acknowledged is sent
 * again, so a message may arrive twice. Throws MQTT_PUBLISH_FAILED, what connecting throws, or CANCELLED.
 */
export async function publishAll(
  request: PublishRequest,
  progress: (step: string, message: Message) => void,
  signal: AbortSignal,
  pace: ConnectPace,
): Promise<{ acknowledged: number }> {
  const connecting = l10n.t('Connecting to {host} as {clientId}', {
    host: request.broker.host,
    clientId: request.clientId,
  });
  let waiting = [...request.messages];
  for (let attempt = 1; ; attempt++) {
    progress('connect', connecting);
    await pace.turn(request.clientId, signal);
    const connection = await connectMqtt({ ...request, what: l10n.t('certificate') }, signal);
    try {
      if (waiting.length > 0) progress('publish', publishing(waiting.length));
      waiting = await sendWave(connection, waiting, request.timeoutMs, signal);
      if (waiting.length === 0) return { acknowledged: request.messages.length };
      if (attempt === ATTEMPTS) throw notPublished(request, waiting, connection.lost);
    } finally {
      await connection.close();
    }
  }
}

/** Sends until all are acknowledged or the connection is lost; returns what is not acknowledged, in order. */
async function sendWave(
  connection: MqttConnection,
  messages: readonly { topic: string; payload: string }[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ topic: string; payload: string }[]> {
  const acknowledged = new Set<number>();
  const bounds = { timeoutMs, signal, lost: connection.lost };
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < messages.length; i = next++) {
      const message = messages[i];
      if (message === undefined) return;
      const sent = connection.client.publish(message.topic, message.payload, mqtt.QoS.AtLeastOnce);
      await bounded(sent, bounds, () => new Error('no acknowledgement in time'));
      acknowledged.add(i);
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, lane));
  for (const result of lanes) {
    if (result.status === 'rejected' && isCancelled(result.reason)) throw result.reason as CmsError;
  }
  return messages.filter((_, i) => !acknowledged.has(i));
}

function notPublished(
  request: PublishRequest,
  waiting: readonly { topic: string }[],
  lost: AbortSignal,
): CmsError {
  const topic = waiting[0]?.topic ?? '';
  const unacknowledged = waiting.length;
  return new CmsError(
    'MQTT_PUBLISH_FAILED',
    l10n.t('{count} of {total} messages were not acknowledged on {topic}: {why}', {
      count: unacknowledged,
      total: request.messages.length,
      topic,
      why: lost.aborted ? sentenceOf(lost.reason) : l10n.t('no acknowledgement came.'),
    }),
    {
      step: 'publish',
      remedy: l10n.t(
        'Likely cause: the policy of the certificate does not allow iot:Publish on {topic}, which must hold the client id, or another program is connected under the same client id.',
        { topic },
      ),
      details: { topic, clientId: request.clientId, unacknowledged },
    },
  );
}

function publishing(count: number): Message {
  return l10n.plural(count, l10n.t('Publishing 1 message'), l10n.t('Publishing {count} messages', { count }));
}
