import type { Caller } from '../caller.ts';
import type { Data } from '../data.ts';
import { Refused } from '../lambda.ts';
import { textOf } from '../rows.ts';

/** Throws 403 for a caller who may read only. */
export function mayWrite({ isReadOnly }: Caller): void {
  if (isReadOnly) throw new Refused(403, 'Read-only access');
}

export function onlyAdmin({ isAdmin }: Caller, error = 'Admin access required'): void {
  if (!isAdmin) throw new Refused(403, error);
}

/** The fleets that the enrolment says a vehicle is in. */
export function fleetsOf(data: Data, vehicleId: string): string[] {
  return data
    .storage('fleet-enrollment')
    .indexed('vehicleId-index', vehicleId)
    .map(({ fleetId }) => textOf(fleetId));
}

/** Throws 403 unless the caller sees all fleets, or the vehicle is enrolled in one of the caller's. */
export function maySee(data: Data, caller: Caller, vehicleId: string): void {
  if (caller.seesAll) return;
  if (fleetsOf(data, vehicleId).some((fleet) => caller.fleetIds.includes(fleet))) return;
  throw new Refused(403, 'Access denied');
}

/** A driver without another role may do what stands in the list, and nothing else. */
export function guardDriver({ isDriverOnly }: Caller, allowed: boolean): void {
  if (isDriverOnly && !allowed) throw new Refused(403, 'Access denied');
}
