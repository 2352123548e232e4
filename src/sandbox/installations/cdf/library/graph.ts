import type { Store } from '../../../kernel/store.ts';

/**
 * A vertex: a group, a device or the root. Attributes are stored next to the fixed properties, as in the graph
 * database.
 */
export interface GraphNode {
  /** `group___<path>` or `device___<id>`. */
  id: string;
  /** Category, then template. The root has only one label. */
  labels: string[];
  properties: Record<string, unknown>;
}

export interface Edge {
  key: string;
  from: string;
  relation: string;
  to: string;
}

/**
 * The graph of one core stack, with edges indexed in both directions, so that it stays fast with thousands of
 * vehicles.
 */
export interface Graph {
  node(id: string): GraphNode | undefined;
  /** In order of creation; with a label, only the nodes that have it. */
  nodes(label?: string): Iterable<GraphNode>;
  count(label: string): number;
  /** Adds or replaces. */
  put(node: GraphNode): void;
  /** Removes the node and all its edges. */
  drop(id: string): void;
  out(id: string): Iterable<Edge>;
  in(id: string): Iterable<Edge>;
  /** Each call makes one more edge, as the graph database does. */
  connect(from: string, relation: string, to: string): void;
  /** Removes every such edge. */
  disconnect(from: string, relation: string, to: string): void;
  /** Rebuilds the indexes from the tables (after a reset). */
  reload(): void;
}

export const groupId = (path: string): string => `group___${path}`;
export const deviceNodeId = (deviceId: string): string => `device___${deviceId}`;

type EdgeIndex = Map<string, Map<string, Edge>>;

export function createGraph(store: Store, core: string): Graph {
  const nodes = store.table<GraphNode>(`cms/library/${core}/nodes`);
  const edges = store.table<Omit<Edge, 'key'>>(`cms/library/${core}/edges`);
  const outgoing: EdgeIndex = new Map();
  const incoming: EdgeIndex = new Map();
  const labels = new Map<string, Set<string>>();
  let lastKey = 0;

  function reload(): void {
    outgoing.clear();
    incoming.clear();
    labels.clear();
    lastKey = 0;
    for (const node of nodes.values()) addLabels(node);
    for (const [key, edge] of edges.entries()) addEdge({ key, ...edge });
  }

  function addLabels(node: GraphNode): void {
    for (const label of node.labels) {
      const ids = labels.get(label) ?? new Set();
      ids.add(node.id);
      labels.set(label, ids);
    }
  }

  function addEdge(edge: Edge): void {
    lastKey = Math.max(lastKey, Number(edge.key));
    bucket(outgoing, edge.from).set(edge.key, edge);
    bucket(incoming, edge.to).set(edge.key, edge);
  }

  function removeEdge(edge: Edge): void {
    edges.delete(edge.key);
    outgoing.get(edge.from)?.delete(edge.key);
    incoming.get(edge.to)?.delete(edge.key);
  }

  const out = (id: string): Iterable<Edge> => outgoing.get(id)?.values() ?? [];
  const into = (id: string): Iterable<Edge> => incoming.get(id)?.values() ?? [];

  reload();
  return {
    node: (id) => nodes.get(id),
    *nodes(label) {
      if (label === undefined) {
        yield* nodes.values();
        return;
      }
      for (const id of labels.get(label) ?? []) {
        const node = nodes.get(id);
        if (node) yield node;
      }
    },
    count: (label) => labels.get(label)?.size ?? 0,
    put(node) {
      nodes.set(node.id, node);
      addLabels(node);
    },
    drop(id) {
      for (const edge of [...out(id), ...into(id)]) removeEdge(edge);
      for (const label of nodes.get(id)?.labels ?? []) labels.get(label)?.delete(id);
      nodes.delete(id);
    },
    out,
    in: into,
    connect(from, relation, to) {
      if (!nodes.has(from) || !nodes.has(to)) return;
      const key = String(lastKey + 1);
      edges.set(key, { from, relation, to });
      addEdge({ key, from, relation, to });
    },
    disconnect(from, relation, to) {
      for (const edge of [...out(from)]) {
        if (edge.relation === relation && edge.to === to) removeEdge(edge);
      }
    },
    reload,
  };
}

function bucket(index: EdgeIndex, id: string): Map<string, Edge> {
  let found = index.get(id);
  if (!found) {
    found = new Map();
    index.set(id, found);
  }
  return found;
}
