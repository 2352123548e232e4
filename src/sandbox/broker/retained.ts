import type { Context } from '../kernel/context.ts';
import { defined } from '../kit/defined.ts';
import type { MessageProperties } from './messageProperties.ts';
import type { Message } from './session.ts';

export interface RetainedMessage {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  /** Milliseconds since 1970. */
  lastModified: number;
  properties?: MessageProperties | undefined;
  /** By the sandbox's clock, in milliseconds. */
  expiresAt?: number | undefined;
}

/** The last message of each topic that was published with the RETAIN flag. Survives a restart. */
export interface Retained {
  /** An empty payload deletes the retained message. */
  keep(message: Message): void;
  get(topic: string): RetainedMessage | undefined;
  /** Sorted by topic, without those that have expired. */
  list(): RetainedMessage[];
}

interface Row {
  payload: string;
  qos: 0 | 1;
  lastModified: number;
  properties?: Omit<MessageProperties, 'correlationData'> & { correlationData?: string };
  expiresAt?: number;
}

export function createRetained(context: Context): Retained {
  const rows = context.store.table<Row>('mqtt-retained');
  const read = (topic: string, row: Row): RetainedMessage => ({
    topic,
    payload: Buffer.from(row.payload, 'base64'),
    qos: row.qos,
    lastModified: row.lastModified,
    ...defined({ properties: revive(row.properties), expiresAt: row.expiresAt }),
  });
  const expired = (row: Row) => row.expiresAt !== undefined && context.clock.now() >= row.expiresAt;
  return {
    keep({ topic, payload, qos, properties, expiresAt }) {
      if (payload.length === 0) {
        rows.delete(topic);
        return;
      }
      const more = defined({ properties: freeze(properties), expiresAt });
      rows.set(topic, {
        payload: payload.toString('base64'),
        qos,
        lastModified: context.clock.now(),
        ...more,
      });
    },
    get(topic) {
      const row = rows.get(topic);
      return row === undefined || expired(row) ? undefined : read(topic, row);
    },
    list() {
      return [...rows.entries()]
        .filter(([, row]) => !expired(row))
        .map(([topic, row]) => read(topic, row))
        .sort((a, b) => (a.topic < b.topic ? -1 : 1));
    },
  };
}

/** As JSON can hold them. */
function freeze(properties: MessageProperties | undefined): Row['properties'] {
  if (properties === undefined) return undefined;
  const { correlationData, ...rest } = properties;
  return correlationData === undefined
    ? rest
    : { ...rest, correlationData: correlationData.toString('base64') };
}

function revive(properties: Row['properties']): MessageProperties | undefined {
  if (properties === undefined) return undefined;
  const { correlationData, ...rest } = properties;
  return correlationData === undefined
    ? rest
    : { ...rest, correlationData: Buffer.from(correlationData, 'base64') };
}
