/** A named collection of JSON values that survives a restart. Change a value only through `set`. */
export interface Table<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  readonly size: number;
  /** Insertion order. */
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  clear(): void;
}

export interface StoredTable {
  readonly rows: Table<unknown>;
  readonly volatile: boolean;
  readonly permanent: boolean;
  /**
   * Each row as the JSON of `[key, value]`, cached until the row changes. Rows that cannot be serialized (nested too
   * deeply) are omitted, so that the others can be saved; `lost` gets their keys.
   */
  texts(lost: (key: string) => void): string[];
}

export interface TableOptions {
  /** Not saved. */
  volatile?: boolean;
  /** Survives a reset. */
  permanent?: boolean;
  /**
   * Stores values as JSON would, and frozen, so that code that changes a value without `set` fails. Costs a copy for
   * each change. Values of volatile tables need not be JSON and are stored unchanged.
   */
  freeze?: boolean;
}

/** One table of the store. `changed` is called after every change that must be saved. */
export function createTable(
  initial: [string, unknown][],
  changed: () => void,
  { volatile = false, permanent = false, freeze = false }: TableOptions,
): StoredTable {
  const map = new Map<string, unknown>(initial);
  const texts = new Map<string, string>();

  function rowChanged(key: string): void {
    texts.delete(key);
    if (!volatile) changed();
  }

  function textOf(key: string, value: unknown): string | undefined {
    const cached = texts.get(key);
    if (cached !== undefined) return cached;
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
        rowChanged(key);
      },
      delete(key) {
        const was = map.delete(key);
        if (was) rowChanged(key);
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
