import type { Table } from './contracts.ts';

export interface StoredTable {
  readonly rows: Table<unknown>;
  readonly volatile: boolean;
  readonly permanent: boolean;
  /** `[[key, value], …]`, made anew only when something changed since the last call. */
  json(): string;
}

/** One table of the store; `changed` is told every change that has to be written. */
export function createTable(
  initial: [string, unknown][],
  changed: () => void,
  { volatile = false, permanent = false }: { volatile?: boolean; permanent?: boolean },
): StoredTable {
  const map = new Map<string, unknown>(initial);
  let text: string | undefined;

  function touched(): void {
    text = undefined;
    if (!volatile) changed();
  }

  return {
    volatile,
    permanent,
    json: () => (text ??= JSON.stringify([...map])),
    rows: {
      get: (key) => map.get(key),
      has: (key) => map.has(key),
      set(key, value) {
        map.set(key, value);
        touched();
      },
      delete(key) {
        const was = map.delete(key);
        if (was) touched();
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
        touched();
      },
    },
  };
}
