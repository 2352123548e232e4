import type { Store } from '../../../kernel/store.ts';
import type { Numbered } from '../wire/page.ts';

/** A many-to-many relation (things and principals, policies and targets), indexed in both directions. */
export interface Relation<T extends Numbered> {
  /** False when they were already related; their value is then unchanged. */
  add(left: string, right: string, value: T): boolean;
  /** Relates the two, or replaces the value of their relation. */
  put(left: string, right: string, value: T): void;
  get(left: string, right: string): T | undefined;
  /** False when they were not related. */
  remove(left: string, right: string): boolean;
  /** Everything that `left` is related to, oldest relation first. */
  rightsOf(left: string): ({ key: string } & T)[];
  leftsOf(right: string): ({ key: string } & T)[];
  hasRight(right: string): boolean;
  hasLeft(left: string): boolean;
  values(): IterableIterator<T>;
}

/** Neither names nor ARNs contain it. */
const SEPARATOR = '\n';

export function createRelation<T extends Numbered>(store: Store, name: string): Relation<T> {
  const pairs = store.table<T>(name);
  // Volatile, because they are rebuilt from the pairs; a reset empties all three.
  const rights = store.table<Set<string>>(`${name}/rights`, { volatile: true });
  const lefts = store.table<Set<string>>(`${name}/lefts`, { volatile: true });
  for (const key of pairs.keys()) {
    const [left = '', right = ''] = key.split(SEPARATOR);
    index(left, right);
  }

  function index(left: string, right: string): void {
    rights.set(left, (rights.get(left) ?? new Set()).add(right));
    lefts.set(right, (lefts.get(right) ?? new Set()).add(left));
  }

  function values(
    keys: Iterable<string> | undefined,
    pairOf: (key: string) => string,
  ): ({ key: string } & T)[] {
    return [...(keys ?? [])].flatMap((key) => {
      const value = pairs.get(pairOf(key));
      return value === undefined ? [] : [{ ...value, key }];
    });
  }

  return {
    add(left, right, value) {
      const key = left + SEPARATOR + right;
      if (pairs.has(key)) return false;
      pairs.set(key, value);
      index(left, right);
      return true;
    },
    put(left, right, value) {
      pairs.set(left + SEPARATOR + right, value);
      index(left, right);
    },
    get: (left, right) => pairs.get(left + SEPARATOR + right),
    remove(left, right) {
      if (!pairs.delete(left + SEPARATOR + right)) return false;
      forget(rights, left, right);
      forget(lefts, right, left);
      return true;
    },
    rightsOf: (left) => values(rights.get(left), (right) => left + SEPARATOR + right),
    leftsOf: (right) => values(lefts.get(right), (left) => left + SEPARATOR + right),
    hasRight: (right) => lefts.has(right),
    hasLeft: (left) => rights.has(left),
    values: () => pairs.values(),
  };
}

function forget(
  side: { get(key: string): Set<string> | undefined; delete(key: string): boolean },
  key: string,
  member: string,
): void {
  const members = side.get(key);
  members?.delete(member);
  if (members?.size === 0) side.delete(key);
}
