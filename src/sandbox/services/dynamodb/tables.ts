import { createHash, randomUUID } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';
import { compare, typeOf, type Item, validation, type Value } from './values.ts';

/** A key attribute and its type. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** A global secondary index. */
export interface TableIndex {
  readonly name: string;
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute;
  /** Whether it has the keys of the items only. */
  readonly keysOnly?: boolean;
}

export interface TableRecord {
  readonly name: string;
  readonly id: string;
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute;
  readonly indexes?: readonly TableIndex[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The items of one table. Every change is a change of the sandbox's state at once. */
export interface Items {
  readonly record: TableRecord;
  get(key: Item): Item | undefined;
  /** Replaces the item with the same key. */
  put(item: Item): void;
  remove(key: Item): void;
  /** Those of one partition, by their range key. */
  partition(hash: Value): Item[];
  /** Those of one partition of an index, by the index's range key. */
  indexed(index: TableIndex, hash: Value): Item[];
  /** All of them, in DynamoDB's order: partitions by a hash of their key, items by their range key. */
  all(): Iterable<Item>;
  /** Those after this key, whether or not it is still there. */
  after(key: Item): Iterable<Item>;
  readonly count: number;
  /** The key of an item, alone. */
  keyOf(item: Item): Item;
}

export interface Tables {
  /** Makes a table, unless it is there. */
  ensure(table: {
    name: string;
    hash: KeyAttribute;
    range?: KeyAttribute;
    indexes?: readonly TableIndex[];
  }): void;
  /** With its items; one that is not there is fine. */
  remove(name: string): void;
  /** Throws ResourceNotFoundException. */
  find(name: string): Items;
  names(): string[];
  arnOf(name: string): string;
}

/** An item's place: first the hash of its partition, then its range key. */
interface Place {
  readonly digest: string;
  readonly range: Value | undefined;
  /** Under which it is stored. */
  readonly at: string;
}

export function createTables({ store, clock, config }: Context): Tables {
  const records = store.table<TableRecord>('dynamodb.tables');
  /** By table: where its items stand, in order. Made again from the items when the state was emptied. */
  const orders = store.table<Place[]>('dynamodb.order', { volatile: true });
  /** By table and index: the places of the items with each value of its key. Made again like the order. */
  const lookUps = store.table<Map<string, Set<string>>>('dynamodb.indexed', { volatile: true });
  const arn = (name: string): string => arnOf(config, 'dynamodb', `table/${name}`);

  function itemsOf(record: TableRecord): Items {
    const { hash, range } = record;
    const rows = store.table<Item>(`dynamodb.items/${record.name}`);

    function keyOf(item: Item): Item {
      const key: Record<string, Value> = {};
      for (const attribute of [hash, range]) {
        const value = attribute && item[attribute.name];
        if (attribute !== undefined && value !== undefined) key[attribute.name] = value;
      }
      return key;
    }

    function placeOf(key: Item): Place {
      const partition = JSON.stringify(key[hash.name]);
      const rangeValue = range && key[range.name];
      return {
        digest: createHash('md5').update(partition).digest('hex'),
        range: rangeValue,
        at: JSON.stringify([key[hash.name], rangeValue]),
      };
    }

    function order(): Place[] {
      const known = orders.get(record.name);
      if (known !== undefined) return known;
      const made = [...rows.values()].map((item) => placeOf(item)).sort(byPlace);
      orders.set(record.name, made);
      return made;
    }

    const lookUpName = (index: TableIndex): string => `${record.name}/${index.name}`;

    function lookUpOf(index: TableIndex): Map<string, Set<string>> {
      const known = lookUps.get(lookUpName(index));
      if (known !== undefined) return known;
      const made = new Map<string, Set<string>>();
      lookUps.set(lookUpName(index), made);
      for (const [at, item] of rows.entries()) note(index, made, item, at);
      return made;
    }

    function note(index: TableIndex, lookUp: Map<string, Set<string>>, item: Item, at: string): void {
      const value = item[index.hash.name];
      if (value === undefined || !isIn(index, item)) return;
      const key = JSON.stringify(value);
      const places = lookUp.get(key);
      if (places === undefined) lookUp.set(key, new Set([at]));
      else places.add(at);
    }

    /** Before an item changes or goes, and after it came. */
    function eachLookUp(work: (index: TableIndex, lookUp: Map<string, Set<string>>) => void): void {
      for (const index of record.indexes ?? []) {
        const lookUp = lookUps.get(lookUpName(index));
        if (lookUp !== undefined) work(index, lookUp);
      }
    }

    function forget(at: string): void {
      const before = rows.get(at);
      if (before === undefined) return;
      eachLookUp((index, lookUp) => lookUp.get(JSON.stringify(before[index.hash.name]))?.delete(at));
    }

    function* from(index: number): Iterable<Item> {
      // What is added or removed meanwhile does not move the page.
      for (const { at } of order().slice(index)) {
        const item = rows.get(at);
        if (item !== undefined) yield item;
      }
    }

    return {
      record,
      keyOf,
      get: (key) => rows.get(placeOf(key).at),
      put(item) {
        const place = placeOf(item);
        if (!rows.has(place.at)) {
          const places = order();
          places.splice(indexIn(places, place), 0, place);
        }
        forget(place.at);
        rows.set(place.at, item);
        eachLookUp((index, lookUp) => note(index, lookUp, item, place.at));
      },
      remove(key) {
        const place = placeOf(key);
        if (!rows.has(place.at)) return;
        const places = order();
        places.splice(indexIn(places, place), 1);
        forget(place.at);
        rows.delete(place.at);
      },
      partition(value) {
        const { digest } = placeOf({ [hash.name]: value });
        const places = order();
        const found: Item[] = [];
        for (let i = indexIn(places, { digest, range: undefined, at: '' }); i < places.length; i++) {
          const place = places[i];
          if (place?.digest !== digest) break;
          const item = rows.get(place.at);
          if (item !== undefined) found.push(item);
        }
        return found;
      },
      indexed(index, value) {
        const items = [...(lookUpOf(index).get(JSON.stringify(value)) ?? [])].map((at) => rows.get(at));
        return items.filter((item) => item !== undefined).sort((one, other) => byRange(index, one, other));
      },
      all: () => from(0),
      after(key) {
        const place = placeOf(key);
        const index = indexIn(order(), place);
        return from(rows.has(place.at) ? index + 1 : index);
      },
      get count() {
        return rows.size;
      },
    };
  }

  return {
    ensure(table) {
      if (!records.has(table.name))
        records.set(table.name, { ...table, id: randomUUID(), createdAt: clock.now() });
    },
    remove(name) {
      if (!records.delete(name)) return;
      orders.delete(name);
      store.table<Item>(`dynamodb.items/${name}`).clear();
    },
    find(name) {
      // An ARN is as good as a name.
      const record = records.get(name.startsWith('arn:') ? name.replace(arn(''), '') : name);
      if (record === undefined)
        throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
      return itemsOf(record);
    },
    names: () => [...records.keys()].sort(),
    arnOf: arn,
  };
}

/** Only items with all keys of an index, of their types, are in it. */
export function isIn({ hash, range }: TableIndex, item: Item): boolean {
  return [hash, range].every((key) => {
    const value = key && item[key.name];
    return key === undefined || (value !== undefined && typeOf(value) === key.type);
  });
}

function byRange({ range }: TableIndex, one: Item, other: Item): number {
  const [a, b] = [range && one[range.name], range && other[range.name]];
  return a === undefined || b === undefined ? 0 : (compare(a, b) ?? 0);
}

function byPlace(one: Place, other: Place): number {
  if (one.digest !== other.digest) return one.digest < other.digest ? -1 : 1;
  if (one.range === undefined || other.range === undefined) {
    return Number(one.range !== undefined) - Number(other.range !== undefined);
  }
  return compare(one.range, other.range) ?? 0;
}

/** The index of a place, or where it would be. */
function indexIn(places: readonly Place[], place: Place): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = places[middle];
    if (at !== undefined && byPlace(at, place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The key attributes of an item that is put. Throws ValidationException. */
export function checkItemKey(item: Item, { hash, range }: TableRecord): void {
  for (const { name, type } of range === undefined ? [hash] : [hash, range]) {
    const value = item[name];
    if (value === undefined) {
      throw validation(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    }
    if (typeOf(value) !== type) {
      throw validation(
        `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
      );
    }
    checkFilled(name, value);
  }
}

/** A key alone, and whole. Throws ValidationException. */
export function checkKey(key: Item, { hash, range }: TableRecord): void {
  const attributes = range === undefined ? [hash] : [hash, range];
  const fits =
    Object.keys(key).length === attributes.length &&
    attributes.every(({ name, type }) => key[name] !== undefined && typeOf(key[name]) === type);
  if (!fits) throw validation('The provided key element does not match the schema');
  for (const [name, value] of Object.entries(key)) checkFilled(name, value);
}

function checkFilled(name: string, value: Value): void {
  const isEmpty = ('S' in value && value.S === '') || ('B' in value && value.B === '');
  if (!isEmpty) return;
  throw validation(
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an ' +
      `empty ${'S' in value ? 'string' : 'binary'} value. Key: ${name}`,
  );
}
