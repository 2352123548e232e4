import type { Item, Value } from '../../services/dynamodb/values.ts';

/** A row of the table of authorised vehicles, as the hook reads it. */
export interface AuthorisedVehicle {
  vin: string;
  make: string;
  model: string;
  year: string;
  allowed: boolean;
}

/** A row of the table of provisioned vehicles. */
export interface ProvisionedVehicle {
  vin: string;
  certificateId: string;
  make: string;
  model: string;
  year: string;
  region: string;
  thingName: string;
  status: CertificateState;
  connectedOnce: boolean;
}

export const CERTIFICATE_STATES = ['PENDING_ACTIVATION', 'ACTIVE', 'INACTIVE', 'DELETED'] as const;
export type CertificateState = (typeof CERTIFICATE_STATES)[number];

/** What a function of CMS throws at a row that lacks something, or is something else. */
export class RowError extends TypeError {}

/** Throws RowError unless the row is whole. Other attributes are ignored. */
export function authorisedVehicle(item: Item): AuthorisedVehicle {
  return {
    vin: text(item, 'vin'),
    make: text(item, 'make'),
    model: text(item, 'model'),
    year: text(item, 'year'),
    allowed: truth(item, 'allow_provisioning'),
  };
}

/** Throws RowError unless the row is whole. */
export function provisionedVehicle(item: Item): ProvisionedVehicle {
  const status = text(item, 'certificate_status');
  const known = CERTIFICATE_STATES.find((each) => each === status);
  if (known === undefined) throw new RowError(`${status} is not a valid certificate status`);
  return {
    vin: text(item, 'vin'),
    certificateId: text(item, 'certificate_id'),
    make: text(item, 'make'),
    model: text(item, 'model'),
    year: text(item, 'year'),
    region: text(item, 'region'),
    thingName: text(item, 'thing_name'),
    status: known,
    connectedOnce: truth(item, 'has_vehicle_connected_once'),
  };
}

export function provisionedItem(vehicle: ProvisionedVehicle): Item {
  return {
    vin: { S: vehicle.vin },
    certificate_id: { S: vehicle.certificateId },
    make: { S: vehicle.make },
    model: { S: vehicle.model },
    year: { S: vehicle.year },
    region: { S: vehicle.region },
    thing_name: { S: vehicle.thingName },
    certificate_status: { S: vehicle.status },
    has_vehicle_connected_once: { BOOL: vehicle.connectedOnce },
  };
}

function required(item: Item, name: string): Value {
  const value = item[name];
  if (value === undefined) throw new RowError(`missing a required argument: '${name}'`);
  return value;
}

/** Numbers become text, as Python's `str` makes it. */
function text(item: Item, name: string): string {
  const value = required(item, name);
  if ('S' in value) return value.S;
  if ('N' in value) return value.N;
  if ('BOOL' in value) return value.BOOL ? 'True' : 'False';
  return JSON.stringify(value);
}

/** As Python's `bool` sees it: the text "false" is true. */
function truth(item: Item, name: string): boolean {
  const value = required(item, name);
  if ('BOOL' in value) return value.BOOL;
  if ('S' in value) return value.S !== '';
  if ('N' in value) return Number(value.N) !== 0;
  return !('NULL' in value);
}

/**
 * A VIN as CMS compares it: without what is neither letter nor digit (Python's `\W` and `_`), in capitals. No other
 * rule holds.
 */
export function canonicalVin(vin: string): string {
  return vin.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
}
