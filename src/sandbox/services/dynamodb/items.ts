import * as z from 'zod';
import { AwsError } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { type Condition, readCondition } from './expressions/condition.ts';
import { projected, readPaths } from './expressions/paths.ts';
import { readUpdate } from './expressions/update.ts';
import {
  attributes,
  checkReturnValues,
  expressionMembers,
  legacy,
  readExpressions,
  tableName,
} from './input.ts';
import { checkItemKey, checkKey, type Items, type Tables } from './tables.ts';
import { isEqual, type Item, itemOf, sizeOf, validation } from './values.ts';

/** "Service, account, and table quotas in Amazon DynamoDB": the largest item, in bytes. */
const LARGEST_ITEM = 400 * 1024;
/** How many items one batch may write and read. */
const MOST_WRITTEN = 25;
const MOST_READ = 100;

const writing = {
  TableName: tableName,
  ConditionExpression: z.string().optional(),
  ReturnValues: z.enum(['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']).optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(['NONE', 'ALL_OLD']).optional(),
  ...expressionMembers,
  ...legacy,
};
const condition = { ConditionExpression: readCondition };
const projection = { ProjectionExpression: readPaths };

/** What is done to one item. */
export function itemOperations(tables: Tables): Operations {
  return {
    GetItem: operation(
      z.object({
        TableName: tableName,
        Key: attributes,
        ConsistentRead: z.boolean().optional(),
        ProjectionExpression: z.string().optional(),
        ...expressionMembers,
        ...legacy,
      }),
      (input) => {
        const { ProjectionExpression: paths } = readExpressions(input, projection);
        const items = tables.find(input.TableName);
        const item = items.get(keyIn(items, input.Key));
        return defined({ Item: item && (paths === undefined ? item : projected(item, paths)) });
      },
    ),

    PutItem: operation(z.object({ Item: attributes, ...writing }), (input) => {
      const item = itemOf(input.Item);
      checkReturnValues(input.ReturnValues, ['ALL_OLD', 'NONE']);
      checkSize(item, 'Item size has exceeded the maximum allowed size');
      const { ConditionExpression } = readExpressions(input, condition);
      const items = tables.find(input.TableName);
      checkItemKey(item, items.record);
      const before = items.get(items.keyOf(item));
      meet(ConditionExpression, before, input);
      items.put(item);
      return defined({ Attributes: input.ReturnValues === 'ALL_OLD' ? before : undefined });
    }),

    DeleteItem: operation(z.object({ Key: attributes, ...writing }), (input) => {
      checkReturnValues(input.ReturnValues, ['ALL_OLD', 'NONE']);
      const { ConditionExpression } = readExpressions(input, condition);
      const items = tables.find(input.TableName);
      const key = keyIn(items, input.Key);
      const before = items.get(key);
      meet(ConditionExpression, before, input);
      items.remove(key);
      return defined({ Attributes: input.ReturnValues === 'ALL_OLD' ? before : undefined });
    }),

    UpdateItem: operation(
      z.object({ Key: attributes, UpdateExpression: z.string().optional(), ...writing }),
      (input) => {
        const { ConditionExpression, UpdateExpression: update } = readExpressions(input, {
          UpdateExpression: readUpdate,
          ...condition,
        });
        const items = tables.find(input.TableName);
        const key = keyIn(items, input.Key);
        const inKey = update?.paths.find(([name]) => Object.hasOwn(key, String(name)));
        if (inKey !== undefined) {
          throw validation(
            `One or more parameter values were invalid: Cannot update attribute ${inKey[0]}. This attribute is part of the key`,
          );
        }
        const before = items.get(key);
        meet(ConditionExpression, before, input);
        const after = update === undefined ? (before ?? key) : update.apply(before ?? key);
        checkSize(after, 'Item size to update has exceeded the maximum allowed size');
        items.put(after);
        const paths = update?.paths ?? [];
        switch (input.ReturnValues) {
          case 'ALL_OLD':
            return defined({ Attributes: before });
          case 'ALL_NEW':
            return { Attributes: after };
          case 'UPDATED_OLD':
            return before === undefined ? {} : { Attributes: projected(before, paths) };
          case 'UPDATED_NEW':
            return { Attributes: projected(after, paths) };
          default:
            return {};
        }
      },
    ),

    BatchWriteItem: operation(
      z.object({
        RequestItems: z.record(
          z.string(),
          z.array(
            z.object({
              PutRequest: z.object({ Item: attributes }).optional(),
              DeleteRequest: z.object({ Key: attributes }).optional(),
            }),
          ),
        ),
      }),
      ({ RequestItems }) => {
        const requests = Object.entries(RequestItems).flatMap(([name, all]) =>
          all.map(({ PutRequest, DeleteRequest }) => {
            if ((PutRequest === undefined) === (DeleteRequest === undefined)) {
              throw validation(
                'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
              );
            }
            return { name, put: PutRequest?.Item, remove: DeleteRequest?.Key };
          }),
        );
        if (requests.length === 0 || requests.length > MOST_WRITTEN) {
          throw validation('Too many items requested for the BatchWriteItem call');
        }
        const seen: { name: string; key: Item }[] = [];
        // Nothing is written unless all of it can be.
        const writes = requests.map(({ name, put, remove }) => {
          const items = tables.find(name);
          const item = put === undefined ? undefined : itemOf(put);
          if (item !== undefined) {
            checkSize(item, 'Item size has exceeded the maximum allowed size');
            checkItemKey(item, items.record);
          }
          const key = item === undefined ? keyIn(items, remove ?? {}) : items.keyOf(item);
          if (seen.some((other) => other.name === name && isEqual({ M: other.key }, { M: key }))) {
            throw validation('Provided list of item keys contains duplicates');
          }
          seen.push({ name, key });
          return () => (item === undefined ? items.remove(key) : items.put(item));
        });
        for (const write of writes) write();
        return { UnprocessedItems: {} };
      },
    ),

    BatchGetItem: operation(
      z.object({
        RequestItems: z.record(
          z.string(),
          z.object({
            Keys: z.array(attributes).min(1),
            ConsistentRead: z.boolean().optional(),
            ProjectionExpression: z.string().optional(),
            ExpressionAttributeNames: expressionMembers.ExpressionAttributeNames,
            ...legacy,
          }),
        ),
      }),
      ({ RequestItems }) => {
        const count = Object.values(RequestItems).reduce((sum, { Keys }) => sum + Keys.length, 0);
        if (count > MOST_READ) throw validation('Too many items requested for the BatchGetItem call');
        const found = Object.entries(RequestItems).map(([name, request]) => {
          const { ProjectionExpression: paths } = readExpressions(request, projection);
          const items = tables.find(name);
          const all = request.Keys.map((key) => items.get(keyIn(items, key))).filter(
            (item) => item !== undefined,
          );
          return [name, paths === undefined ? all : all.map((item) => projected(item, paths))];
        });
        return { Responses: Object.fromEntries(found) as object, UnprocessedKeys: {} };
      },
    ),
  };
}

function keyIn(items: Items, raw: Record<string, unknown>): Item {
  const key = itemOf(raw);
  checkKey(key, items.record);
  return key;
}

function checkSize(item: Item, message: string): void {
  if (sizeOf(item) > LARGEST_ITEM) throw validation(message);
}

/** Throws ConditionalCheckFailedException. */
function meet(
  wanted: Condition | undefined,
  before: Item | undefined,
  {
    ReturnValuesOnConditionCheckFailure: gives,
  }: { ReturnValuesOnConditionCheckFailure?: string | undefined },
): void {
  if (wanted === undefined || wanted(before ?? {})) return;
  throw new AwsError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    gives === 'ALL_OLD' && before !== undefined ? { Item: before } : undefined,
  );
}
