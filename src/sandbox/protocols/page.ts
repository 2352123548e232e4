import * as z from 'zod';
import type { AwsError } from '../kernel/http.ts';
import { parseJson } from '../kit/json.ts';

/** A list that is given page by page. Its items are in the order of their cursors. */
export interface PagedList<T> {
  /** A token of one list is refused by the others. */
  name: string;
  /** What a token remembers of the last item shown: with a cursor of its own, nothing is repeated or skipped when items come and go. */
  cursorOf(item: T, index: number): string | number;
  /** From the highest cursor to the lowest. */
  descending?: boolean;
  /** What the service says of a token that is not one of this list. */
  invalid(): AwsError;
}

export interface PageRequest {
  /** The token of the page before; undefined or null for the first page. */
  token?: string | null | undefined;
  size: number;
}

export interface Page<T> {
  items: T[];
  /** The token of the next page; absent on the last one. */
  next?: string;
}

/** One page of a list. Throws `invalid()` of the list for a token of another one, or of none. */
export function pageOf<T>(all: Iterable<T>, list: PagedList<T>, { token, size }: PageRequest): Page<T> {
  const after = token === undefined || token === null ? undefined : cursorIn(token, list);
  const items: T[] = [];
  let last: string | number | undefined;
  let index = -1;
  for (const item of all) {
    index++;
    const cursor = list.cursorOf(item, index);
    if (after !== undefined && !isAfter(cursor, after, list.descending === true)) continue;
    if (items.length === size)
      return last === undefined ? { items } : { items, next: tokenOf(list.name, last) };
    items.push(item);
    last = cursor;
  }
  return { items };
}

function isAfter(cursor: string | number, other: string | number, descending: boolean): boolean {
  return descending ? cursor < other : cursor > other;
}

const content = z.tuple([z.string(), z.union([z.string(), z.number()])]);

/** Standard base64: that is what AWS demands of the markers of AWS IoT. */
function tokenOf(name: string, cursor: string | number): string {
  return Buffer.from(JSON.stringify([name, cursor])).toString('base64');
}

function cursorIn<T>(token: string, list: PagedList<T>): string | number {
  const parsed = content.safeParse(parseJson(Buffer.from(token, 'base64').toString('utf8')));
  if (!parsed.success || parsed.data[0] !== list.name) throw list.invalid();
  return parsed.data[1];
}
