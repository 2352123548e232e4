import { invalidRequest } from './errors.ts';

/** A list item with a sequence number by creation, so that paging works even if items are deleted meanwhile. */
export interface Numbered {
  readonly sequence: number;
}

export interface PageRequest {
  /** `next` of the previous page. */
  token?: string | undefined;
  size: number;
  /** Newest first. */
  descending?: boolean;
}

export interface Page<T> {
  items: T[];
  /** Absent on the last page. */
  next?: string;
}

/** One page of items, which must be ordered by sequence. Throws InvalidRequestException for an invalid token. */
export function page<T extends Numbered>(all: Iterable<T>, request: PageRequest): Page<T> {
  const after = request.token === undefined ? undefined : sequenceOf(request.token);
  const ordered = request.descending === true ? [...all].reverse() : all;
  const items: T[] = [];
  for (const item of ordered) {
    if (
      after !== undefined &&
      (request.descending === true ? item.sequence >= after : item.sequence <= after)
    ) {
      continue;
    }
    if (items.length === request.size) {
      const last = items.at(-1);
      return last === undefined ? { items } : { items, next: tokenOf(last.sequence) };
    }
    items.push(item);
  }
  return { items };
}

/** AWS requires markers to be standard base64. */
function tokenOf(sequence: number): string {
  return Buffer.from(`after:${sequence}`).toString('base64');
}

function sequenceOf(token: string): number {
  const match = /^after:(\d{1,15})$/.exec(Buffer.from(token, 'base64').toString('latin1'));
  if (match === null) throw invalidRequest('The pagination token is not valid.');
  return Number(match[1]);
}
