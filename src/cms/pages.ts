import { defined } from '../core/defined.ts';
import type { Page, PageRequest } from './deployment.ts';

/** Follows the `next` of pages until there is none. */
export async function* everyItem<T>(
  read: (page: PageRequest) => Promise<Page<T>>,
  size = 100,
): AsyncIterable<T> {
  let next: string | undefined;
  do {
    const page = await read(defined({ size, next }));
    yield* page.items;
    next = page.next;
  } while (next !== undefined);
}
