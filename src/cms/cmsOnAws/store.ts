import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { isAwsError } from '../../aws/errors.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import { retry, exponential, type Retrying } from '../../core/retry.ts';
import type { EnsureResult } from '../contract/steps.ts';
import {
  type AuthorizedRow,
  authorizedRowOf,
  type CertificateStatus,
  type Item,
  type ProvisionedRow,
  provisionedRowOf,
} from './rows.ts';
import type { Tables } from './tables.ts';

/** A part of a table, in the order in which it happens to be kept. */
export interface Scanned<T> {
  readonly items: readonly T[];
  /** The key to go on after; undefined at the end. */
  readonly next: Item | undefined;
}

/** The two tables of an app. */
export interface Store {
  authorized(vin: string, signal: AbortSignal): Promise<AuthorizedRow | undefined>;
  /** Those of these VINs that are authorized; any number. */
  whichAuthorized(vins: readonly string[], work: Retrying): Promise<ReadonlySet<string>>;
  scanAuthorized(size: number, after: Item | undefined, signal: AbortSignal): Promise<Scanned<AuthorizedRow>>;
  /** Every attempt for a VIN. */
  provisioned(vin: string, signal: AbortSignal): Promise<readonly ProvisionedRow[]>;
  scanProvisioned(
    size: number,
    after: Item | undefined,
    signal: AbortSignal,
  ): Promise<Scanned<ProvisionedRow>>;
  /** Enters a vehicle into the list of those that may be provisioned, and corrects what differs. */
  authorize(row: Omit<AuthorizedRow, 'allowed' | 'missing'>, signal: AbortSignal): Promise<EnsureResult>;
  /** False if it was not in the list. */
  unauthorize(vin: string, signal: AbortSignal): Promise<boolean>;
  /** False if there is no such row: none is made, since a partial one would block its VIN. */
  setStatus(
    vin: string,
    certificateId: string,
    status: CertificateStatus,
    signal: AbortSignal,
  ): Promise<boolean>;
  deleteRow(vin: string, certificateId: string, signal: AbortSignal): Promise<void>;
}

/** Of BatchGetItem. */
const MOST_KEYS = 100;
/** DynamoDB gives back keys that it had no capacity for. */
const UNPROCESSED = { attempts: 8, backoff: exponential(100, 5000) };

