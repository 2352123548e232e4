import { BOUNDS, TooManyPoints } from './bounds.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The list of that name; empty if there is none. Throws TooManyPoints for a longer one than any route has. */
export function arrayIn(value: unknown, key: string): readonly unknown[] {
  const inner = isJson(value) ? value[key] : undefined;
  if (!Array.isArray(inner)) return [];
  if (inner.length > BOUNDS.points) throw new TooManyPoints();
  return inner as unknown[];
}

export function numberIn(value: Json, key: string): number | undefined {
  const inner = value[key];
  return typeof inner === 'number' && Number.isFinite(inner) ? inner : undefined;
}

export function textIn(value: Json, key: string): string | undefined {
  const inner = value[key];
  return typeof inner === 'string' ? inner : undefined;
}

/** Characters of a key that can name a column. */
const LONGEST_KEY = 200;

/** The keys of some objects, as the header of a table: each once, as many as a table may have columns. */
export function keysOf(items: readonly Json[]): string[] {
  const keys = new Set<string>();
  for (const item of items) {
    for (const key in item) {
      if (keys.size >= BOUNDS.columns) return [...keys];
      if (key.length <= LONGEST_KEY) keys.add(key);
    }
  }
  return [...keys];
}
