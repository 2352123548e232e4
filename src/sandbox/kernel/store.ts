import path from 'node:path';
import * as z from 'zod';
import { NotOurs, readOwnFile } from '../kit/ownFiles.ts';
import { replaceFile } from './atomicFile.ts';
import type { Log } from './log.ts';
import type { Table } from './table.ts';
import { StartError, systemCode } from './startError.ts';
import { createTable, type StoredTable } from './table.ts';

const FORMAT = 'cms-enablement-sandbox';
const VERSION = 1;

const stateFile = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  tables: z.record(z.string(), z.array(z.tuple([z.string(), z.unknown()]))),
});

/** All state of the sandbox. Written atomically as one snapshot, shortly after a change and on exit. */
export interface Store {
  /** The same name gives the same table. `volatile` tables are not saved; `permanent` ones (the CA) survive a reset. */
  table<T>(name: string, options?: { volatile?: boolean; permanent?: boolean }): Table<T>;
  /** Empties all tables that are not permanent. Call `seed()` of the parts afterwards. */
  reset(): void;
  /** Resolves when the current state is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Folder of `state.json`; it must exist. Without it nothing is written. */
  folder?: string | undefined;
  log?: Log;
  /** The minimum time from a change to its snapshot, in milliseconds. */
  debounceMs?: number;
  /** For tests: see TableOptions. */
  freeze?: boolean;
}

export interface FileStore extends Store {
  /** Whether there was a state file at the start. */
  readonly loaded: boolean;
  /** Closes without saving changes. */
  abandon(): Promise<void>;
}

/**
 * Tables in memory, written as one snapshot (`state.json`) shortly after a change.
 * A large state is written less often, so that writing takes at most about a tenth of the time.
 * Throws StartError `state-unreadable` when the state file is damaged or not ours: it is never silently replaced.
 */
export function createStore({
  folder,
  log = () => undefined,
  debounceMs = 100,
  freeze = false,
}: StoreOptions = {}): FileStore {
  const file = folder === undefined ? undefined : path.join(folder, 'state.json');
  const saved = file === undefined ? new Map<string, [string, unknown][]>() : load(file);
  const tables = new Map<string, StoredTable>();
  /** Counts changes, so that a snapshot knows whether it is still the newest. */
  let changes = 0;
  let written = 0;
  let lastWriteMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let closed = false;
  const loaded = saved.size > 0;

  function changed(): void {
    changes++;
    schedule();
  }

  function schedule(): void {
    if (file === undefined || timer !== undefined || writing !== undefined || closed) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        write().catch((error: unknown) =>
          log(
            'error',
            `the state could not be written: ${error instanceof Error ? error.message : 'unknown'}`,
          ),
        );
      },
      Math.min(10_000, Math.max(debounceMs, 10 * lastWriteMs)),
    );
  }

  function write(): Promise<void> {
    writing ??= writeNow().finally(() => {
      writing = undefined;
      if (written < changes) schedule();
    });
    return writing;
  }

  async function writeNow(): Promise<void> {
    if (file === undefined) return;
    const started = performance.now();
    const upTo = changes;
    // While writing fails, it is retried about once a second.
    lastWriteMs = 100;
    // The snapshot is built before the first await, so that it is consistent.
    await replaceFile(file, snapshot());
    written = upTo;
    lastWriteMs = performance.now() - started;
  }

  function snapshot(): string[] {
    const all = new Map<string, string[]>();
    // Tables that no part has opened yet must not be lost.
    for (const [name, rows] of saved)
      all.set(
        name,
        rows.map((row) => JSON.stringify(row)),
      );
    for (const [name, table] of tables) {
      if (table.volatile) continue;
      const rows = table.texts((key) =>
        log('error', `${name}: ${JSON.stringify(key)} cannot be written and is not kept over a restart`),
      );
      all.set(name, rows);
    }
    const parts = [`{"format":"${FORMAT}","version":${VERSION},"tables":{`];
    let separator = '\n';
    for (const [name, rows] of all) {
      parts.push(separator, JSON.stringify(name), ':[');
      rows.forEach((row, i) => parts.push(i === 0 ? '\n' : ',\n', row));
      parts.push(']');
      separator = ',\n';
    }
    parts.push('}}\n');
    return parts;
  }

  return {
    loaded,
    table<T>(name: string, options: { volatile?: boolean; permanent?: boolean } = {}): Table<T> {
      let table = tables.get(name);
      if (!table) {
        table = createTable(saved.get(name) ?? [], changed, { ...options, freeze });
        saved.delete(name);
        tables.set(name, table);
      }
      // Only the caller reads and writes this table, so it knows the type.
      return table.rows as Table<T>;
    },
    reset() {
      saved.clear();
      for (const table of tables.values()) if (!table.permanent) table.rows.clear();
      changed();
    },
    async flush() {
      const upTo = changes;
      while (file !== undefined && written < upTo) await write();
    },
    async abandon() {
      closed = true;
      clearTimeout(timer);
      await writing?.catch(() => undefined);
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      timer = undefined;
      await this.flush();
    },
  };
}

function load(file: string): Map<string, [string, unknown][]> {
  let text: string;
  try {
    text = readOwnFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map();
    const why = error instanceof NotOurs ? error.message : `The state file ${file} cannot be read.`;
    throw new StartError('state-unreadable', why, error);
  }
  try {
    return new Map(Object.entries(stateFile.parse(JSON.parse(text)).tables));
  } catch (error) {
    throw unusableState(file, error);
  }
}

/** The state file was not written by this version. */
export function unusableState(file: string, cause: unknown): StartError {
  return new StartError(
    'state-unreadable',
    `${file} is damaged or was not written by this version of the sandbox. ` +
      'Move it away to start afresh, or choose another state folder.',
    cause,
  );
}
