import type { Clock } from '../../../kernel/clock.ts';
import { defined } from '../../../kit/defined.ts';

/** Something that happened in the asset library, as published on `cdf/assetlibrary/events/…`. */
export interface LibraryEvent {
  objectId: string;
  type: 'groups' | 'devices' | 'policies' | 'groupTemplates' | 'deviceTemplates' | 'profiles';
  event: 'create' | 'modify' | 'delete';
  /** The (changed) item as JSON text; absent for attach and detach. */
  payload?: string;
  attributes?: Record<string, string>;
  /** ISO 8601. */
  time: string;
}

export type FireEvent = (event: Omit<LibraryEvent, 'payload' | 'time'> & { item?: unknown }) => void;

/** Publishes every event as the CDF event emitter does, and passes it to `listener` (the topic rules). */
export function createEvents(
  clock: Clock,
  publish: (topic: string, payload: string) => void,
  listener: (event: LibraryEvent) => void,
): FireEvent {
  return ({ objectId, type, event, item, attributes }) => {
    const full: LibraryEvent = {
      objectId,
      type,
      event,
      ...defined({ payload: JSON.stringify(item), attributes }),
      time: new Date(clock.now()).toISOString(),
    };
    publish(`cdf/assetlibrary/events/${type}/${encodeURIComponent(objectId)}/${event}`, JSON.stringify(full));
    listener(full);
  };
}
