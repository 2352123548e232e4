import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Whether a vehicle may be provisioned, as the hook reads it. */
export interface AuthorizedRow {
  readonly vin: string;
  readonly make: string;
  readonly model: string;
  /** Text in the table. */
  readonly year: string;
  readonly allowed: boolean;
  /** Names of attributes that the hook needs and does not find: it throws then. */
  readonly missing: readonly string[];
}

export type CertificateStatus = 'PENDING_ACTIVATION' | 'ACTIVE' | 'INACTIVE' | 'DELETED';

/** One attempt to provision a vehicle. */
export interface ProvisionedRow {
  readonly vin: string;
  readonly certificateId: string;
  readonly make: string;
  readonly model: string;
  readonly year: string;
  /** Undefined in a row that somebody else's message made, and for a word the hook does not know. */
  readonly status: CertificateStatus | undefined;
  readonly hasConnected: boolean;
  /** As for the authorized row: one such row keeps its VIN from being provisioned for ever. */
  readonly missing: readonly string[];
}

export type Item = Readonly<Record<string, AttributeValue>>;

/** All attributes are required on reading; source: the item classes of the handlers of v3.0.0. */
const AUTHORIZED = ['make', 'model', 'year', 'allow_provisioning'];
const PROVISIONED = [
  'make', 'model', 'year', 'region', 'thing_name', 'certificate_status', 'has_vehicle_connected_once',
]; // prettier-ignore
const STATUSES: readonly string[] = ['PENDING_ACTIVATION', 'ACTIVE', 'INACTIVE', 'DELETED'];

/** The hook writes it where a vehicle was not authorized. */
export const STRANGER = 'AUTHORIZED_VEHICLE_NOT_FOUND';

export function authorizedRowOf(item: Item): AuthorizedRow {
  const allow = item.allow_provisioning;
  return {
    ...{ vin: textIn(item.vin), make: textIn(item.make), model: textIn(item.model), year: textIn(item.year) },
    // Any text that is not empty counts as true, "false" included, and so does any number but zero.
    allowed: allow?.BOOL ?? (allow?.N === undefined ? textIn(allow) !== '' : Number(allow.N) !== 0),
    missing: AUTHORIZED.filter((name) => item[name] === undefined),
  };
}

export function provisionedRowOf(item: Item): ProvisionedRow {
  const status = textIn(item.certificate_status);
  const missing = PROVISIONED.filter((name) => item[name] === undefined);
  const isKnown = STATUSES.includes(status);
  return {
    vin: textIn(item.vin),
    certificateId: textIn(item.certificate_id),
    ...{ make: textIn(item.make), model: textIn(item.model), year: textIn(item.year) },
    status: isKnown ? (status as CertificateStatus) : undefined,
    hasConnected: item.has_vehicle_connected_once?.BOOL === true,
    missing: isKnown || missing.includes('certificate_status') ? missing : [...missing, 'certificate_status'],
  };
}

function textIn(value: AttributeValue | undefined): string {
  return value?.S ?? value?.N ?? '';
}

const BEST: readonly (CertificateStatus | undefined)[] = ['ACTIVE', 'PENDING_ACTIVATION', 'INACTIVE'];

/** The row that says most about a vehicle now. */
export function currentRow(rows: readonly ProvisionedRow[]): ProvisionedRow | undefined {
  const rank = ({ status }: ProvisionedRow) => (BEST.includes(status) ? BEST.indexOf(status) : BEST.length);
  return rows.toSorted((a, b) => rank(a) - rank(b))[0];
}
