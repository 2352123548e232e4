import type { GraphNode } from './graph.ts';

export interface SortKey {
  field: string;
  descending: boolean;
}

/** `name:asc,modelYear:DESC`: anything but DESC is ascending. */
export function parseSort(sort: string | null): SortKey[] {
  if (sort === null) return [];
  return sort.split(',').map((item) => {
    const [field = '', direction, ...more] = item.split(':');
    return { field, descending: more.length === 0 && direction?.toUpperCase() === 'DESC' };
  });
}

/** Compares by the keys in turn; a node without the field sorts as an empty string. */
export function comparing(keys: SortKey[]): (a: GraphNode, b: GraphNode) => number {
  return (a, b) => {
    for (const { field, descending } of keys) {
      const order = compareValues(a.properties[field] ?? '', b.properties[field] ?? '');
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

/** Values of different types are ordered by type, as in the graph database. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return Number(a) - Number(b);
}
