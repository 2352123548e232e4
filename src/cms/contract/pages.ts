import { defined } from '../../core/defined.ts';
import type { Message } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';

/** Asks for a page of a list. */
export interface PageRequest {
  size: number;
  /** The `next` of the page before. */
  next?: string;
}

/** One page of a list; `next` asks for the following one. */
export interface Page<T> {
  items: T[];
  next: string | undefined;
}

/** Two million vehicles at 25 a page. */
const MOST_PAGES = 80_000;

/** The pages of a list of CMS, one after the other, until there is no `next`; a list without an end ends with an error. */
export function everyPage<T>(
  read: (page: PageRequest) => Promise<Page<T>>,
  doing: Message,
  size = 100,
): AsyncGenerator<Page<T>> {
  return endingPages(following(read, size), doing, ({ next, items }) => ({ next, items }), MOST_PAGES);
}

/** The items of all pages. */
export async function* everyItem<T>(
  read: (page: PageRequest) => Promise<Page<T>>,
  doing: Message,
  size?: number,
): AsyncGenerator<T> {
  for await (const page of everyPage(read, doing, size)) yield* page.items;
}

async function* following<T>(
  read: (page: PageRequest) => Promise<Page<T>>,
  size: number,
): AsyncGenerator<Page<T>> {
  let next: string | undefined;
  do {
    const page = await read(defined({ size, next }));
    yield page;
    next = page.next;
  } while (next !== undefined);
}
