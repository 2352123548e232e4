import * as z from 'zod';
import { defined } from '../../kit/defined.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { type Condition, readCondition } from './expressions/condition.ts';
import { readKeyCondition } from './expressions/keyCondition.ts';
import { projected, readPaths } from './expressions/paths.ts';
import type { Path } from './expressions/reader.ts';
import { attributes, expressionMembers, legacy, readExpressions, tableName } from './input.ts';
import { checkKey, isIn, type Items, type TableIndex, type Tables } from './tables.ts';
import { isEqual, type Item, itemOf, sizeOf, validation, type Value } from './values.ts';

/** What one call reads at most, in bytes (API reference of Scan and Query). */
const LARGEST_PAGE = 1024 * 1024;

const listing = {
  TableName: tableName,
  IndexName: z.string().min(3).max(255).optional(),
  Limit: z.int().min(1).optional(),
  ExclusiveStartKey: attributes.optional(),
  ConsistentRead: z.boolean().optional(),
  Select: z.enum(['ALL_ATTRIBUTES', 'COUNT', 'SPECIFIC_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES']).optional(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  ...expressionMembers,
  ...legacy,
};
const readers = { FilterExpression: readCondition, ProjectionExpression: readPaths };

/** Reading many items, page by page. */
export function listOperations(tables: Tables): Operations {
  return {
    Query: operation(
      z.object({
        ...listing,
        KeyConditionExpression: z.string(),
        ScanIndexForward: z.boolean().default(true),
      }),
      (input) => {
        const items = tables.find(input.TableName);
        const index = indexOf(items, input);
        const { range } = index ?? items.record;
        const read = readExpressions(input, {
          KeyConditionExpression: (reader) => readKeyCondition(reader, index ?? items.record),
          ...readers,
        });
        const key = read.KeyConditionExpression;
        if (key === undefined) throw validation('Query condition missed key schema element');
        const found = index === undefined ? items.partition(key.hash) : items.indexed(index, key.hash);
        const all = found.filter((item) => {
          const value = range && item[range.name];
          return value === undefined || key.range(value);
        });
        const ordered = input.ScanIndexForward ? all : all.reverse();
        const options = { limit: input.Limit, count: input.Select === 'COUNT', ...read };
        if (index !== undefined) {
          const rest = afterInIndex(ordered, items, index, input.ExclusiveStartKey);
          return pageOf(rest, items, { ...options, index });
        }
        const start = startOf(items, input.ExclusiveStartKey);
        // The page after an item that is gone begins where the item would be.
        const rest = start === undefined ? ordered : afterIn(ordered, items, start, input.ScanIndexForward);
        return pageOf(rest, items, options);
      },
    ),

    Scan: operation(
      z.object({
        ...listing,
        Segment: z.int().min(0).optional(),
        TotalSegments: z.int().min(1).max(1_000_000).optional(),
      }),
      (input) => {
        const read = readExpressions(input, readers);
        const items = tables.find(input.TableName);
        const { Segment: segment = 0, TotalSegments: segments = 1 } = input;
        if (segment >= segments) {
          throw validation(
            'The Segment parameter is zero-based and must be less than parameter TotalSegments',
          );
        }
        const index = indexOf(items, input);
        const options = { limit: input.Limit, count: input.Select === 'COUNT', ...read };
        if (index !== undefined) {
          const all = segment > 0 ? [] : [...items.all()].filter((item) => isIn(index, item));
          const rest = afterInIndex(all, items, index, input.ExclusiveStartKey);
          return pageOf(rest, items, { ...options, index });
        }
        // All items are in the first segment: DynamoDB promises no more than that each is in one.
        const start = startOf(items, input.ExclusiveStartKey);
        const rest = segment > 0 ? [] : start === undefined ? items.all() : items.after(start);
        return pageOf(rest, items, options);
      },
    ),
  };
}

/** The index that is asked of. Throws ValidationException. */
function indexOf(
  { record }: Items,
  {
    IndexName: name,
    ConsistentRead: consistent,
  }: { IndexName?: string | undefined; ConsistentRead?: boolean | undefined },
): TableIndex | undefined {
  if (name === undefined) return undefined;
  const found = record.indexes?.find((index) => index.name === name);
  if (found === undefined) throw validation(`The table does not have the specified index: ${name}`);
  if (consistent === true) {
    throw validation('Consistent reads are not supported on global secondary indexes');
  }
  return found;
}

/** The keys of an item in an index: the index's and the table's. */
function indexKeyOf(items: Items, { hash, range }: TableIndex, item: Item): Item {
  const key: Record<string, Value> = { ...items.keyOf(item) };
  for (const attribute of [hash, range]) {
    const value = attribute && item[attribute.name];
    if (attribute !== undefined && value !== undefined) key[attribute.name] = value;
  }
  return key;
}

/** What comes after the start key; nothing when its item is gone or has moved, since then no place is known. */
function afterInIndex(
  ordered: readonly Item[],
  items: Items,
  index: TableIndex,
  raw: Record<string, unknown> | undefined,
): readonly Item[] {
  if (raw === undefined) return ordered;
  const start = itemOf(raw);
  const at = ordered.findIndex((item) => isEqual({ M: indexKeyOf(items, index, item) }, { M: start }));
  const isWhole =
    Object.keys(items.keyOf(start)).length === Object.keys(items.keyOf(ordered[0] ?? start)).length;
  if (!isWhole || start[index.hash.name] === undefined) {
    throw validation('The provided starting key is invalid');
  }
  return at < 0 ? [] : ordered.slice(at + 1);
}

function startOf(items: Items, raw: Record<string, unknown> | undefined): Item | undefined {
  if (raw === undefined) return undefined;
  const key = itemOf(raw);
  try {
    checkKey(key, items.record);
  } catch {
    throw validation('The provided starting key is invalid');
  }
  return key;
}

function afterIn(ordered: readonly Item[], items: Items, start: Item, forward: boolean): Item[] {
  const later = new Set([...items.after(start)]);
  const isStart = items.get(start);
  return ordered.filter((item) => item !== isStart && later.has(item) === forward);
}

/** Limit and size count what is read, before the filter. */
function pageOf(
  rest: Iterable<Item>,
  items: Items,
  options: {
    limit: number | undefined;
    count: boolean;
    index?: TableIndex;
    FilterExpression?: Condition | undefined;
    ProjectionExpression?: readonly Path[] | undefined;
  },
): object {
  const { limit = Infinity, index, FilterExpression: filter, ProjectionExpression: paths } = options;
  const keyOf = (item: Item): Item =>
    index === undefined ? items.keyOf(item) : indexKeyOf(items, index, item);
  const shown = (item: Item): Item => (index?.keysOnly === true ? keyOf(item) : item);
  const found: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  let more = false;
  for (const whole of rest) {
    const item = shown(whole);
    if (bytes >= LARGEST_PAGE) {
      more = true;
      break;
    }
    scanned++;
    bytes += sizeOf(item);
    last = whole;
    if (filter === undefined || filter(item)) found.push(item);
    // DynamoDB gives a key to go on from even if nothing comes after it.
    if (scanned === limit) {
      more = true;
      break;
    }
  }
  return {
    ...(options.count
      ? {}
      : { Items: paths === undefined ? found : found.map((item) => projected(item, paths)) }),
    Count: found.length,
    ScannedCount: scanned,
    ...defined({ LastEvaluatedKey: more && last !== undefined ? keyOf(last) : undefined }),
  };
}
