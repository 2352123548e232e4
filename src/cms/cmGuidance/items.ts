import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import type { Message } from '../../core/message.ts';

/** A row of a table, or the key of one. */
export type Item = Record<string, AttributeValue>;

/** Of a list that is longer than anything here needs, the rest is not read. */
export const MOST_PAGES = 100;

/** Rows of the tables of a deployment. */
export interface Items {
  /** As it was written last; undefined if there is none. @param fields the only ones that are read */
  get(
    table: string,
    key: Item,
    doing: Message,
    signal: AbortSignal,
    fields?: string,
  ): Promise<Item | undefined>;
  /** False if there was none. */
  remove(table: string, key: Item, doing: Message, signal: AbortSignal): Promise<boolean>;
  /** All items of an index with one value of its key; with `from`, those whose sort key is so much at least. */
  query(
    of: {
      table: string;
      index: string;
      name: string;
      value: string;
      from?: { name: string; value: number };
    },
    doing: Message,
    signal: AbortSignal,
  ): Promise<Item[]>;
}

/** The text of an attribute; undefined for an empty one, too. */
export function textOf(value: AttributeValue | undefined): string | undefined {
  return value?.S === '' ? undefined : value?.S;
}

/** The number of an attribute; undefined where it has none. */
export function numberOf(value: AttributeValue | undefined): number | undefined {
  const number = Number(value?.N);
  return Number.isFinite(number) ? number : undefined;
}

export function vehicleKey(vehicleId: string): Item {
  return { vehicleId: { S: vehicleId } };
}

export function createItems(connection: Connection): Items {
  return {
    async get(table, Key, doing, signal, fields) {
      const client = await connection.dynamoDb();
      const command = new GetItemCommand({
        ...{ TableName: table, Key, ConsistentRead: true, ProjectionExpression: fields },
      });
      const { Item } = await calling(doing, () => client.send(command, { abortSignal: signal }));
      return Item;
    },
    async remove(table, Key, doing, signal) {
      const client = await connection.dynamoDb();
      const command = new DeleteItemCommand({ TableName: table, Key, ReturnValues: 'ALL_OLD' });
      const { Attributes } = await calling(doing, () => client.send(command, { abortSignal: signal }));
      return Attributes !== undefined;
    },
    async query({ table, index, name, value, from }, doing, signal) {
      const client = await connection.dynamoDb();
      const key = '#key = :value';
      const items: Item[] = [];
      let after: Item | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const command = new QueryCommand({
          ...{ TableName: table, IndexName: index },
          KeyConditionExpression: from === undefined ? key : `${key} AND #sort >= :from`,
          ExpressionAttributeNames: { '#key': name, ...(from && { '#sort': from.name }) },
          ExpressionAttributeValues: {
            ':value': { S: value },
            ...(from && { ':from': { N: String(from.value) } }),
          },
          ExclusiveStartKey: after,
        });
        const { Items = [], LastEvaluatedKey } = await calling(doing, () =>
          client.send(command, { abortSignal: signal }),
        );
        items.push(...Items);
        if (LastEvaluatedKey === undefined) break;
        after = LastEvaluatedKey;
      }
      return items;
    },
  };
}
