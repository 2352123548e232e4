import { isReserved, sharedSubscription } from './topics.ts';

interface Node<T> {
  children: Map<string, Node<T>>;
  /** Maps a subscriber to its QoS, for subscriptions that end at this level. */
  own: Map<T, 0 | 1>;
  /** Shared subscriptions by group: their members, and whose turn it is. */
  shared: Map<string, { members: Map<T, 0 | 1>; turn: number }>;
}

/** The subscriptions of all sessions, as a tree, so that a topic does not have to be compared with each of them. */
export interface Subscriptions<T> {
  add(filter: string, subscriber: T, qos: 0 | 1): void;
  remove(filter: string, subscriber: T): void;
  /**
   * The subscribers to a topic, each once, with the highest QoS of its matching subscriptions. A shared subscription
   * contributes one member, in turn, among those for which `ready` is true.
   */
  match(topic: string, ready: (subscriber: T) => boolean): Map<T, 0 | 1>;
  clear(): void;
}

export function createSubscriptions<T>(): Subscriptions<T> {
  let root = createNode<T>();

  return {
    add(filter, subscriber, qos) {
      const { group, levels } = parse(filter);
      let node = root;
      for (const level of levels) {
        const next = node.children.get(level) ?? createNode<T>();
        node.children.set(level, next);
        node = next;
      }
      if (group === undefined) {
        node.own.set(subscriber, qos);
        return;
      }
      const shared = node.shared.get(group) ?? { members: new Map<T, 0 | 1>(), turn: 0 };
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

    match(topic, ready) {
      const found = new Map<T, 0 | 1>();
      const add = (subscriber: T, qos: 0 | 1) => {
        if (found.get(subscriber) !== 1) found.set(subscriber, qos);
      };
      visit(root, topic.split('/'), 0, isReserved(topic), (node) => {
        for (const [subscriber, qos] of node.own) add(subscriber, qos);
        for (const shared of node.shared.values()) {
          const members = [...shared.members].filter(([member]) => ready(member));
          const next = members[shared.turn++ % Math.max(members.length, 1)];
          if (next !== undefined) add(...next);
        }
      });
      return found;
    },

    clear() {
      root = createNode<T>();
    },
  };
}

function createNode<T>(): Node<T> {
  return { children: new Map(), own: new Map(), shared: new Map() };
}

function parse(filter: string): { group: string | undefined; levels: string[] } {
  const shared = sharedSubscription(filter);
  return { group: shared?.group, levels: (shared?.filter ?? filter).split('/') };
}

/** Also removes branches that have become empty. */
function removeFrom<T>(node: Node<T>, levels: readonly string[], remove: (end: Node<T>) => void): void {
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

function visit<T>(
  node: Node<T>,
  levels: readonly string[],
  depth: number,
  reserved: boolean,
  found: (node: Node<T>) => void,
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
