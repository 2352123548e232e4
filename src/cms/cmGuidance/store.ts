import { PutItemCommand, QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { l10n } from '../../core/message.ts';
import { type CertificateTable, createCertificateTable } from './certificateTable.ts';
import { createItems, type Item, MOST_PAGES, numberOf, textOf, vehicleKey } from './items.ts';
import type { Names } from './names.ts';
import { countTrips, LONGEST_TRIP_MS, type TripCount } from './trips.ts';

/** The tables of a deployment, for what its REST API leaves out. */
export interface Store extends CertificateTable {
  /** Ids of the vehicles with a VIN, as the index has it. */
  idsOf(vin: string, signal: AbortSignal): Promise<string[]>;
  /** Of a vehicle's row: its texts. Undefined if there is none. */
  vehicle(vehicleId: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
  deleteVehicle(vehicleId: string, signal: AbortSignal): Promise<boolean>;
  /** Ids of the fleets in which a vehicle is enrolled. */
  fleetsOf(vehicleId: string, signal: AbortSignal): Promise<string[]>;
  /** What the API's own way does: the row of the enrollment, and the fleet in that of the vehicle. */
  enroll(vehicleId: string, fleetId: string, now: string, signal: AbortSignal): Promise<void>;
  unenroll(vehicleId: string, fleetId: string, signal: AbortSignal): Promise<boolean>;
  /** Ids of the campaigns for one vehicle. */
  campaignsOf(vin: string, signal: AbortSignal): Promise<string[]>;
  deleteCampaign(campaignId: string, signal: AbortSignal): Promise<boolean>;
  /** When the newest telemetry row of a vehicle was made; milliseconds since 1970. */
  newestTelemetry(vehicleId: string, signal: AbortSignal): Promise<number | undefined>;
  /** The trips of a vehicle that had telemetry since a moment; milliseconds since 1970. */
  tripsSince(vehicleId: string, since: number, signal: AbortSignal): Promise<TripCount>;
  /** Id of the fleet with an id or name. */
  fleetCalled(wanted: string, signal: AbortSignal): Promise<string | undefined>;
  /** How many rows a table has, counted up to `most`. */
  count(table: keyof Names['tables'], most: number, signal: AbortSignal): Promise<number>;
}

export function createStore(connection: Connection, names: Names): Store {
  const { tables } = names;
  const items = createItems(connection);
  const enrollmentKey = (vehicleId: string, fleetId: string): Item => ({
    PK: { S: `FLEET#${fleetId}` },
    SK: { S: `VEHICLE#${vehicleId}` },
  });

  return {
    ...createCertificateTable(connection, items, names),
    async idsOf(vin, signal) {
      const doing = l10n.t('looking for {vin} among the vehicles', { vin });
      const on = { table: tables.vehicles, index: 'vin-index', name: 'vin', value: vin };
      return (await items.query(on, doing, signal)).flatMap(({ vehicleId }) => textOf(vehicleId) ?? []);
    },
    async vehicle(vehicleId, signal) {
      const doing = l10n.t('reading vehicle {id}', { id: vehicleId });
      const item = await items.get(tables.vehicles, vehicleKey(vehicleId), doing, signal);
      return (
        item &&
        Object.fromEntries(
          Object.entries(item).flatMap(([name, { S, N }]) =>
            (S ?? N) === undefined ? [] : [[name, S ?? N ?? '']],
          ),
        )
      );
    },
    deleteVehicle: (vehicleId, signal) =>
      items.remove(
        tables.vehicles,
        vehicleKey(vehicleId),
        l10n.t('deleting vehicle {id}', { id: vehicleId }),
        signal,
      ),
    async fleetsOf(vehicleId, signal) {
      const doing = l10n.t('reading the enrollment of {id}', { id: vehicleId });
      const on = { table: tables.enrollment, index: 'vehicleId-index', name: 'vehicleId', value: vehicleId };
      return (await items.query(on, doing, signal)).flatMap(
        ({ fleetId, PK }) => textOf(fleetId) ?? textOf(PK)?.replace('FLEET#', '') ?? [],
      );
    },
    async enroll(vehicleId, fleetId, now, signal) {
      const client = await connection.dynamoDb();
      const doing = l10n.t('enrolling vehicle {id} in fleet {fleet}', { id: vehicleId, fleet: fleetId });
      const fields = { fleetId: { S: fleetId }, vehicleId: { S: vehicleId }, enrolledAt: { S: now } };
      const Item = { ...enrollmentKey(vehicleId, fleetId), ...fields };
      await calling(doing, async () => {
        await client.send(new PutItemCommand({ TableName: tables.enrollment, Item }), {
          abortSignal: signal,
        });
        await client.send(
          new UpdateItemCommand({
            ...{
              TableName: tables.vehicles,
              Key: vehicleKey(vehicleId),
              UpdateExpression: 'SET fleetId = :fleet',
            },
            ...{
              ExpressionAttributeValues: { ':fleet': { S: fleetId } },
              ConditionExpression: 'attribute_exists(vehicleId)',
            },
          }),
          { abortSignal: signal },
        );
      });
    },
    unenroll: (vehicleId, fleetId, signal) =>
      items.remove(
        ...([tables.enrollment, enrollmentKey(vehicleId, fleetId)] as const),
        l10n.t('taking vehicle {id} out of fleet {fleet}', { id: vehicleId, fleet: fleetId }),
        signal,
      ),
    async campaignsOf(vin, signal) {
      const doing = l10n.t('reading the campaigns of {vin}', { vin });
      const on = {
        table: tables.campaigns,
        index: 'targetArn-index',
        name: 'targetArn',
        value: `vehicle:${vin}`,
      };
      return (await items.query(on, doing, signal)).flatMap(({ campaignId }) => textOf(campaignId) ?? []);
    },
    deleteCampaign: (campaignId, signal) =>
      items.remove(
        ...([tables.campaigns, { campaignId: { S: campaignId } }] as const),
        l10n.t('deleting the campaign {id}', { id: campaignId }),
        signal,
      ),
    async newestTelemetry(vehicleId, signal) {
      const client = await connection.dynamoDb();
      const doing = l10n.t('reading the newest telemetry of {id}', { id: vehicleId });
      const command = new QueryCommand({
        ...{ TableName: tables.telemetry, KeyConditionExpression: 'vehicleId = :id' },
        ...{ ExpressionAttributeValues: { ':id': { S: vehicleId } }, ScanIndexForward: false, Limit: 1 },
      });
      const { Items = [] } = await calling(doing, () => client.send(command, { abortSignal: signal }));
      return numberOf(Items[0]?.timestamp);
    },
    async tripsSince(vehicleId, since, signal) {
      const doing = l10n.t('reading the trips of {id}', { id: vehicleId });
      const on = { table: tables.trips, index: 'vehicleId-startTime-index', name: 'vehicleId' };
      const from = { name: 'startTime', value: since - LONGEST_TRIP_MS };
      const rows = await items.query({ ...on, value: vehicleId, from }, doing, signal);
      return countTrips(
        rows.map(({ status, startTime, endTime, lastUpdated }) => {
          const end =
            textOf(status) === 'COMPLETED' ? (numberOf(endTime) ?? numberOf(lastUpdated)) : undefined;
          return { start: numberOf(startTime), end, seen: numberOf(lastUpdated) };
        }),
        since,
      );
    },
    async fleetCalled(wanted, signal) {
      const client = await connection.dynamoDb();
      const doing = l10n.t('looking for the fleet {name}', { name: wanted });
      let after: Item | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const command = new ScanCommand({
          ...{ TableName: tables.fleets, ConsistentRead: true, ExclusiveStartKey: after },
        });
        const { Items = [], LastEvaluatedKey } = await calling(doing, () =>
          client.send(command, { abortSignal: signal }),
        );
        const found = Items.find(
          ({ fleetId, name }) => textOf(fleetId) === wanted || textOf(name) === wanted,
        );
        if (found !== undefined) return textOf(found.fleetId);
        if (LastEvaluatedKey === undefined) break;
        after = LastEvaluatedKey;
      }
      return undefined;
    },
    async count(table, most, signal) {
      const client = await connection.dynamoDb();
      const doing = l10n.t('counting the rows of {table}', { table: tables[table] });
      let count = 0;
      let after: Item | undefined;
      for (let page = 0; page < MOST_PAGES && count < most; page++) {
        const command = new ScanCommand({
          TableName: tables[table],
          Select: 'COUNT',
          ExclusiveStartKey: after,
        });
        const { Count = 0, LastEvaluatedKey } = await calling(doing, () =>
          client.send(command, { abortSignal: signal }),
        );
        count += Count;
        if (LastEvaluatedKey === undefined) break;
        after = LastEvaluatedKey;
      }
      return count;
    },
  };
}
