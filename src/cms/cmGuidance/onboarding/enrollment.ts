import { CmsError } from '../../../core/errors.ts';
import { l10n, type Message } from '../../../core/message.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import { unlessDenied } from '../../kit/denied.ts';
import type { Sources } from '../sources.ts';
import { rowById } from '../vehicles.ts';

/**
 * Whether a vehicle is in the wanted fleet already: what the API lists by and what the stream goes by are two places.
 * A vehicle that was never enrolled may still change its fleet, which `moved` says.
 * @throws CmsError REQUEST_INVALID if it is enrolled in another fleet: nobody is moved without being asked
 */
export async function enrollmentOf(
  vehicle: VehicleRef,
  fleetId: string,
  sources: Pick<Sources, 'api' | 'store'>,
  signal: AbortSignal,
): Promise<{ isThere: boolean; moved: Message | undefined }> {
  const { id, vin } = vehicle;
  const { store } = sources;
  const enrolled = await unlessDenied(store.fleetsOf(id, signal));
  // Where the tables may not be read, the fleet that the API lists by has to do.
  const listed =
    (enrolled && (await unlessDenied(store.vehicle(id, signal)))) ?? (await rowById(id, sources, signal));
  const rowFleet = listed?.fleetId === '' ? undefined : listed?.fleetId;
  const present = enrolled ?? (rowFleet === undefined ? [] : [rowFleet]);
  const isThere = present.includes(fleetId) && rowFleet === fleetId;
  const others = present.filter((each) => each !== fleetId);
  if (others.length > 0 && !isThere) throw inAnother(vin, others, fleetId);
  const isListedElsewhere = rowFleet !== undefined && rowFleet !== fleetId;
  return {
    isThere: isThere && enrolled !== undefined,
    moved: isListedElsewhere
      ? l10n.t(
          '{vin} was listed in the fleet {before}, in which it was not enrolled: it is in {fleet} now.',
          {
            ...{ vin, before: rowFleet, fleet: fleetId },
          },
        )
      : undefined,
  };
}

function inAnother(vin: string, others: readonly string[], fleetId: string): CmsError {
  const fleets = l10n.list(others, 'and');
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('{vin} is in the fleet {fleets}, and onboarding does not move it to {fleet}.', {
      ...{ vin, fleets, fleet: fleetId },
    }),
    {
      remedy: l10n.t('Name its present fleet; or offboard it first, or move it on the web page of the CMS.'),
      details: { fleets: others.join(', ') },
    },
  );
}
