import type { Connection } from '../aws/connection.ts';
import { watchTopics } from '../aws/watchTopics.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Retrying } from '../core/retry.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Reading } from '../telemetry/codec.ts';
import { watchedTelemetryOf } from './onboard.ts';

export interface TelemetryHandlers {
  /** @param read undefined for what is no telemetry of the CMS */
  message(topic: string, payload: Uint8Array, read: Reading | undefined): void;
  /** `offline` is followed by another attempt; `note` says how else it goes on meanwhile. */
  state?(state: 'online' | 'offline', why?: CmsError, note?: Message): void;
}

/** What is listened to, for people. */
export function sourceOf(deployment: Deployment, vehicles?: readonly VehicleRef[]): Message {
  const { codec, live } = watchedTelemetryOf(deployment);
  if (typeof live === 'object') return live.source;
  const topics = (vehicles ?? [undefined]).flatMap((vehicle) => codec.topics(vehicle));
  return l10n.verbatim(topics.join(', '));
}

/**
 * Hands on the telemetry of some vehicles of a deployment, or of all, in the way that its CMS has. Never resolves: ends
 * with CANCELLED, or with why it cannot begin.
 */
export async function followTelemetry(
  {
    connection,
    deployment,
    vehicles,
  }: {
    connection: Connection;
    deployment: Deployment;
    vehicles?: readonly VehicleRef[] | undefined;
  },
  handlers: TelemetryHandlers,
  work: Retrying,
): Promise<never> {
  const { codec, live } = watchedTelemetryOf(deployment);
  if (typeof live === 'object') {
    const { generation } = deployment;
    return live.follow(
      vehicles,
      {
        reading: (reading, text) =>
          handlers.message(`${generation}/${reading.id ?? reading.thingName}`, Buffer.from(text), reading),
        state: (state, why, note) => handlers.state?.(state, why, note),
      },
      work,
    );
  }
  const filters = (vehicles ?? [undefined]).flatMap((vehicle) => codec.topics(vehicle));
  return watchTopics(
    connection,
    filters,
    {
      message: (topic, payload) => handlers.message(topic, payload, codec.decode(topic, payload)),
      state: (state, why) => handlers.state?.(state, why),
    },
    work,
  );
}
