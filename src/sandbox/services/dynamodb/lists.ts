import * as z from 'zod';
import { defined } from '../../kit/defined.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { type Condition, readCondition } from './expressions/condition.ts';
import { readKeyCondition } from './expressions/keyCondition.ts';
import { projected, readPaths } from './expressions/paths.ts';
import type { Path } from './expressions/reader.ts';
import { attributes, expressionMembers, legacy, readExpressions, tableName } from './input.ts';
import { checkKey, type Items, type Tables } from './tables.ts';
import { type Item, itemOf, sizeOf, validation } from './values.ts';

/** What one call reads at most, in bytes (API reference of Scan and Query). */
const LARGEST_PAGE = 1024 * 1024;

const listing = {
  TableName: tableName,
  IndexName: z
    .unknown()
    .refine(() => false, { error: 'Member must be absent: the tables of the sandbox have no indexes' })
    .optional(),
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
        const read = readExpressions(input, {
          KeyConditionExpression: (reader) => readKeyCondition(reader, items.record),
          ...readers,
        });
        const key = read.KeyConditionExpression;
        if (key === undefined) throw validation('Query condition missed key schema element');
        const { range } = items.record;
        const all = items.partition(key.hash).filter((item) => {
          const value = range && item[range.name];
          return value === undefined || key.range(value);
        });
        const ordered = input.ScanIndexForward ? all : all.reverse();
        const start = startOf(items, input.ExclusiveStartKey);
        // The page after an item that is gone begins where the item would be.
        const rest = start === undefined ? ordered : afterIn(ordered, items, start, input.ScanIndexForward);
        return pageOf(rest, items, { limit: input.Limit, count: input.Select === 'COUNT', ...read });
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
        // All items are in the first segment: DynamoDB promises no more than that each is in one.
        const start = startOf(items, input.ExclusiveStartKey);
        const rest = segment > 0 ? [] : start === undefined ? items.all() : items.after(start);
        return pageOf(rest, items, { limit: input.Limit, count: input.Select === 'COUNT', ...read });
      },
    ),
  };
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
    FilterExpression?: Condition | undefined;
    ProjectionExpression?: readonly Path[] | undefined;
  },
): object {
  const { limit = Infinity, FilterExpression: filter, ProjectionExpression: paths } = options;
  const found: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  let more = false;
  for (const item of rest) {
    if (bytes >= LARGEST_PAGE) {
      more = true;
      break;
    }
    scanned++;
    bytes += sizeOf(item);
    last = item;
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
    ...defined({ LastEvaluatedKey: more && last !== undefined ? items.keyOf(last) : undefined }),
  };
}
