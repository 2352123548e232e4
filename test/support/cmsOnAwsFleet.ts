import assert from 'node:assert/strict';
import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { ListThingsCommand } from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import { namesOf } from '../../src/cms/cmsOnAws/names.ts';
import { createStore } from '../../src/cms/cmsOnAws/store.ts';
import { createVehicles } from '../../src/cms/cmsOnAws/vehicles.ts';
import type { Vehicles } from '../../src/cms/contract/vehicles.ts';
import { systemClock } from '../../src/core/work.ts';

type Item = Record<string, AttributeValue>;

const TABLES = { authorized: 'authorized', provisioned: 'provisioned' };
const DESCRIBED = { make: { S: 'Acme' }, model: { S: 'DN' }, year: { S: '2024' } };
/** Of DynamoDB's scan and of ListThings: where the next page begins. */
const pageOf = <T>(all: readonly T[], from: number, size: number) => ({
  items: all.slice(from, from + size),
  next: from + size < all.length ? from + size : undefined,
});

/** A fleet of CMS on AWS behind clients that count what they are asked. */
export interface CountedFleet {
  readonly vehicles: Vehicles;
  /** VINs that are to be listed. */
  readonly vins: readonly string[];
  /** Calls by their names since the last time. */
  calls(): Record<string, number>;
}

/**
 * @param size vehicles: one in a hundred is not authorized any more, three of four of the others are provisioned. As many
 * rows again are of the past, one in ten of a vehicle that is gone.
 */
export function countedFleet(size: number): CountedFleet {
  const vins = Array.from({ length: size }, (_, i) => `LSH14J4C4LA${String(i).padStart(6, '0')}`);
  const wasAuthorized = (i: number) => i % 100 !== 99;
  const wasProvisioned = (i: number) => !wasAuthorized(i) || i % 4 !== 0;
  const row = (vin: string, id: string, status: string): Item => ({
    ...{ vin: { S: vin }, certificate_id: { S: id }, ...DESCRIBED, certificate_status: { S: status } },
    ...{ region: { S: 'us-west-2' }, thing_name: { S: `Vehicle_${vin}` } },
    has_vehicle_connected_once: { BOOL: true },
  });
  const authorized = vins
    .filter((_, i) => wasAuthorized(i))
    .map((vin): Item => ({ vin: { S: vin }, ...DESCRIBED, allow_provisioning: { BOOL: true } }));
  const now = vins.filter((_, i) => wasProvisioned(i)).map((vin) => row(vin, `${vin}-now`, 'ACTIVE'));
  const past = vins.map((vin, i) =>
    row(i % 10 !== 0 ? vin : `GONE${String(i).padStart(6, '0')}`, `${vin}-past`, 'DELETED'),
  );
  const provisioned = [...now, ...past].sort((a, b) => ((a.vin?.S ?? '') < (b.vin?.S ?? '') ? -1 : 1));
  const things = now.map(({ vin }) => ({
    thingName: `Vehicle_${vin?.S ?? ''}`,
    attributes: { vin: vin?.S ?? '' },
  }));

  const tables: Record<string, readonly Item[]> = { authorized, provisioned };
  const keyOf = ({ vin, certificate_id: id }: Item) => `${vin?.S ?? ''} ${id?.S ?? ''}`;
  const places = new Map(
    Object.entries(tables).map(([name, items]) => [name, new Map(items.map((each, i) => [keyOf(each), i]))]),
  );
  const byVin = new Map<string, Item[]>();
  for (const each of provisioned)
    byVin.set(each.vin?.S ?? '', [...(byVin.get(each.vin?.S ?? '') ?? []), each]);
  const itemAt = (table: string, key: Item) => tables[table]?.[places.get(table)?.get(keyOf(key)) ?? -1];

  let counts: Record<string, number> = {};
  const count = (command: object) => {
    const name = command.constructor.name.replace(/Command$/, '');
    counts[name] = (counts[name] ?? 0) + 1;
  };
  // A paginator of the SDK takes its own kind of client only.
  const dynamoDb = Object.assign(new DynamoDBClient({ region: 'us-west-2' }), {
    send(command: object) {
      count(command);
      if (command instanceof ScanCommand) {
        const { TableName = '', Limit = 1000, ExclusiveStartKey: after } = command.input;
        const from = after === undefined ? 0 : (places.get(TableName)?.get(keyOf(after)) ?? -1) + 1;
        const { items, next } = pageOf(tables[TableName] ?? [], from, Limit);
        const { vin, certificate_id: id } = items.at(-1) ?? {};
        const last = { ...(vin && { vin }), ...(id && { certificate_id: id }) };
        return Promise.resolve({ Items: items, ...(next !== undefined && { LastEvaluatedKey: last }) });
      }
      if (command instanceof QueryCommand) {
        const vin = command.input.ExpressionAttributeValues?.[':vin']?.S ?? '';
        return Promise.resolve({ Items: byVin.get(vin) ?? [] });
      }
      if (command instanceof GetItemCommand) {
        const { TableName = '', Key = {} } = command.input;
        return Promise.resolve({ Item: itemAt(TableName, Key) });
      }
      assert.ok(command instanceof BatchGetItemCommand, 'Nothing is to be changed.');
      const { authorized: asked } = command.input.RequestItems ?? {};
      const found = (asked?.Keys ?? [])
        .map((key) => itemAt('authorized', key))
        .filter((item) => item !== undefined);
      return Promise.resolve({ Responses: { authorized: found } });
    },
  });
  const iot = {
    send(command: object) {
      count(command);
      assert.ok(command instanceof ListThingsCommand, 'Only the list of things is needed.');
      const { nextToken, maxResults = 25 } = command.input;
      const { items, next } = pageOf(things, Number(nextToken ?? 0), maxResults);
      return Promise.resolve({ things: items, ...(next !== undefined && { nextToken: String(next) }) });
    },
  };
  // There is no HTTP, and so no API that somebody would have to sign in to.
  const connection = {
    ...{ clock: systemClock, random: () => 0 },
    ...{ dynamoDb: () => Promise.resolve(dynamoDb), iot: () => Promise.resolve(iot) },
  } as unknown as Connection;
  const store = createStore(connection, TABLES);
  return {
    vins,
    vehicles: createVehicles({ connection, store, names: namesOf('cms'), lastSeen: undefined }),
    calls() {
      const since = counts;
      counts = {};
      return since;
    },
  };
}
