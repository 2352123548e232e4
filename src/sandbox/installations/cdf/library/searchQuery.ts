import { present } from '../../../kit/present.ts';
import { parseSort, type SortKey } from './sorting.ts';

export interface Step {
  relation: string;
  direction: 'in' | 'out';
}

/** Follow `path` from a node, then look at `field`. */
export interface Filter {
  path: Step[];
  field: string;
  value: string;
}

export const comparisons = [
  'eq',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'startsWith',
  'endsWith',
  'contains',
] as const;
export type Comparison = (typeof comparisons)[number];

export interface SearchQuery {
  /** Categories or template ids. A hit has all of them. */
  types: string[];
  ancestorPath: string | undefined;
  filters: { comparison: Comparison; filter: Filter }[];
  exist: Filter[];
  nexist: Filter[];
  facet: Omit<Filter, 'value'> | undefined;
  summarize: boolean;
  /** Kept as sent, because they are echoed as strings. */
  offset: string | undefined;
  count: string | undefined;
  sort: SortKey[];
}

/** Values of these fields are compared in lower case. */
const idFields = ['deviceId', 'groupPath', 'templateId'];
const textual: readonly Comparison[] = ['eq', 'neq', 'startsWith', 'endsWith', 'contains'];

/**
 * Parses the query string of a search. The query has already been decoded once. As in the original, a filter value is
 * decoded a second time here, after splitting at `:`. Throws URIError when that fails.
 */
export function parseSearch(query: URLSearchParams): SearchQuery {
  const all = (name: string): Filter[] => query.getAll(name).flatMap(parseFilter);
  return {
    types: query.getAll('type').map((type) => type.toLowerCase()),
    ancestorPath: query.get('ancestorPath')?.toLowerCase(),
    filters: comparisons.flatMap((comparison) =>
      all(comparison).map((filter) => ({
        comparison,
        filter:
          textual.includes(comparison) && idFields.includes(filter.field)
            ? { ...filter, value: filter.value.toLowerCase() }
            : filter,
      })),
    ),
    exist: all('exist'),
    nexist: all('nexist'),
    facet: parseFacet(query.get('facetField')),
    summarize: query.get('summarize') === 'true',
    offset: query.get('offset') ?? undefined,
    count: query.get('count') ?? undefined,
    sort: parseSort(query.get('sort')),
  };
}

/** `field:value` or `rel:dir:…:field:value`; with an odd number of parts it is ignored. */
function parseFilter(text: string): Filter[] {
  const parts = text.split(':');
  if (parts.length < 2 || parts.length % 2 === 1) return [];
  const [field = '', value = ''] = parts.slice(-2);
  return [{ path: steps(parts.slice(0, -2)), field, value: decodeURIComponent(value) }];
}

function parseFacet(text: string | null): Omit<Filter, 'value'> | undefined {
  if (text === null) return undefined;
  const parts = text.split(':');
  if (parts.length % 2 === 0) return undefined;
  return { path: steps(parts.slice(0, -1)), field: present(parts.at(-1), 'The field of a facet') };
}

function steps(parts: string[]): Step[] {
  const path: Step[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const relation = present(parts[index], 'The relation of a step');
    path.push({ relation, direction: parts[index + 1] === 'in' ? 'in' : 'out' });
  }
  return path;
}
