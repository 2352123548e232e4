import { l10n, type Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Removal, Removals } from '../contract/removals.ts';
import { isAbsent } from './replies.ts';
import type { Sources } from './sources.ts';

/**
 * What the CMS itself has of a vehicle, in an order that a crash does not make unrepeatable: its certificates go before,
 * which stops it from sending, and its row goes last, by which all else is found. Changes nothing. Nothing keeps the CMS,
 * or another stage of the account, from having the same VIN twice, and with it the same thing: what another vehicle may
 * need stays.
 */
export async function removalsOf(
  sources: Sources,
  { id, vin }: VehicleRef,
  signal: AbortSignal,
): Promise<Removals> {
  const { store, names } = sources;
  const last: Removal[] = [];
  const certificateId = await store.certificateIdOf(id, signal);
  if (certificateId !== undefined) {
    last.push({
      kind: 'certificate-row',
      what: l10n.t('certificate and key of {vin} in the table {table}', {
        vin,
        table: names.tables.certificates,
      }),
      about: { vehicleId: id, certificateId },
      remove: (work) => store.deleteCertificate(id, work.signal),
    });
  }
  for (const fleetId of await store.fleetsOf(id, signal)) {
    last.push({
      kind: 'enrollment',
      what: l10n.t('{vin} from the fleet {fleet}', { vin, fleet: fleetId }),
      about: { vehicleId: id, fleetId },
      remove: (work) => store.unenroll(id, fleetId, work.signal),
    });
  }
  const others = (await store.idsOf(vin, signal)).filter((other) => other !== id);
  const isShared = others.length > 0;
  // Campaigns go by the VIN.
  for (const campaignId of isShared ? [] : await store.campaignsOf(vin, signal)) {
    last.push({
      kind: 'campaign',
      what: l10n.t('the campaign {id}', { id: campaignId }),
      about: { campaignId },
      remove: (work) => store.deleteCampaign(campaignId, work.signal),
    });
  }
  last.push({
    kind: 'vehicle',
    what: l10n.t('vehicle {id} of {vin}', { id, vin }),
    about: { vehicleId: id, vin },
    remove: (work) => removeVehicle(sources, id, work.signal),
  });
  const keeps: Message[] = [
    l10n.t(
      'Telemetry, trouble codes and the backup of messages of {vin} stay; its trips, safety events and alerts, too, where the API has no route to delete a vehicle.',
      { vin },
    ),
    l10n.t('The policy of its certificate stays: the other vehicles of the account have it, too.'),
  ];
  const certificateIds = certificateId === undefined ? [] : [certificateId];
  const sharedThing = isShared ? alsoOf(vin, others) : 'perhaps';
  return { first: [], last, keeps, certificateIds, sharedThing };
}

function alsoOf(vin: string, others: readonly string[]): Message {
  const ids = l10n.list(others, 'and');
  return l10n.plural(
    others.length,
    l10n.t(
      'Thing {vin}, the campaigns for {vin} and every certificate but that of this vehicle stay: vehicle {ids} has the same VIN.',
      { vin, ids },
    ),
    l10n.t(
      'Thing {vin}, the campaigns for {vin} and every certificate but that of this vehicle stay: vehicles {ids} have the same VIN.',
      { vin, ids },
    ),
  );
}

/** By the API, which takes trips and alerts along; by the table, without them, where its gateway has no route for that. */
async function removeVehicle({ api, store }: Sources, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await api.deleteVehicle(id, signal);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return store.deleteVehicle(id, signal);
  }
}
