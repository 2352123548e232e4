import { safeJson } from './foreignText.ts';
import { isMessage } from './message.ts';
import { redact, redactedNumber } from './secrets.ts';
import { english } from './wording.ts';

/** JSON for a reader outside this program: it drives no terminal, shows no secret, and messages stand there in English. */
export function harmlessJson(value: object, indent?: number): string {
  return safeJson(value, harmless, indent);
}

/** Replaces messages by their words while JSON is written, and secrets in texts and names. */
function harmless(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') return redactedNumber(value);
  if (isMessage(value)) return english(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const names = Object.entries(value).map(([name, item]) => [redact(name), item as unknown] as const);
  return names.some(([name]) => !Object.hasOwn(value, name)) ? Object.fromEntries(names) : value;
}
