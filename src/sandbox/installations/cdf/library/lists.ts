import { defined } from '../../../kit/defined.ts';
import type { RelatedQuery } from './related.ts';
import { parseSort } from './sorting.ts';

/** Parses the query string of a list of related items. Offset and count are read with parseInt; undefined if NaN. */
export function relatedQuery(
  query: URLSearchParams,
  kind: 'group' | 'device',
  path: { relation?: string; direction?: string },
): RelatedQuery {
  return {
    ...defined({ relation: path.relation?.toLowerCase() }),
    direction: (path.direction ?? query.get('direction') ?? 'both').toLowerCase(),
    label: (query.get('template') ?? kind).toLowerCase(),
    // Only devices have a state. By default only active ones are listed.
    ...(kind === 'device' ? { state: (query.get('state') ?? 'active').toLowerCase() } : {}),
    offset: integer(query.get('offset')),
    count: integer(query.get('count')),
    sort: parseSort(query.get('sort')),
  };
}

/** Slices by offset and count, when both are present. `pagination` echoes them as strings. */
export function cut<T>(
  items: T[],
  query: URLSearchParams,
): { results: T[]; pagination?: { offset: string; count: string } } {
  const offset = query.get('offset');
  const count = query.get('count');
  if (!offset || !count) return { results: items };
  const first = integer(offset) ?? 0;
  return {
    results: items.slice(first, first + (integer(count) ?? 0)),
    pagination: { offset, count },
  };
}

function integer(text: string | null): number | undefined {
  if (text === null) return undefined;
  const value = parseInt(text, 10);
  return Number.isNaN(value) ? undefined : value;
}
