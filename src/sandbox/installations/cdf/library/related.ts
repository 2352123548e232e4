import type { Json } from '../../../kit/json.ts';
import type { Graph, GraphNode } from './graph.ts';
import { itemOf } from './shapes.ts';
import { comparing, type SortKey } from './sorting.ts';

export interface RelatedQuery {
  /** Undefined or `*` means any. */
  relation?: string;
  /** Anything but `in` and `out` means both. */
  direction: string;
  /** Template or category that the other end must have. */
  label: string;
  state?: string;
  offset?: number | undefined;
  count?: number | undefined;
  sort: SortKey[];
}

export interface ItemList {
  results: Json[];
  pagination?: { offset?: number | undefined; count?: number | undefined };
}

/**
 * Items at the other end of a node's edges, each with `relation` and `direction`. Pages only when both offset
 * and count are given. An unknown node has an empty list.
 */
export function listRelated(graph: Graph, id: string, query: RelatedQuery): ItemList {
  if (!graph.node(id)) return { results: [] };
  const rows: Row[] = [];
  const paged = query.offset !== undefined && query.count !== undefined;
  const first = paged ? (query.offset ?? 0) : 0;
  const end = paged ? first + (query.count ?? 0) : Infinity;
  const sorted = query.sort.length > 0;
  for (const row of matching(graph, id, query)) {
    rows.push(row);
    if (!sorted && rows.length >= end) break;
  }
  if (sorted) {
    const compare = comparing(query.sort);
    rows.sort((a, b) => compare(a.node, b.node));
  }
  return {
    results: grouped(rows.slice(first, end)).map((row) => ({
      ...itemOf(row.node),
      relation: row.relation,
      direction: row.direction,
    })),
    ...(query.offset === undefined && query.count === undefined
      ? {}
      : { pagination: { offset: query.offset, count: query.count } }),
  };
}

const IN = ['in'] as const;
const OUT = ['out'] as const;
const BOTH = ['in', 'out'] as const;

interface Row {
  node: GraphNode;
  relation: string;
  direction: 'in' | 'out';
}

function* matching(graph: Graph, id: string, query: RelatedQuery): Generator<Row> {
  const directions = query.direction === 'in' ? IN : query.direction === 'out' ? OUT : BOTH;
  for (const direction of directions) {
    for (const edge of direction === 'in' ? graph.in(id) : graph.out(id)) {
      if (query.relation !== undefined && query.relation !== '*' && edge.relation !== query.relation)
        continue;
      const node = graph.node(direction === 'in' ? edge.from : edge.to);
      if (!node?.labels.includes(query.label)) continue;
      if (query.state !== undefined && node.properties.state !== query.state) continue;
      yield { node, relation: edge.relation, direction };
    }
  }
}

/** Orders rows as the original does: incoming before outgoing, and rows of the same relation together. */
function grouped(rows: Row[]): Row[] {
  const groups = new Map<string, Row[]>();
  for (const direction of ['in', 'out']) {
    for (const row of rows) {
      if (row.direction !== direction) continue;
      const key = `${direction} ${row.relation}`;
      const group = groups.get(key);
      if (group) group.push(row);
      else groups.set(key, [row]);
    }
  }
  return [...groups.values()].flat();
}
