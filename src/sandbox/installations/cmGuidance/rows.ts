import type { Json } from '../../kit/json.ts';
import { isObject } from '../../kit/json.ts';
import { present } from '../../kit/present.ts';
import type { DynamoDb } from '../../services/dynamodb/dynamodb.ts';
import { type Item, type Value, valueOf } from '../../services/dynamodb/values.ts';

/** The rows of one table, as the functions of the deployment have them. Throws ResourceNotFoundException without it. */
export interface Rows {
  get(key: Json): Json | undefined;
  /** Replaces the row with the same key. */
  put(row: Json): void;
  /** Changes some attributes of a row that is there. */
  update(key: Json, change: Json): void;
  remove(key: Json): void;
  all(): Json[];
  /** Those of one partition, by their range key. */
  partition(hash: unknown): Json[];
  /** Those with one value of the key of an index, by the index's range key. */
  indexed(index: string, hash: unknown): Json[];
  readonly count: number;
}

export function rowsOf({ tables }: Pick<DynamoDb, 'tables'>, table: string): Rows {
  const items = () => tables.find(table);
  return {
    get(key) {
      const item = items().get(itemOf(key));
      return item && rowOf(item);
    },
    put(row) {
      items().put(itemOf(row));
    },
    update(key, change) {
      const found = items();
      const item = found.get(itemOf(key));
      if (item !== undefined) found.put({ ...item, ...itemOf(change) });
    },
    remove(key) {
      items().remove(itemOf(key));
    },
    all: () => [...items().all()].map(rowOf),
    partition: (hash) => items().partition(asValue(hash)).map(rowOf),
    indexed(name, hash) {
      const found = items();
      const index = found.record.indexes?.find((each) => each.name === name);
      return found.indexed(present(index, `The index ${name} of ${table}`), asValue(hash)).map(rowOf);
    },
    get count() {
      return items().count;
    },
  };
}

/** Undefined members are left out. */
export function itemOf(row: Json): Item {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === undefined ? [] : [[name, asValue(value)]])),
  );
}

function asValue(value: unknown): Value {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number')
    return Number.isFinite(value) ? valueOf({ N: String(value) }) : { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(asValue) };
  return isObject(value) ? { M: itemOf(value) } : { NULL: true };
}

export function rowOf(item: Item): Json {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainOf(value)]));
}

function plainOf(value: Value): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('L' in value) return value.L.map(plainOf);
  if ('M' in value) return rowOf(value.M);
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS.map(Number);
  return 'B' in value ? value.B : value.BS;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A text or a number as a text. */
export function wordOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : textOf(value);
}

/** Numbers as texts, as the trips and the safety events are answered. */
export function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, numbersAsText(inner)]));
}
