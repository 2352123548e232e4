import { type Page, pageOf, type PageRequest } from '../../../protocols/page.ts';
import { invalidRequest } from './errors.ts';

/** A list item with a sequence number by creation, so that paging works even if items are deleted meanwhile. */
export interface Numbered {
  readonly sequence: number;
}

/** One page of items, which must be ordered by sequence. Throws InvalidRequestException for an invalid token. */
export function page<T extends Numbered>(
  all: Iterable<T>,
  { descending = false, ...request }: PageRequest & { /** Newest first. */ descending?: boolean },
): Page<T> {
  const list = {
    name: 'iot',
    cursorOf: ({ sequence }: T) => sequence,
    descending,
    invalid: () => invalidRequest('The pagination token is not valid.'),
  };
  return pageOf(descending ? [...all].reverse() : all, list, request);
}
