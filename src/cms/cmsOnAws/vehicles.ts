import { findCertificate } from '../../aws/iot/certificates.ts';
import { findThing } from '../../aws/iot/things.ts';
import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import { IAM } from '../contract/credentials.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { VehicleDetail, VehicleRecord, Vehicles } from '../contract/vehicles.ts';
import { isDenied } from '../kit/denied.ts';
import { conditionOf, isWrong } from './condition.ts';
import { knownOf, listPage, recordOf, withOwner } from './listing.ts';
import { currentRow } from './rows.ts';
import type { Sources } from './sources.ts';
import { refOf } from './thingName.ts';
import { marksOf } from './things.ts';

const STATE = l10n.t('Provisioning');
const THING = l10n.t('Thing');

/** Of the parts of the list, each of which may have pages without a vehicle. */
const MOST_PARTS = 20;

/** As many vehicles as were asked for, as far as there are some: one who looks is not sent on to an empty page. */
async function filledPage(
  sources: Sources,
  { size, next }: PageRequest,
  signal: AbortSignal,
): Promise<Page<VehicleRecord>> {
  const items: VehicleRecord[] = [];
  let following = next;
  for (let part = 0; part < MOST_PARTS && items.length < size; part++) {
    const page = await listPage(
      sources,
      { size: size - items.length, ...defined({ next: following }) },
      signal,
    );
    items.push(...page.items);
    following = page.next;
    if (following === undefined) break;
  }
  return { items, next: following };
}

/** The vehicles of an app: those that are authorized, those that were provisioned, and things of its template. */
export function createVehicles(sources: Sources): Vehicles {
  const { connection, names, store, lastSeen } = sources;
  return {
    needs: IAM,
    list: (page, signal) => filledPage(sources, page, signal),
    async find(name, signal) {
      const { vin, thingName } = refOf(name);
      const known = await knownOf(store, vin, signal);
      const isKnown = known.authorized !== undefined || known.rows.some(({ status }) => status !== 'DELETED');
      if (isKnown) return recordOf(vin, await withOwner(vin, known, sources, signal));
      const marks = await marksOf(connection, thingName, signal);
      // A thing of another app is no vehicle of this one.
      const isOwn = marks !== undefined && (marks.template ?? names.template) === names.template;
      return isOwn ? recordOf(vin, known) : undefined;
    },
    refOf,
    detailHeadings: [{ id: 'provisioning', label: STATE }],
    async details({ vin, thingName }, signal) {
      const known = await withOwner(vin, await knownOf(store, vin, signal), sources, signal);
      const row = currentRow(known.rows);
      const id = row?.certificateId;
      const certificate =
        id === undefined || row?.status === 'DELETED'
          ? undefined
          : ((await findCertificate(connection, id, signal))?.status ?? 'gone');
      const condition = conditionOf({ ...known, certificate });
      const { kind, words, remedy } = condition;
      const thing = await findThing(connection, thingName, signal);
      const details: VehicleDetail[] = [
        {
          id: 'provisioning',
          label: STATE,
          state: kind,
          words: remedy === undefined ? words : l10n.t('{state}. {remedy}', { state: words, remedy }),
          icon: isWrong(condition) ? 'warning' : 'pass',
          value: { state: kind, certificateId: id, certificateStatus: certificate },
        },
        {
          id: 'thing',
          label: THING,
          state: thing === undefined ? undefined : 'registered',
          words: thing?.name,
          icon: thing === undefined ? 'circle-slash' : 'chip',
          thingArn: thing?.arn,
          value: thing,
        },
      ];
      return details;
    },
    ...(lastSeen && {
      // Somebody who may not read the bucket still sees the vehicles.
      async live(vehicle, signal) {
        try {
          const seen = await lastSeen.live(vehicle, signal);
          if (seen === undefined) return undefined;
          const { make, model, modelYear } = recordOf(vehicle.vin, await knownOf(store, vehicle.vin, signal));
          return { ...seen, make, model, modelYear };
        } catch (error) {
          if (isDenied(error)) return undefined;
          throw error;
        }
      },
    }),
  };
}
