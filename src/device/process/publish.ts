import { CmsError, isCancelled, isCmsError, sentenceOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { patiently } from '../../core/patience.ts';
import { payloadBytes, type PayloadText } from '../../core/payload.ts';
import { retry, type RetryPolicy, type Retrying, waits } from '../../core/retry.ts';
import type { Broker, DeviceIdentity } from '../../protocol/device.ts';
import { bounded } from './bounded.ts';
import type { ConnectPace } from './connectPace.ts';
import { openWire, type Wire } from './wire.ts';

type Outgoing = PayloadText & { topic: string };

export interface PublishRequest {
  broker: Broker;
  identity: DeviceIdentity;
  clientId: string;
  messages: readonly Outgoing[];
  /** Timeout of each single wait. */
  timeoutMs: number;
}

/** Below AWS IoT's limit of 100 unacknowledged messages per connection. */
const IN_FLIGHT = 20;
/** A dropped connection is reopened up to twice. `ConnectPace` provides the waits. */
const POLICY: RetryPolicy = { attempts: 3, backoff: waits(0) };

/**
 * Connects as the device, publishes every message at QoS 1 in order, and ends when all are acknowledged.
 * Without messages, only tests that the certificate can connect. After a drop, unacknowledged messages are sent again,
 * so a message may arrive twice.
 * @throws CmsError MQTT_PUBLISH_FAILED, what connecting throws, or CANCELLED
 */
export async function publishAll(
  request: PublishRequest,
  progress: (step: string, message: Message) => void,
  work: Retrying,
  pace: ConnectPace,
): Promise<{ acknowledged: number }> {
  const { broker, identity, clientId, timeoutMs } = request;
  const { signal } = work;
  const attempt = { broker, identity, clientId, what: l10n.t('certificate'), connectTimeoutMs: timeoutMs };
  let waiting = request.messages;
  await retry(
    work,
    POLICY,
    async (number) => {
      progress('connect', l10n.t('Connecting to {host} as {clientId}', { host: broker.host, clientId }));
      await pace.turn(clientId, signal);
      const awaited = { host: `${broker.host}:${broker.port}`, attempt: { number, of: POLICY.attempts } };
      const wire = await patiently(awaited, () => openWire(attempt, signal));
      try {
        if (waiting.length > 0) progress('publish', publishing(waiting.length));
        waiting = await patiently(awaited, () => sendWave(wire, waiting, timeoutMs, signal));
        if (waiting.length > 0) throw notPublished(request, waiting, wire.lost);
      } finally {
        await wire.close();
      }
    },
    (error) => isCmsError(error) && error.code === 'MQTT_PUBLISH_FAILED',
  );
  return { acknowledged: request.messages.length };
}

/** Sends until all are acknowledged or the connection is lost. Returns the unacknowledged messages, in order. */
async function sendWave(
  wire: Wire,
  messages: readonly Outgoing[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PublishRequest['messages']> {
  const acknowledged = new Set<number>();
  const bounds = { timeoutMs, signal, lost: wire.lost };
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < messages.length; i = next++) {
      const message = messages[i];
      if (message === undefined) return;
      const sent = wire.publish(message.topic, payloadBytes(message));
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
  const total = request.messages.length;
  const why = lost.aborted ? sentenceOf(lost.reason) : l10n.t('no acknowledgement came.');
  const values = { count: unacknowledged, total, topic, why };
  return new CmsError(
    'MQTT_PUBLISH_FAILED',
    total === 1
      ? l10n.t('The message was not acknowledged on {topic}: {why}', { topic, why })
      : l10n.plural(
          unacknowledged,
          l10n.t('{count} of {total} messages was not acknowledged on {topic}: {why}', values),
          l10n.t('{count} of {total} messages were not acknowledged on {topic}: {why}', values),
        ),
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
