import type { Context } from '../kernel/context.ts';
import type { Message } from './session.ts';

export interface RetainedMessage {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  /** Milliseconds since 1970. */
  lastModified: number;
}

/** The last message of each topic that was published with the RETAIN flag. Survives a restart. */
export interface Retained {
  /** An empty payload deletes the retained message. */
  keep(message: Message): void;
  get(topic: string): RetainedMessage | undefined;
  /** Sorted by topic. */
  list(): RetainedMessage[];
}

interface Row {
  payload: string;
  qos: 0 | 1;
  lastModified: number;
}

export function createRetained(context: Context): Retained {
  const rows = context.store.table<Row>('mqtt-retained');
  const read = (topic: string, row: Row): RetainedMessage => ({
    topic,
    payload: Buffer.from(row.payload, 'base64'),
    qos: row.qos,
    lastModified: row.lastModified,
  });
  return {
    keep({ topic, payload, qos }) {
      if (payload.length === 0) rows.delete(topic);
      else rows.set(topic, { payload: payload.toString('base64'), qos, lastModified: context.clock.now() });
    },
    get(topic) {
      const row = rows.get(topic);
      return row === undefined ? undefined : read(topic, row);
    },
    list() {
      return [...rows.entries()]
        .map(([topic, row]) => read(topic, row))
        .sort((a, b) => (a.topic < b.topic ? -1 : 1));
    },
  };
}
