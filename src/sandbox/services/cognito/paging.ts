import * as z from 'zod';
import { parseJson } from '../../kit/json.ts';
import { invalidParameter } from './errors.ts';

/**
 * One page of a list, sorted by key, and the token of the next page. A token contains the last key shown, so that no
 * item is repeated or skipped when items are added or removed between two pages.
 * Throws InvalidParameterException for an invalid token.
 */
export function pageOf<T>(
  items: T[],
  keyOf: (item: T) => string,
  size: number,
  token: string | undefined,
): { items: T[]; next: string | undefined } {
  const after = token === undefined ? '' : decode(token);
  const rest = items.filter((item) => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const more = rest.length > size && last !== undefined;
  return { items: page, next: more ? encode(keyOf(last)) : undefined };
}

const pageToken = z.object({ after: z.string() });

function encode(after: string): string {
  return Buffer.from(JSON.stringify({ after }), 'utf8').toString('base64url');
}

function decode(token: string): string {
  const parsed = pageToken.safeParse(parseJson(Buffer.from(token, 'base64url').toString('utf8')));
  if (!parsed.success) throw invalidParameter('Invalid pagination token.');
  return parsed.data.after;
}
