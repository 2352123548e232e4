import type { Clock } from '../../../kernel/clock.ts';
import type { Store } from '../../../kernel/store.ts';
import { nestsDeeperThan } from '../../../kit/json.ts';
import { defined } from '../../../kit/defined.ts';
import type { SeenMessage, SeenVehicle } from '../../overview.ts';
import { MOST_LEVELS, type MessageType } from './schema.ts';
import { type SerialRecord, serialOf, type SerialSummary, summarize, withSerial } from './serials.ts';

/** One telemetry message as the cloud received it. */
export interface ReceivedMessage {
  /** A running number over all messages the sandbox ever received. */
  sequence: number;
  topic: string;
  type: MessageType;
  clientId: string;
  messageId?: string;
  /** Digits after the last `#` of the message id. */
  serial?: number;
  /** ISO 8601. */
  receivedAt: string;
  accepted: boolean;
  /** Why the message was dropped. CMS itself drops messages silently. */
  reason?: string;
  /** The JSON value, or the text if it is not JSON or nested too deeply. */
  payload: unknown;
}

export interface MessageList {
  vin: string;
  totals: {
    received: number;
    accepted: number;
    rejected: number;
    byType: Record<string, number>;
    serials: SerialSummary;
  };
  /** Oldest first. */
  messages: ReceivedMessage[];
}

interface Counts {
  received: number;
  accepted: number;
  byType: Record<string, number>;
  serials?: SerialRecord;
}

export interface MessageLog {
  add(entry: {
    vin: string;
    topic: string;
    type: MessageType;
    clientId: string;
    messageId: unknown;
    run: string | undefined;
    reason: string | undefined;
    payload: string;
  }): void;
  /** `?limit=` (default 100), `?since=<sequence>` (only later ones, oldest first) and `?type=`. */
  list(vin: string, query: URLSearchParams): MessageList;
  /** Of these vehicles and of all that ever sent something, each once, by their VINs. */
  totalsOf(vins: readonly string[]): SeenVehicle[];
  /** Newest first. */
  newest(count: number): SeenMessage[];
  /** Discards all messages (after a reset). */
  clear(): void;
}

/** How many messages are kept in total. The counts cover all messages. */
const MOST_KEPT = 20_000;
const MOST_KEPT_BYTES = 64 * 1024 * 1024;
const DEFAULT_LIMIT = 100;

type Kept = Omit<ReceivedMessage, 'payload'> & { text: string; vin: string };

export function createMessageLog(store: Store, clock: Clock): MessageLog {
  const counts = store.table<Counts>('cms/messages/counts');
  const sequences = store.table<number>('cms/messages/sequence');
  /** All kept messages, oldest first, and the same by vehicle. */
  const all = new Map<number, Kept>();
  const byVin = new Map<string, Map<number, Kept>>();
  let bytes = 0;

  function keep(message: Kept): void {
    all.set(message.sequence, message);
    const own = byVin.get(message.vin) ?? new Map<number, Kept>();
    own.set(message.sequence, message);
    byVin.set(message.vin, own);
    bytes += message.text.length;
    for (const [sequence, oldest] of all) {
      if (all.size <= MOST_KEPT && bytes <= MOST_KEPT_BYTES) break;
      all.delete(sequence);
      bytes -= oldest.text.length;
      const rest = byVin.get(oldest.vin);
      rest?.delete(sequence);
      if (rest?.size === 0) byVin.delete(oldest.vin);
    }
  }

  return {
    add({ vin, topic, type, clientId, messageId, run, reason, payload }) {
      const sequence = (sequences.get('last') ?? 0) + 1;
      sequences.set('last', sequence);
      const serial = serialOf(messageId);
      const before = counts.get(vin) ?? { received: 0, accepted: 0, byType: {} };
      counts.set(vin, {
        received: before.received + 1,
        accepted: before.accepted + (reason === undefined ? 1 : 0),
        byType: { ...before.byType, [type]: (before.byType[type] ?? 0) + 1 },
        ...(serial === undefined
          ? before.serials && { serials: before.serials }
          : { serials: withSerial(before.serials, run, serial) }),
      });
      keep({
        vin,
        sequence,
        topic,
        type,
        clientId,
        ...(typeof messageId === 'string' ? { messageId } : {}),
        ...defined({ serial }),
        receivedAt: new Date(clock.now()).toISOString(),
        accepted: reason === undefined,
        ...defined({ reason }),
        text: payload,
      });
    },

    list(vin, query) {
      const { received = 0, accepted = 0, byType = {}, serials } = counts.get(vin) ?? {};
      const limit = whole(query.get('limit')) ?? DEFAULT_LIMIT;
      const since = whole(query.get('since'));
      const type = query.get('type');
      const wanted = [...(byVin.get(vin)?.values() ?? [])].filter(
        (message) =>
          (type === null || message.type === type) && (since === undefined || message.sequence > since),
      );
      const page = since === undefined ? wanted.slice(-limit || wanted.length) : wanted.slice(0, limit);
      return {
        vin,
        totals: {
          received,
          accepted,
          rejected: received - accepted,
          byType,
          serials: summarize(serials),
        },
        messages: page.map(({ text, vin: _vin, ...message }) => ({ ...message, payload: parsed(text) })),
      };
    },

    totalsOf(vins) {
      const all = new Set([...vins.map((vin) => vin.toUpperCase()), ...counts.keys()]);
      return [...all].sort().map((vin) => {
        const { received = 0, accepted = 0 } = counts.get(vin) ?? {};
        return { vin, received, accepted };
      });
    },

    newest(count) {
      const newest = [...all.values()].slice(-count).reverse();
      return newest.map(({ receivedAt, vin, type, reason }) => ({ receivedAt, vin, type, reason }));
    },

    clear() {
      all.clear();
      byVin.clear();
      bytes = 0;
    },
  };
}

function whole(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The JSON value; or the text itself, if it is not JSON or nested too deeply to be serialized again. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return nestsDeeperThan(value, MOST_LEVELS) ? text : value;
  } catch {
    return text;
  }
}
