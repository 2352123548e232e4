import { l10n } from '../../core/message.ts';
import { type Check, checksOf, type Fix, ok, skip, warn } from '../contract/checks.ts';
import { unlessDenied } from '../kit/denied.ts';
import type { Sources } from './sources.ts';

export const ONBOARD_AGAIN = l10n.t('Run onboard for this vehicle: it continues where it is incomplete.');

/** Whether a vehicle is enrolled in the fleet of its row, and in no other. What is mended names each fleet that it leaves. */
export function enrollmentCheck({ store }: Pick<Sources, 'store'>): Check {
  return checksOf()({
    id: 'enrollment',
    title: l10n.t('Enrolled in its fleet'),
    stage: 'vehicle',
    needs: ['vehicle'],
    async run({ vehicle: { id, vin } }, { signal }) {
      const fleets = await unlessDenied(store.fleetsOf(id, signal));
      const row = await unlessDenied(store.vehicle(id, signal));
      if (fleets === undefined) return skip(l10n.t('The table of enrollments may not be read.'));
      const wanted = row?.fleetId ?? '';
      const others = fleets.filter((each) => each !== wanted);
      const fix: Fix = {
        title:
          others.length === 0
            ? l10n.t('Enroll the vehicle in {fleet}, the fleet of its row', { fleet: wanted })
            : l10n.t('Enroll the vehicle in {fleet}, the fleet of its row, and take it out of {others}', {
                ...{ fleet: wanted, others: l10n.list(others, 'and') },
              }),
        run: async (work) => {
          for (const other of others) await store.unenroll(id, other, work.signal);
          await store.enroll(id, wanted, new Date(work.clock.now()).toISOString(), work.signal);
        },
      };
      if (fleets.length === 0) {
        const words = l10n.t(
          '{vin} is in no fleet: there is no live view of it, and operators do not see it.',
          { vin },
        );
        const remedy = l10n.t('Enroll it: run onboard again, or let it be done from here.');
        return wanted === '' ? warn(words, ONBOARD_AGAIN) : warn(words, remedy, {}, fix);
      }
      if (others.length > 0) {
        return warn(
          l10n.t('{vin} is enrolled in {fleets}, but its row says {fleet}: lists and live view disagree.', {
            ...{ vin, fleets: fleets.join(', '), fleet: wanted === '' ? '-' : wanted },
          }),
          l10n.t(
            'Decide which fleet it belongs to. From here it can be enrolled in the fleet of its row, and in no other.',
          ),
          {},
          ...(wanted === '' ? [] : [fix]),
        );
      }
      return ok(l10n.t('It is in {fleet}.', { fleet: wanted }));
    },
  });
}
