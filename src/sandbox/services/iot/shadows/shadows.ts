import type { Context } from '../../../kernel/context.ts';
import { defined } from '../../../kit/defined.ts';
import {
  difference,
  type JsonObject,
  merge,
  mergeMetadata,
  metadataOf,
  SECTIONS,
  type Sections,
} from './document.ts';
import { ShadowError, type ShadowRequest } from './request.ts';

interface Row {
  /** Absent when the shadow was deleted; the row then only keeps the version. */
  state?: Sections;
  metadata?: Sections;
  version: number;
  /** Milliseconds since 1970. */
  deletedAt?: number;
}

/** A state document with its metadata. Times are seconds since 1970. */
export interface ShadowDocument {
  state: Sections & { delta?: JsonObject };
  metadata: Sections;
  version: number;
  timestamp: number;
}

export interface ShadowChange {
  /** The accepted change: only the sections in the request. */
  accepted: object;
  /** Absent when the reported state matches the desired state. */
  delta?: object;
  documents: object;
}

/** Device shadows, by `<thing>` or `<thing>/<shadow name>`. The thing need not exist. Throws ShadowError. */
export interface Shadows {
  get(key: string): ShadowDocument;
  update(key: string, request: ShadowRequest): ShadowChange;
  remove(key: string): { version: number; timestamp: number };
}

/** Service quota "Maximum size of a JSON state document"; metadata does not count. */
const STATE_BYTES = 8 * 1024;
/** A new shadow within this time continues the version of a deleted one with the same name. */
const VERSION_KEPT_MS = 48 * 3_600_000;

export function createShadows(context: Context): Shadows {
  const rows = context.store.table<Row>('iot/shadows');
  const seconds = () => Math.floor(context.clock.now() / 1000);

  function find(key: string): { state: Sections; metadata: Sections; version: number } {
    const { state, metadata, version } = rows.get(key) ?? {};
    if (state === undefined || metadata === undefined || version === undefined) {
      throw new ShadowError(404, `No shadow exists with name: '${key.split('/').at(-1) ?? key}'`);
    }
    return { state, metadata, version };
  }

  function lastVersion(row: Row | undefined): number {
    const forgotten = row?.deletedAt !== undefined && context.clock.now() - row.deletedAt > VERSION_KEPT_MS;
    return row === undefined || forgotten ? 0 : row.version;
  }

  return {
    get(key) {
      const { state, metadata, version } = find(key);
      const delta = difference(state.desired ?? {}, state.reported ?? {});
      return {
        state: { ...state, ...defined({ delta }) },
        metadata,
        version,
        timestamp: seconds(),
      };
    },

    update(key, { state: wished = {}, version: expected, clientToken }) {
      const changes = wished ?? { desired: null, reported: null };
      const row = rows.get(key);
      const before = { state: row?.state ?? {}, metadata: row?.metadata ?? {}, version: lastVersion(row) };
      if (expected !== undefined && expected !== before.version) {
        throw new ShadowError(409, 'Version conflict', clientToken);
      }
      const timestamp = seconds();
      let { state, metadata } = before;
      const accepted = { state: {} as Record<string, unknown>, metadata: {} as Record<string, unknown> };
      for (const section of SECTIONS) {
        const change = changes[section];
        if (change === undefined) continue;
        accepted.state[section] = change;
        const values = change === null ? {} : merge(state[section] ?? {}, change);
        // Empty sections are removed.
        const kept = Object.keys(values).length > 0;
        const times = kept ? mergeMetadata(metadata[section] ?? {}, change ?? {}, timestamp) : undefined;
        state = withSection(state, section, kept ? values : undefined);
        metadata = withSection(metadata, section, times);
        if (change !== null) accepted.metadata[section] = mergeMetadata({}, change, timestamp);
      }
      if (Buffer.byteLength(JSON.stringify(state)) > STATE_BYTES) {
        throw new ShadowError(413, 'The payload exceeds the maximum size allowed', clientToken);
      }
      const version = before.version + 1;
      rows.set(key, { state, metadata, version });
      const delta = difference(state.desired ?? {}, state.reported ?? {});
      const common = { version, timestamp, clientToken };
      // A state of null is echoed as such; its metadata is a time.
      const echo = wished === null ? { state: null, metadata: { timestamp } } : accepted;
      return {
        accepted: { ...echo, ...common },
        ...(delta === undefined
          ? {}
          : { delta: { state: delta, metadata: metadataOf(delta, metadata.desired ?? {}), ...common } }),
        documents: {
          previous: before,
          current: { state, metadata, version },
          timestamp,
          clientToken,
        },
      };
    },

    remove(key) {
      const { version } = find(key);
      rows.set(key, { version, deletedAt: context.clock.now() });
      return { version, timestamp: seconds() };
    },
  };
}

function withSection(sections: Sections, name: keyof Sections, value: JsonObject | undefined): Sections {
  const others = Object.entries(sections).filter(([other]) => other !== name);
  return Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
}
