import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { isAwsError } from '../../aws/errors.ts';
import { isExposed } from '../../aws/exposed.ts';
import { l10n, type Message } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import type { Names } from './names.ts';

type Item = Record<string, AttributeValue>;

/** The certificate of a vehicle as the CMS keeps it; the private key in clear. */
export interface CertificateRow {
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Undefined where the key was born elsewhere. */
  readonly privateKeyPem: string | undefined;
  readonly policyName: string | undefined;
  /** Whose it is, as the row has it. */
  readonly vin: string | undefined;
  readonly thingName: string | undefined;
}

/** The tables of a deployment, for what its REST API leaves out. */
export interface Store {
  /** Whether certificates are read without their keys: where others on the network could read them, too. */
  readonly hidesKeys: boolean;
  /** The id of the certificate of a vehicle; its key is not read. */
  certificateIdOf(vehicleId: string, signal: AbortSignal): Promise<string | undefined>;
  certificate(vehicleId: string, signal: AbortSignal): Promise<CertificateRow | undefined>;
  /**
   * Writes a certificate whose key is not for the table, in place of the one that was read there; undefined if there was
   * none. False if there is another one by now.
   */
  putCertificate(
    row: {
      vehicleId: string;
      vin: string;
      certificateId: string;
      arn: string;
      pem: string;
      policyName: string;
      now: string;
    },
    instead: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  deleteCertificate(vehicleId: string, signal: AbortSignal): Promise<boolean>;
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
  /** Id of the fleet with an id or name. */
  fleetCalled(wanted: string, signal: AbortSignal): Promise<string | undefined>;
  /** How many rows a table has, counted up to `most`. */
  count(table: keyof Names['tables'], most: number, signal: AbortSignal): Promise<number>;
}

const MOST_PAGES = 100;
/** What there is to know of a certificate besides its key. */
const WITHOUT_KEY = 'vehicleId, vin, thingName, certificateId, certificatePem, policyName';

export function createStore(connection: Connection, { tables }: Names): Store {
  const text = (value: AttributeValue | undefined): string | undefined =>
    value?.S === '' ? undefined : value?.S;
  const key = (vehicleId: string): Item => ({ vehicleId: { S: vehicleId } });
  const enrollmentKey = (vehicleId: string, fleetId: string): Item => ({
    PK: { S: `FLEET#${fleetId}` },
    SK: { S: `VEHICLE#${vehicleId}` },
  });

  async function getItem(
    table: string,
    Key: Item,
    doing: Message,
    signal: AbortSignal,
    fields?: string,
  ): Promise<Item | undefined> {
    const client = await connection.dynamoDb();
    const command = new GetItemCommand({
      ...{ TableName: table, Key, ConsistentRead: true, ProjectionExpression: fields },
    });
    const { Item } = await calling(doing, () => client.send(command, { abortSignal: signal }));
    return Item;
  }

  async function deleteItem(table: string, Key: Item, doing: Message, signal: AbortSignal): Promise<boolean> {
    const client = await connection.dynamoDb();
    const command = new DeleteItemCommand({ TableName: table, Key, ReturnValues: 'ALL_OLD' });
    const { Attributes } = await calling(doing, () => client.send(command, { abortSignal: signal }));
    return Attributes !== undefined;
  }

  /** All items of an index with one value of its key. */
  async function query(
    { table, index, name, value }: { table: string; index: string; name: string; value: string },
    doing: Message,
    signal: AbortSignal,
  ): Promise<Item[]> {
    const client = await connection.dynamoDb();
    const items: Item[] = [];
    let after: Item | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const command = new QueryCommand({
        ...{ TableName: table, IndexName: index, KeyConditionExpression: '#key = :value' },
        ...{
          ExpressionAttributeNames: { '#key': name },
          ExpressionAttributeValues: { ':value': { S: value } },
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
  }

  const hidesKeys = isExposed(connection.endpoint);
  return {
    hidesKeys,
    async certificateIdOf(vehicleId, signal) {
      const doing = l10n.t('reading the certificate that the CMS keeps for {id}', { id: vehicleId });
      return text(
        (await getItem(tables.certificates, key(vehicleId), doing, signal, 'certificateId'))?.certificateId,
      );
    },
    async certificate(vehicleId, signal) {
      const doing = l10n.t('reading the certificate that the CMS keeps for {id}', { id: vehicleId });
      const fields = hidesKeys ? WITHOUT_KEY : undefined;
      const item = await getItem(tables.certificates, key(vehicleId), doing, signal, fields);
      const certificateId = text(item?.certificateId);
      const certificatePem = text(item?.certificatePem);
      if (certificateId === undefined || certificatePem === undefined) return undefined;
      const privateKeyPem = text(item?.privateKey);
      if (privateKeyPem !== undefined) keepPrivateKey(privateKeyPem);
      return {
        ...{ certificateId, certificatePem, privateKeyPem, policyName: text(item?.policyName) },
        ...{ vin: text(item?.vin), thingName: text(item?.thingName) },
      };
    },
    async putCertificate({ vehicleId, vin, certificateId, arn, pem, policyName, now }, instead, signal) {
      const client = await connection.dynamoDb();
      const row: Record<string, string> = {
        ...{ vehicleId, vin, thingName: vin, certificateId, certificateArn: arn, certificatePem: pem },
        ...{ policyName, status: 'ACTIVE', createdAt: now, updatedAt: now },
      };
      const Item = Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }]));
      const command = new PutItemCommand({
        ...{ TableName: tables.certificates, Item },
        // What is read as no certificate has none of the two, or an empty one.
        ...(instead === undefined
          ? {
              ConditionExpression:
                'attribute_not_exists(certificateId) OR attribute_not_exists(certificatePem) OR certificateId = :instead OR certificatePem = :instead',
              ExpressionAttributeValues: { ':instead': { S: '' } },
            }
          : {
              ConditionExpression: 'attribute_not_exists(vehicleId) OR certificateId = :instead',
              ExpressionAttributeValues: { ':instead': { S: instead } },
            }),
      });
      try {
        await calling(l10n.t('writing the certificate of {vin} into the table of the CMS', { vin }), () =>
          client.send(command, { abortSignal: signal }),
        );
        return true;
      } catch (error) {
        if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
        throw error;
      }
    },
    deleteCertificate: (vehicleId, signal) =>
      deleteItem(
        ...([tables.certificates, key(vehicleId)] as const),
        l10n.t('deleting the certificate that the CMS keeps for {id}', { id: vehicleId }),
        signal,
      ),
    async idsOf(vin, signal) {
      const doing = l10n.t('looking for {vin} among the vehicles', { vin });
      const on = { table: tables.vehicles, index: 'vin-index', name: 'vin', value: vin };
      return (await query(on, doing, signal)).flatMap(({ vehicleId }) => text(vehicleId) ?? []);
    },
    async vehicle(vehicleId, signal) {
      const doing = l10n.t('reading vehicle {id}', { id: vehicleId });
      const item = await getItem(tables.vehicles, key(vehicleId), doing, signal);
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
      deleteItem(tables.vehicles, key(vehicleId), l10n.t('deleting vehicle {id}', { id: vehicleId }), signal),
    async fleetsOf(vehicleId, signal) {
      const doing = l10n.t('reading the enrollment of {id}', { id: vehicleId });
      const on = { table: tables.enrollment, index: 'vehicleId-index', name: 'vehicleId', value: vehicleId };
      return (await query(on, doing, signal)).flatMap(
        ({ fleetId, PK }) => text(fleetId) ?? text(PK)?.replace('FLEET#', '') ?? [],
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
            ...{ TableName: tables.vehicles, Key: key(vehicleId), UpdateExpression: 'SET fleetId = :fleet' },
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
      deleteItem(
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
      return (await query(on, doing, signal)).flatMap(({ campaignId }) => text(campaignId) ?? []);
    },
    deleteCampaign: (campaignId, signal) =>
      deleteItem(
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
      const newest = Number(Items[0]?.timestamp?.N);
      return Number.isFinite(newest) ? newest : undefined;
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
        const found = Items.find(({ fleetId, name }) => text(fleetId) === wanted || text(name) === wanted);
        if (found !== undefined) return text(found.fleetId);
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
