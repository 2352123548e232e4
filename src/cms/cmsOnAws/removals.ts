import { l10n, type Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Removal, Removals } from '../contract/removals.ts';
import type { Sources } from './sources.ts';
import { isInGroup, leaveGroup } from './telemetryAccess.ts';
import { otherTemplate } from './things.ts';

/**
 * What CMS itself has of a vehicle, in an order that leaves nothing stuck: nobody can claim for it any more, then its
 * certificates stop being named as in service, then they go. Changes nothing. Greetings of vehicles reach every app of a
 * region, and leave incomplete rows there: of a vehicle of another app nothing else goes.
 */
export async function removalsOf(
  { connection, names, store }: Sources,
  { vin, thingName }: VehicleRef,
  signal: AbortSignal,
): Promise<Removals> {
  const first: Removal[] = [];
  const authorized = await store.authorized(vin, signal);
  if (authorized !== undefined) {
    first.push({
      kind: 'authorization',
      what: l10n.t('{vin} from the list of authorized vehicles', { vin }),
      about: { vin },
      remove: (work) => store.unauthorize(vin, work.signal),
    });
  }
  const certificateIds: string[] = [];
  for (const row of await store.provisioned(vin, signal)) {
    const { certificateId } = row;
    const about = { vin, certificateId };
    if (row.missing.length > 0) {
      first.push({
        kind: 'incomplete-row',
        what: l10n.t('the incomplete row of {vin} and certificate {id}', { vin, id: certificateId }),
        about,
        remove: (work) => store.deleteRow(vin, certificateId, work.signal).then(() => true),
      });
    } else if (row.status !== 'DELETED') {
      certificateIds.push(certificateId);
      first.push({
        kind: 'provisioned-row',
        what: l10n.t('certificate {id} from the list of provisioned vehicles in CMS (marked as deleted)', {
          id: certificateId,
        }),
        about,
        remove: (work) => store.setStatus(vin, certificateId, 'DELETED', work.signal),
      });
    }
  }
  if (await isInGroup(connection, names, thingName, signal)) {
    first.push({
      kind: 'thing-group',
      what: l10n.t('{thing} from the thing group for telemetry', { thing: thingName }),
      about: { thingName },
      remove: (work) => leaveGroup(connection, names, thingName, work.signal),
    });
  }
  const keeps: Message[] = [l10n.t('What CMS has stored of the telemetry of {vin} stays.', { vin })];
  const template = await otherTemplate(connection, names, thingName, signal);
  const othersOwn =
    template === undefined
      ? undefined
      : l10n.t(
          'Thing {name}, its certificates and the files of {vin} stay: they belong to another app, whose template {template} registered it.',
          { name: thingName, vin, template },
        );
  return { first, last: [], keeps, certificateIds, othersOwn };
}
