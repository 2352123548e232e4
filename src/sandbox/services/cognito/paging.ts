import { invalidParameter } from './errors.ts';

/**
 * One page of a list, and the token of the next. A token holds the key of the last item shown, so that items
 * added or removed in between do not shift the pages. Throws InvalidParameterException for a foreign token.
 */
export function pageOf<T>(
  items: T[],
  keyOf: (item: T) => string,
  size: number,
  token: string | undefined,
): { items: T[]; next: string | undefined } {
  const from = token === undefined ? 0 : positionAfter(items.map(keyOf), token);
  const page = items.slice(from, from + size);
  const last = page.at(-1);
  const more = from + size < items.length && last !== undefined;
  return { items: page, next: more ? encode({ after: keyOf(last), at: from + size }) : undefined };
}

function positionAfter(keys: string[], token: string): number {
  const { after, at } = decode(token);
  const index = keys.indexOf(after);
  // The item itself may be gone: then the place where it was is the best guess.
  return index >= 0 ? index + 1 : Math.max(0, at - 1);
}

function encode(value: { after: string; at: number }): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

function decode(token: string): { after: string; at: number } {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Record<string, unknown>;
    const { after, at } = value;
    if (typeof after === 'string' && typeof at === 'number') return { after, at };
  } catch {
    // Falls through: not one of ours.
  }
  throw invalidParameter('Invalid pagination token.');
}
