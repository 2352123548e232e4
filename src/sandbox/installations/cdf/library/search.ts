import type { Json } from '../../../kit/json.ts';
import { type Graph, type GraphNode, groupId } from './graph.ts';
import { type Comparison, type Filter, type SearchQuery, type Step } from './searchQuery.ts';
import { itemOf } from './shapes.ts';
import { comparing } from './sorting.ts';

const DEFAULT_COUNT = 200;

export interface Search {
  /** Items with attributes but without relations, and the pagination to echo. */
  find(query: SearchQuery): {
    results: Json[];
    pagination: { offset: string | number; count: string | number };
  };
  /** How often each value of the facet's field occurs. */
  facet(query: SearchQuery): Record<string, number>;
  total(query: SearchQuery): number;
}

export function createSearch(graph: Graph): Search {
  function matches(query: SearchQuery): GraphNode[] {
    return [...candidates(query)].filter(
      (node) =>
        // The root is neither a group nor a device.
        node.labels.length > 1 &&
        query.types.every((type) => node.labels.includes(type)) &&
        query.filters.every(({ comparison, filter }) =>
          follow([node], filter.path).some((end) => holds(end.properties[filter.field], comparison, filter)),
        ) &&
        query.exist.every((filter) => exists(node, filter)) &&
        // Without a relation to follow, `nexist` is ignored.
        query.nexist.every((filter) => filter.path.length === 0 || !exists(node, filter)),
    );
  }

  /** A set of nodes, as small as possible, that contains all hits. */
  function candidates(query: SearchQuery): Iterable<GraphNode> {
    if (query.ancestorPath !== undefined) return below(groupId(query.ancestorPath));
    const rarest = [...query.types].sort((a, b) => graph.count(a) - graph.count(b))[0];
    return graph.nodes(rarest);
  }

  /** All nodes from which the group can be reached along edges. */
  function* below(id: string): Generator<GraphNode> {
    const seen = new Set([id]);
    const queue = [id];
    for (const at of queue) {
      for (const edge of graph.in(at)) {
        if (seen.has(edge.from)) continue;
        seen.add(edge.from);
        queue.push(edge.from);
        const node = graph.node(edge.from);
        if (node) yield node;
      }
    }
  }

  function follow(nodes: GraphNode[], path: Step[]): GraphNode[] {
    let reached = nodes;
    for (const { relation, direction } of path) {
      reached = reached.flatMap((node) =>
        [...(direction === 'in' ? graph.in(node.id) : graph.out(node.id))]
          .filter((edge) => edge.relation === relation)
          .flatMap((edge) => graph.node(direction === 'in' ? edge.from : edge.to) ?? []),
      );
    }
    return reached;
  }

  const exists = (node: GraphNode, filter: Filter): boolean =>
    follow([node], filter.path).some((end) => end.properties[filter.field] === filter.value);

  return {
    find(query) {
      const hits = matches(query);
      if (query.sort.length > 0) hits.sort(comparing(query.sort));
      const offset = query.offset === undefined ? 0 : parseInt(query.offset, 10);
      const count = query.count === undefined ? DEFAULT_COUNT : parseInt(query.count, 10);
      const page = hits.slice(offset, offset + count);
      return {
        results: page.map((node) => itemOf(node)),
        pagination: {
          offset: query.offset ?? 0,
          count: page.length < count ? page.length : (query.count ?? DEFAULT_COUNT),
        },
      };
    },
    facet(query) {
      const { facet } = query;
      if (facet === undefined) return {};
      const counts = new Map<string, number>();
      for (const { properties } of follow(matches(query), facet.path)) {
        // Inherited members such as `constructor` are not fields.
        const value = Object.hasOwn(properties, facet.field) ? properties[facet.field] : undefined;
        if (value === undefined) continue;
        const key = typeof value === 'string' ? value : JSON.stringify(value);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return Object.fromEntries(counts);
    },
    total: (query) => matches(query).length,
  };
}

function holds(actual: unknown, comparison: Comparison, { value }: Filter): boolean {
  // A query string contains only strings, so a number never equals its value.
  const text = typeof actual === 'string' ? actual : undefined;
  const number = typeof actual === 'number' ? actual : NaN;
  switch (comparison) {
    case 'eq':
      return text === value;
    case 'neq':
      return text !== value;
    case 'startsWith':
      return text?.startsWith(value) === true;
    case 'endsWith':
      return text?.endsWith(value) === true;
    case 'contains':
      return text?.includes(value) === true;
    case 'lt':
      return number < Number(value);
    case 'lte':
      return number <= Number(value);
    case 'gt':
      return number > Number(value);
    case 'gte':
      return number >= Number(value);
  }
}
