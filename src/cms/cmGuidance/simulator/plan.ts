import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { Retrying } from '../../../core/retry.ts';
import type { CloudDrive, CloudRun } from '../../contract/cloudSimulator.ts';
import { cutIntoRuns, isRunOf } from '../../kit/cloudRuns.ts';

/** The list of vehicles rides in the overrides of its task, which ECS limits to 8,192 characters. */
export const MOST_LISTED = 100;
/** Seconds between two messages of a vehicle; nothing changes it. */
export const INTERVAL = 15;
/** Points of a trip: what is beyond is changed without a word. */
const POINTS = { least: 5, most: 60 };
/** The simulator forgets a run after a day. Seconds. */
const LONGEST = 72_000;

/** Of all runs from here; the id that the simulator gives is another. */
const PREFIX = 'cmsg';

export function isOurs(id: string): boolean {
  return isRunOf(PREFIX, id);
}

/** How many trips of how many points each vehicle of a run drives. */
export function tripsOf({ duration }: Pick<CloudRun, 'duration'>): { trips: number; points: number } {
  const all = Math.ceil(duration / INTERVAL);
  const trips = Math.max(1, Math.ceil(all / POINTS.most));
  return { trips, points: Math.max(POINTS.least, Math.ceil(all / trips)) };
}

/** The runs of a drive; a vehicle that was named twice is in one of them. @throws CmsError REQUEST_INVALID */
export function planRuns(
  { vehicles, duration, interval }: CloudDrive,
  work: Pick<Retrying, 'clock' | 'random'>,
): readonly CloudRun[] {
  if (interval !== INTERVAL) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The simulator of this CMS sends every {seconds} seconds, and nothing else.', {
        seconds: INTERVAL,
      }),
      { remedy: l10n.t('Leave the interval out.') },
    );
  }
  if (!Number.isInteger(duration) || duration < 1 || duration > LONGEST) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The simulator of this CMS takes whole seconds only, from 1 to {most}.', { most: LONGEST }),
      { remedy: l10n.t('Change the duration: the simulator forgets a run after a day.') },
    );
  }
  const { trips, points } = tripsOf({ duration });
  const whole = trips * points * INTERVAL;
  const all = [...new Map(vehicles.map((vehicle) => [vehicle.id, vehicle])).values()];
  return cutIntoRuns(PREFIX, { of: all, size: MOST_LISTED }, work, (some) => ({
    vins: some.map(({ vin }) => vin),
    ids: some.map(({ id }) => id),
    duration: whole,
    interval,
  }));
}
