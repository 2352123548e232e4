import { AwsError } from '../kernel/http.ts';

export interface QueryPage<T> {
  items: T[];
  /** For requesting the next page; undefined on the last one. */
  nextToken: string | undefined;
}

/** One page of a list, with an opaque token that is valid only for this list. */
export function pageOf<T>(
  all: readonly T[],
  { list, token, size }: { list: string; token: string | null; size: number },
): QueryPage<T> {
  const from = token === null ? 0 : startOf(token, list);
  const items = all.slice(from, from + size);
  const next = from + items.length;
  return { items, nextToken: next < all.length ? tokenOf(list, next) : undefined };
}

function tokenOf(list: string, start: number): string {
  return Buffer.from(`${list}:${start}`).toString('base64url');
}

function startOf(token: string, list: string): number {
  const [name, start] = Buffer.from(token, 'base64url').toString('utf8').split(':');
  if (name !== list || start === undefined || !/^\d{1,9}$/.test(start)) {
    throw new AwsError('ValidationError', 'The specified token is not valid.');
  }
  return Number(start);
}
