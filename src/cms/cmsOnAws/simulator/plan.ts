import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { Retrying } from '../../../core/retry.ts';
import type { CloudDrive, CloudRun } from '../../contract/cloudSimulator.ts';
import { cutIntoRuns, isRunOf } from '../../kit/cloudRuns.ts';

/** The console of the simulator takes no more devices. */
export const MOST_DEVICES = 100;
/**
 * A run is one execution of AWS Step Functions with 25,000 events at most, of which each message of a device takes about
 * nine. One that has more fails, and leaves everything as it is.
 */
export const MOST_TICKS = 2500;
/** A week, as the console has it. Seconds. */
const LONGEST = 604_800;

/** Of all runs from here. The simulator cleans up whatever begins with the id of a run: all have the same length. */
const PREFIX = 'cmse';

export function isOurs(id: string): boolean {
  return isRunOf(PREFIX, id);
}

/** How often a device sends in a run. */
export function ticksOf({ duration, interval }: Pick<CloudDrive, 'duration' | 'interval'>): number {
  return Math.ceil(duration / interval) + 1;
}

/** The runs of a drive; a VIN that was named twice is in one of them. @throws CmsError REQUEST_INVALID */
export function planRuns(
  { vehicles, duration, interval }: CloudDrive,
  work: Pick<Retrying, 'clock' | 'random'>,
): readonly CloudRun[] {
  if (!isWhole(duration, LONGEST) || !isWhole(interval, LONGEST)) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The simulator of CMS takes whole seconds only, from 1 to {most}.', { most: LONGEST }),
      { remedy: l10n.t('Change the duration and the interval.') },
    );
  }
  const ticks = ticksOf({ duration, interval });
  if (ticks > MOST_TICKS) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t(
        'A vehicle would send {ticks} messages, and a run of the simulator of CMS fails after about {most}.',
        { ticks, most: MOST_TICKS },
      ),
      {
        remedy: l10n.t('Send every {seconds} seconds, or for a shorter time.', {
          seconds: Math.ceil(duration / (MOST_TICKS - 1)),
        }),
      },
    );
  }
  const size = Math.min(MOST_DEVICES, Math.floor(MOST_TICKS / ticks));
  const vins = [...new Set(vehicles.map(({ vin }) => vin))];
  return cutIntoRuns(PREFIX, { of: vins, size }, work, (some) => ({ vins: [...some], duration, interval }));
}

function isWhole(seconds: number, most: number): boolean {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= most;
}
