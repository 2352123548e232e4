import { isReserved, sharedSubscription } from './topics.ts';

/** The members of a shared subscription of one name to one filter. */
export interface SharedGroup<T, M> {
  members: Map<T, 0 | 1>;
  /** Whose turn it is. */
  turn: number;
  /** Messages that came while no member was there, the oldest first. */
  queued: M[];
}

interface Node<T, M> {
  children: Map<string, Node<T, M>>;
  /** Maps a subscriber to its QoS, for subscriptions that end at this level. */
  own: Map<T, 0 | 1>;
  /** Shared subscriptions by their name. */
  shared: Map<string, SharedGroup<T, M>>;
}

/** The subscriptions of all sessions, as a tree, so that a topic does not have to be compared with each of them. */
export interface Subscriptions<T, M> {
  add(filter: string, subscriber: T, qos: 0 | 1): void;
  remove(filter: string, subscriber: T): void;
  /**
   * The subscribers to a topic, each once, with the highest QoS of its matching subscriptions. A shared subscription
   * contributes one member, in turn, among those for which `ready` is true; `nobody` is called for one that has none.
   */
  match(
    topic: string,
    ready: (subscriber: T) => boolean,
    nobody?: (group: SharedGroup<T, M>) => void,
  ): Map<T, 0 | 1>;
  /** The group of a shared subscription, as long as it has members. */
  group(filter: string): SharedGroup<T, M> | undefined;
  clear(): void;
}

export function createSubscriptions<T, M = never>(): Subscriptions<T, M> {
  let root = createNode<T, M>();

  return {
    add(filter, subscriber, qos) {
      const { group, levels } = parse(filter);
      let node = root;
      for (const level of levels) {
        const next = node.children.get(level) ?? createNode<T, M>();
        node.children.set(level, next);
        node = next;
      }
      if (group === undefined) {
        node.own.set(subscriber, qos);
        return;
      }
      const shared = node.shared.get(group) ?? { members: new Map<T, 0 | 1>(), turn: 0, queued: [] };
      shared.members.set(subscriber, qos);
      node.shared.set(group, shared);
    },

    remove(filter, subscriber) {
      const { group, levels } = parse(filter);
      removeFrom(root, levels, (node) => {
        if (group === undefined) {
          node.own.delete(subscriber);
          return;
        }
        const shared = node.shared.get(group);
        shared?.members.delete(subscriber);
        if (shared?.members.size === 0) node.shared.delete(group);
      });
    },

    match(topic, ready, nobody) {
      const found = new Map<T, 0 | 1>();
      const add = (subscriber: T, qos: 0 | 1) => {
        if (found.get(subscriber) !== 1) found.set(subscriber, qos);
      };
      visit(root, topic.split('/'), 0, isReserved(topic), (node) => {
        for (const [subscriber, qos] of node.own) add(subscriber, qos);
        for (const shared of node.shared.values()) {
          const members = [...shared.members].filter(([member]) => ready(member));
          const next = members[shared.turn++ % Math.max(members.length, 1)];
          if (next === undefined) nobody?.(shared);
          else add(...next);
        }
      });
      return found;
    },

    group(filter) {
      const { group, levels } = parse(filter);
      let node: Node<T, M> | undefined = root;
      for (const level of levels) node = node?.children.get(level);
      return group === undefined ? undefined : node?.shared.get(group);
    },

    clear() {
      root = createNode<T, M>();
    },
  };
}

function createNode<T, M>(): Node<T, M> {
  return { children: new Map(), own: new Map(), shared: new Map() };
}

function parse(filter: string): { group: string | undefined; levels: string[] } {
  const shared = sharedSubscription(filter);
  return { group: shared?.group, levels: (shared?.filter ?? filter).split('/') };
}

/** Also removes branches that have become empty. */
function removeFrom<T, M>(
  node: Node<T, M>,
  levels: readonly string[],
  remove: (end: Node<T, M>) => void,
): void {
  const [level, ...rest] = levels;
  if (level === undefined) {
    remove(node);
    return;
  }
  const child = node.children.get(level);
  if (child === undefined) return;
  removeFrom(child, rest, remove);
  if (child.children.size === 0 && child.own.size === 0 && child.shared.size === 0)
    node.children.delete(level);
}

function visit<T, M>(
  node: Node<T, M>,
  levels: readonly string[],
  depth: number,
  reserved: boolean,
  found: (node: Node<T, M>) => void,
): void {
  const level = levels[depth];
  if (level === undefined) {
    found(node);
    return;
  }
  const exact = node.children.get(level);
  if (exact !== undefined) visit(exact, levels, depth + 1, reserved, found);
  if (reserved && depth === 0) return;
  const one = node.children.get('+');
  if (one !== undefined) visit(one, levels, depth + 1, reserved, found);
  const rest = node.children.get('#');
  if (rest !== undefined) found(rest);
}
