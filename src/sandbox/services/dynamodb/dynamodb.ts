import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { HttpService } from '../../kernel/http.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';
import { tableName } from './input.ts';
import { itemOperations } from './items.ts';
import { listOperations } from './lists.ts';
import { createTables, type Items, type KeyAttribute, type TableIndex, type Tables } from './tables.ts';
import { sizeOf } from './values.ts';

export interface DynamoDb {
  readonly service: HttpService;
  /** The tables that installations make, and what their functions do to the items. */
  readonly tables: Tables;
}

/** The largest page of ListTables, and the usual one. */
const MOST_TABLES = 100;

/**
 * Amazon DynamoDB 2012-08-10: the items of the tables that installations make, with expressions. It is our own and no
 * embedded database, because items must be in the same snapshot of the state as certificates and things: a kill would
 * tear two apart, and CMS keeps records of certificates in its tables.
 */
export function createDynamoDb(context: Context): DynamoDb {
  const tables = createTables(context);
  const service = createAwsJsonService({
    name: 'dynamodb',
    target: 'DynamoDB_20120810',
    version: '1.0',
    errorNamespace: 'com.amazonaws.dynamodb.v20120810',
    invalid: 'ValidationException',
    tooFast: 'ThrottlingException',
    operations: {
      ...itemOperations(tables),
      ...listOperations(tables),
      DescribeTable: operation(z.object({ TableName: tableName }), ({ TableName }) => ({
        Table: described(tables.find(TableName)),
      })),
      ListTables: operation(
        z.object({
          ExclusiveStartTableName: z.string().optional(),
          Limit: z.int().min(1).max(MOST_TABLES).default(MOST_TABLES),
        }),
        ({ ExclusiveStartTableName: after = '', Limit }) => {
          const rest = tables.names().filter((name) => name > after);
          const TableNames = rest.slice(0, Limit);
          return rest.length > Limit
            ? { TableNames, LastEvaluatedTableName: TableNames.at(-1) }
            : { TableNames };
        },
      ),
    },
  });

  function described(items: Items): object {
    const { name, id, createdAt, indexes = [] } = items.record;
    const keysOf = ({ hash, range }: Pick<TableIndex, 'hash' | 'range'>): KeyAttribute[] =>
      range === undefined ? [hash] : [hash, range];
    const schemaOf = (keyed: Pick<TableIndex, 'hash' | 'range'>): object[] =>
      keysOf(keyed).map((key) => ({
        AttributeName: key.name,
        KeyType: key === keyed.hash ? 'HASH' : 'RANGE',
      }));
    const keys = new Map(
      [items.record, ...indexes].flatMap(keysOf).map((key) => [key.name, key.type] as const),
    );
    let bytes = 0;
    for (const item of items.all()) bytes += sizeOf(item);
    return {
      TableName: name,
      TableArn: tables.arnOf(name),
      TableId: id,
      TableStatus: 'ACTIVE',
      CreationDateTime: createdAt / 1000,
      AttributeDefinitions: [...keys].map(([key, type]) => ({ AttributeName: key, AttributeType: type })),
      KeySchema: schemaOf(items.record),
      ...(indexes.length === 0
        ? {}
        : {
            GlobalSecondaryIndexes: indexes.map((index) => ({
              IndexName: index.name,
              KeySchema: schemaOf(index),
              Projection: { ProjectionType: index.keysOnly === true ? 'KEYS_ONLY' : 'ALL' },
              IndexStatus: 'ACTIVE',
              IndexArn: `${tables.arnOf(name)}/index/${index.name}`,
            })),
          }),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      ItemCount: items.count,
      TableSizeBytes: bytes,
      DeletionProtectionEnabled: false,
    };
  }

  return { service, tables };
}
