import type { Table } from './contracts/kernel.ts';

export interface StoredTable {
  readonly rows: Table<unknown>;
  readonly volatile: boolean;
  readonly permanent: boolean;
  /**
   * Each row as the JSON text of `[key, value]`; a row's text is made once and kept until the row changes.
   * A row that cannot be written (nested too deeply) is left out, so that the others are kept; `lost` gets its key.
   */
  texts(lost: (key: string) => void): string[];
}

export interface TableOptions {
  /** Not written. */
  volatile?: boolean;
  /** Outlives a reset. */
  permanent?: boolean;
  /**
   * Values are kept as JSON would keep them, and frozen, so that whoever changes one without `set` fails. Values of
   * volatile tables stay as they are: they need not be JSON. It costs a copy for each change.
   */
  freeze?: boolean;
}

/** One table of the store; `changed` is called after every change that has to be written. */
export function createTable(
  initial: [string, unknown][],
  changed: () => void,
  { volatile = false, permanent = false, freeze = false }: TableOptions,
): StoredTable {
  const map = new Map<string, unknown>(initial);
  const texts = new Map<string, string>();

  function touched(key: string): void {
    texts.delete(key);
    if (!volatile) changed();
  }

  function textOf(key: string, value: unknown): string | undefined {
    const known = texts.get(key);
    if (known !== undefined) return known;
    try {
      const text = JSON.stringify([key, value]);
      texts.set(key, text);
      return text;
    } catch {
      return undefined;
    }
  }

  return {
    volatile,
    permanent,
    texts(lost) {
      const rows: string[] = [];
      for (const [key, value] of map) {
        const text = textOf(key, value);
        if (text === undefined) lost(key);
        else rows.push(text);
      }
      return rows;
    },
    rows: {
      get: (key) => map.get(key),
      has: (key) => map.has(key),
      set(key, value) {
        map.set(key, freeze && !volatile ? frozen(value) : value);
        touched(key);
      },
      delete(key) {
        const was = map.delete(key);
        if (was) touched(key);
        return was;
      },
      get size() {
        return map.size;
      },
      keys: () => map.keys(),
      values: () => map.values(),
      entries: () => map.entries(),
      clear() {
        if (map.size === 0) return;
        map.clear();
        texts.clear();
        if (!volatile) changed();
      },
    },
  };
}

function frozen(value: unknown): unknown {
  return deepFreeze(JSON.parse(JSON.stringify(value)));
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
