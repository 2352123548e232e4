import type { Random } from '../../../core/work.ts';
import type { Timers } from '../../../core/timers.ts';

/** AWS IoT takes one connect a second of a client id. */
const LEAST_MS = 1000;
const MOST_MS = 30_000;

/** Milliseconds before the next attempt, after so many failures in a row (from 0): doubling, jittered, bounded. */
export function backOff(failures: number, random: Random): number {
  const most = Math.min(MOST_MS, LEAST_MS * 2 ** (failures + 1));
  return LEAST_MS + random() * (most - LEAST_MS);
}

export interface Bucket {
  /** Takes a unit and returns 0, or returns the milliseconds until there is one. */
  take(): number;
}

/** Lets `perSecond` units through in any second: after a rest a tenth of them at once, the others evenly. */
export function createBucket(timers: Timers, perSecond: number): Bucket {
  const burst = Math.max(1, Math.floor(perSecond / 10));
  // Together with the burst no second has more than `perSecond`.
  const rate = Math.max(perSecond - burst, perSecond / 2) / 1000;
  let free = burst;
  let last = timers.now();
  return {
    take() {
      const now = timers.now();
      // A clock that was set back gives nothing, and takes nothing away.
      free = Math.min(burst, free + Math.max(0, now - last) * rate);
      last = now;
      // A unit that is there but for rounding is there: a wait of nothing would never end.
      if (free >= 1 - 1e-9) {
        free -= 1;
        return 0;
      }
      return Math.max(1, Math.ceil((1 - free) / rate));
    },
  };
}
