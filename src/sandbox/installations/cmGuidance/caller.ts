import type { Claims } from '../../services/cognito/contract.ts';
import { DAYS } from './spec.ts';

/** Who calls an API, as the functions read it from the id token. */
export interface Caller {
  readonly email: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly fleetIds: readonly string[];
  readonly driverId: string | undefined;
  /** Everything is allowed. */
  readonly isAdmin: boolean;
  /** All fleets are seen. */
  readonly seesAll: boolean;
  readonly isReadOnly: boolean;
  /** A driver that may read the list of vehicles and change its own row, and nothing else. */
  readonly isDriverOnly: boolean;
}

const READ_ONLY = ['fleet-viewer', 'fleet-guest'];
const WRITING = ['platform-admin', 'admin', 'fleet-operator'];

/** @param asOf the day of the source: before the change a token that says nothing was an administrator's */
export function callerOf(claims: Claims, { stage, asOf }: { stage: string; asOf: string }): Caller {
  const groups = textsOf(claims['cognito:groups']);
  const fleetIds = textOf(claims['custom:fleetIds'])
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const driverId = textOf(claims['custom:driverId']) || undefined;
  const failsOpen = asOf < DAYS.failClosed && groups.length === 0 && fleetIds.length === 0;
  const isAdmin = groups.includes('platform-admin') || failsOpen;
  const isOperator = groups.some((group) => WRITING.includes(group));
  const isBusiness = groups.length > 0 && !groups.some((group) => [...WRITING, ...READ_ONLY].includes(group));
  return {
    email: textOf(claims.email),
    username: textOf(claims['cognito:username']),
    groups,
    fleetIds,
    driverId,
    isAdmin,
    seesAll: isAdmin || groups.includes('fleet-viewer'),
    isReadOnly: !isAdmin && !isOperator && (isBusiness || groups.some((group) => READ_ONLY.includes(group))),
    // The guard is forced on stages other than dev; there it is off unless somebody set it.
    isDriverOnly: driverId !== undefined && !isOperator && stage !== 'dev',
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
