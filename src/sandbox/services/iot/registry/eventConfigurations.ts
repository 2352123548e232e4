import { randomUUID } from 'node:crypto';
import type { ThingRecord } from './records.ts';
import type { IotState } from './state.ts';

/** "Registry events": what an account can have messages about. */
export const EVENT_TYPES = [
  'THING',
  'THING_GROUP',
  'THING_TYPE',
  'THING_GROUP_MEMBERSHIP',
  'THING_GROUP_HIERARCHY',
  'THING_TYPE_ASSOCIATION',
  'JOB',
  'JOB_EXECUTION',
  'POLICY',
  'CERTIFICATE',
  'CA_CERTIFICATE',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface EventConfigurations {
  isEnabled(type: EventType): boolean;
  /** Those that are not named stay as they are. */
  update(change: Partial<Record<EventType, boolean>>): void;
  /** When they were first and last changed, in milliseconds since 1970; undefined before. */
  readonly dates: { createdAt: number; modifiedAt: number } | undefined;
}

export function createEventConfigurations(state: IotState): EventConfigurations {
  return {
    isEnabled: (type) => state.account().events?.enabled.includes(type) === true,
    update(change) {
      const { enabled = [], createdAt = state.now() } = state.account().events ?? {};
      const now = EVENT_TYPES.filter((type) => change[type] ?? enabled.includes(type));
      state.setAccount({ events: { enabled: now, createdAt, modifiedAt: state.now() } });
    },
    get dates() {
      return state.account().events;
    },
  };
}

export type ThingOperation = 'CREATED' | 'UPDATED' | 'DELETED';

/** A registry event about a thing, as its message carries it. */
export interface ThingEvent {
  eventType: 'THING_EVENT';
  eventId: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  operation: ThingOperation;
  accountId: string;
  thingId: string;
  thingName: string;
  versionNumber: number;
  thingTypeName: string | null;
  attributes: Record<string, string>;
}

export function thingEvent(state: IotState, operation: ThingOperation, thing: ThingRecord): ThingEvent {
  return {
    eventType: 'THING_EVENT',
    eventId: randomUUID().replaceAll('-', ''),
    timestamp: state.now(),
    operation,
    accountId: state.context.config.accountId,
    thingId: thing.thingId,
    thingName: thing.thingName,
    versionNumber: thing.version,
    thingTypeName: thing.thingTypeName ?? null,
    attributes: thing.attributes,
  };
}

export function topicOf({ thingName, operation }: ThingEvent): string {
  return `$aws/events/thing/${thingName}/${operation.toLowerCase()}`;
}
