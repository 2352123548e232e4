import type { DynamoDb } from '../../services/dynamodb/dynamodb.ts';
import type { KeyAttribute, TableIndex } from '../../services/dynamodb/tables.ts';
import { type Names, STORAGE_TABLES, type StorageTable } from './names.ts';

interface Shape {
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute;
  readonly indexes?: readonly TableIndex[];
}

const text = (name: string): KeyAttribute => ({ name, type: 'S' });
const number = (name: string): KeyAttribute => ({ name, type: 'N' });
const index = (name: string, hash: string, range?: string): TableIndex => ({
  name,
  hash: text(hash),
  ...(range === undefined ? {} : { range: number(range) }),
});

/** The tables of the storage stack with a key of their own; the others are of no use to a vehicle. */
const STORAGE: Readonly<Partial<Record<StorageTable, Shape>>> = {
  vehicles: {
    hash: text('vehicleId'),
    indexes: [{ ...index('vin-index', 'vin'), keysOnly: true }],
  },
  'vehicle-certificates': { hash: text('vehicleId') },
  fleets: { hash: text('fleetId') },
  'fleet-enrollment': {
    hash: text('PK'),
    range: text('SK'),
    indexes: [index('vehicleId-index', 'vehicleId')],
  },
  drivers: { hash: text('driverId') },
  telemetry: {
    hash: text('vehicleId'),
    range: number('timestamp'),
    indexes: [index('tripId-timestamp-index', 'tripId', 'timestamp')],
  },
  trips: {
    hash: text('tripId'),
    indexes: [
      index('vehicleId-index', 'vehicleId'),
      index('vehicleId-startTime-index', 'vehicleId', 'startTime'),
      index('driverId-index', 'driverId'),
    ],
  },
  'safety-events': {
    hash: text('eventId'),
    indexes: [
      index('vehicleId-index', 'vehicleId'),
      index('tripId-index', 'tripId'),
      index('vehicleId-timestamp-index', 'vehicleId', 'timestamp'),
      index('driverId-index', 'driverId'),
    ],
  },
  'maintenance-alerts': {
    hash: text('alertId'),
    indexes: [
      index('vehicleId-index', 'vehicleId'),
      index('vehicleId-timestamp-index', 'vehicleId', 'timestamp'),
    ],
  },
  'dtc-history': {
    hash: text('vehicleId'),
    range: number('timestamp'),
    indexes: [index('active-code-index', 'activeCode')],
  },
  commands: { hash: text('commandId'), indexes: [index('vehicleId-index', 'vehicleId')] },
  'ws-connections': { hash: text('connectionId'), indexes: [index('fleetId-index', 'fleetId')] },
};

/** Makes the tables that are not there. Those of a stage with a hyphen have other names than others expect. */
export function ensureTables({ tables }: Pick<DynamoDb, 'tables'>, names: Names): void {
  for (const table of STORAGE_TABLES) {
    tables.ensure({ name: names.storage(table), ...(STORAGE[table] ?? { hash: text('id') }) });
  }
  tables.ensure({ name: names.modelManifests, hash: text('pk'), range: text('sk') });
  tables.ensure({ name: names.decoderManifests, hash: text('pk'), range: text('sk') });
  tables.ensure({ name: names.signalCatalog, hash: text('signal_group'), range: text('signal_name') });
  tables.ensure({ name: names.eventCatalog, hash: text('event_id') });
  tables.ensure({
    name: names.campaigns,
    hash: text('campaignId'),
    indexes: [
      index('status-index', 'status'),
      index('targetArn-index', 'targetArn'),
      index('sourceFleetId-index', 'sourceFleetId'),
    ],
  });
  tables.ensure({ name: names.dataSources, hash: text('id') });
  tables.ensure({ name: names.simulations, hash: text('simulation_id') });
}