export function createStore(connection: Connection, tables: Tables): Store {
  const { authorized, provisioned } = tables;
  const readingAuthorized = (vin: string) => l10n.t('reading the authorization of {vin}', { vin });

  async function scan<T>(
    table: string,
    { size, after, rowOf }: { size: number; after: Item | undefined; rowOf: (item: Item) => T },
    signal: AbortSignal,
  ): Promise<Scanned<T>> {
    const client = await connection.dynamoDb();
    const command = new ScanCommand({
      TableName: table,
      Limit: size,
      ExclusiveStartKey: after && { ...after },
    });
    const { Items = [], LastEvaluatedKey } = await calling(l10n.t('listing the vehicles'), () =>
      client.send(command, { abortSignal: signal }),
    );
    return { items: Items.map(rowOf), next: LastEvaluatedKey };
  }

  async function authorizedAmong(vins: readonly string[], work: Retrying): Promise<string[]> {
    const client = await connection.dynamoDb();
    const found: string[] = [];
    let keys: Record<string, AttributeValue>[] = vins.map((vin) => ({ vin: { S: vin } }));
    await calling(l10n.t('listing the vehicles'), () =>
      retry(
        work,
        UNPROCESSED,
        async () => {
          const command = new BatchGetItemCommand({
            RequestItems: { [authorized]: { Keys: keys, ProjectionExpression: 'vin' } },
          });
          const { Responses, UnprocessedKeys } = await client.send(command, { abortSignal: work.signal });
          for (const { vin } of Responses?.[authorized] ?? []) if (vin?.S !== undefined) found.push(vin.S);
          keys = UnprocessedKeys?.[authorized]?.Keys ?? [];
          if (keys.length > 0) {
            throw new CmsError('AWS_THROTTLED', l10n.t('DynamoDB is too busy to read all vehicles.'));
          }
        },
        isCmsError,
      ),
    );
    return found;
  }

  return {
    async authorized(vin, signal) {
      const client = await connection.dynamoDb();
      const command = new GetItemCommand({
        TableName: authorized,
        Key: { vin: { S: vin } },
        ConsistentRead: true,
      });
      const { Item } = await calling(readingAuthorized(vin), () =>
        client.send(command, { abortSignal: signal }),
      );
      return Item && authorizedRowOf(Item);
    },
    async whichAuthorized(vins, work) {
      const found = new Set<string>();
      const all = [...new Set(vins)];
      for (let at = 0; at < all.length; at += MOST_KEYS) {
        for (const vin of await authorizedAmong(all.slice(at, at + MOST_KEYS), work)) found.add(vin);
      }
      return found;
    },
    scanAuthorized: (size, after, signal) =>
      scan(authorized, { size, after, rowOf: authorizedRowOf }, signal),
    async provisioned(vin, signal) {
      const client = await connection.dynamoDb();
      const doing = l10n.t('reading what was provisioned for {vin}', { vin });
      const query = {
        TableName: provisioned,
        KeyConditionExpression: 'vin = :vin',
        ExpressionAttributeValues: { ':vin': { S: vin } },
        // What hook, rules and this program wrote a moment ago counts.
        ConsistentRead: true,
      };
      return calling(doing, async () => {
        const rows: ProvisionedRow[] = [];
        const pages = paginateQuery({ client }, query, { abortSignal: signal });
        const ending = endingPages(pages, doing, ({ LastEvaluatedKey: key, Items: items }) => ({
          next: key && JSON.stringify(key),
          items,
        }));
        for await (const { Items = [] } of ending) rows.push(...Items.map(provisionedRowOf));
        return rows;
      });
    },
    scanProvisioned: (size, after, signal) =>
      scan(provisioned, { size, after, rowOf: provisionedRowOf }, signal),
    async authorize({ vin, make, model, year }, signal) {
      const client = await connection.dynamoDb();
      const doing = l10n.t('authorizing {vin}', { vin });
      const wanted = { make: { S: make }, model: { S: model }, year: { S: year } };
      // As text "false" would count as true.
      const row = { ...wanted, allow_provisioning: { BOOL: true } };
      try {
        await client.send(
          new PutItemCommand({
            TableName: authorized,
            Item: { vin: { S: vin }, ...row },
            ConditionExpression: 'attribute_not_exists(vin)',
          }),
          { abortSignal: signal },
        );
        return 'created';
      } catch (error) {
        if (!isAwsError(error, 'ConditionalCheckFailedException'))
          return calling(doing, () => Promise.reject(error as Error));
      }
      return calling(doing, async () => {
        const key = { TableName: authorized, Key: { vin: { S: vin } } };
        const { Item: item = {} } = await client.send(new GetItemCommand({ ...key, ConsistentRead: true }), {
          abortSignal: signal,
        });
        const right = Object.entries(row).every(
          ([name, value]) => JSON.stringify(item[name]) === JSON.stringify(value),
        );
        if (right) return 'found';
        await client.send(
          new UpdateItemCommand({
            ...key,
            UpdateExpression: 'SET #make = :make, #model = :model, #year = :year, #allow = :allow',
            ExpressionAttributeNames: {
              ...{ '#make': 'make', '#model': 'model', '#year': 'year', '#allow': 'allow_provisioning' },
            },
            ExpressionAttributeValues: {
              ...{ ':make': row.make, ':model': row.model, ':year': row.year },
              ':allow': row.allow_provisioning,
            },
          }),
          { abortSignal: signal },
        );
        return 'repaired';
      });
    },
    async unauthorize(vin, signal) {
      const client = await connection.dynamoDb();
      const command = new DeleteItemCommand({
        ...{ TableName: authorized, Key: { vin: { S: vin } }, ReturnValues: 'ALL_OLD' },
      });
      const { Attributes } = await calling(l10n.t('taking back the authorization of {vin}', { vin }), () =>
        client.send(command, { abortSignal: signal }),
      );
      return Attributes !== undefined;
    },
    async setStatus(vin, certificateId, status, signal) {
      const client = await connection.dynamoDb();
      const command = new UpdateItemCommand({
        TableName: provisioned,
        Key: { vin: { S: vin }, certificate_id: { S: certificateId } },
        UpdateExpression: 'SET certificate_status = :status',
        ConditionExpression: 'attribute_exists(vin)',
        ExpressionAttributeValues: { ':status': { S: status } },
      });
      return calling(
        l10n.t('recording that certificate {id} is {status}', { id: certificateId, status }),
        async () => {
          try {
            await client.send(command, { abortSignal: signal });
            return true;
          } catch (error) {
            if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
            throw error;
          }
        },
      );
    },
    async deleteRow(vin, certificateId, signal) {
      const client = await connection.dynamoDb();
      const command = new DeleteItemCommand({
        TableName: provisioned,
        Key: { vin: { S: vin }, certificate_id: { S: certificateId } },
      });
      await calling(l10n.t('deleting the row of certificate {id}', { id: certificateId }), () =>
        client.send(command, { abortSignal: signal }),
      );
    },
  };
}
