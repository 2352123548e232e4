export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The list of that name; empty if there is none. */
export function arrayIn(value: unknown, key: string): readonly unknown[] {
  const inner = isJson(value) ? value[key] : undefined;
  return Array.isArray(inner) ? (inner as unknown[]) : [];
}

export function numberIn(value: Json, key: string): number | undefined {
  const inner = value[key];
  return typeof inner === 'number' && Number.isFinite(inner) ? inner : undefined;
}

export function textIn(value: Json, key: string): string | undefined {
  const inner = value[key];
  return typeof inner === 'string' ? inner : undefined;
}
