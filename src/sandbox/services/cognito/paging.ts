import { type Page, pageOf as pageOfList } from '../../protocols/page.ts';
import { invalidParameter } from './errors.ts';

/**
 * One page of a list, sorted by key: no item is repeated or skipped when items are added or removed between two pages.
 * Throws InvalidParameterException for an invalid token.
 */
export function pageOf<T>(
  list: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  { size, token }: { size: number; token: string | undefined },
): Page<T> {
  const sorted = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const invalid = () => invalidParameter('Invalid pagination token.');
  return pageOfList(sorted, { name: list, cursorOf: keyOf, invalid }, { size, token });
}
