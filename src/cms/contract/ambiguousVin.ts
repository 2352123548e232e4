import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';

/** As many as a sentence has room for. */
const MOST_NAMED = 5;

/** The error for a VIN that several vehicles of a deployment have: nobody guesses which one is meant. */
export function ambiguousVin(vin: string, vehicles: readonly Pick<VehicleRef, 'id'>[]): CmsError {
  const ids = l10n.list(
    vehicles.slice(0, MOST_NAMED).map(({ id }) => id),
    'comma',
  );
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('{count} vehicles have the VIN {vin}: {ids}.', { count: vehicles.length, vin, ids }),
    { remedy: l10n.t('Use the id of the vehicle.') },
  );
}
