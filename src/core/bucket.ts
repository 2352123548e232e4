import { throwIfAborted } from './errors.ts';
import type { Clock } from './work.ts';

/** A token bucket: at most `perSecond` units a second, and after a rest at most `burst` at once. */
export interface Bucket {
  /** Takes a unit and returns 0, or takes none and returns the milliseconds until there is one (at least 1). */
  take(): number;
  /** Waits for a unit and takes it. Callers are served in the order in which they came. */
  enter(signal: AbortSignal): Promise<void>;
}

/** A unit that is missing only by rounding counts as there: else a wait of 0 ms would be repeated for ever. */
const ONE = 1 - 1e-9;

export function createBucket(
  clock: Pick<Clock, 'now' | 'sleep'>,
  { perSecond, burst = 1 }: { perSecond: number; burst?: number },
): Bucket {
  const perMs = perSecond / 1000;
  let units = burst;
  let last = clock.now();
  let queue: Promise<unknown> = Promise.resolve();

  function take(): number {
    const now = clock.now();
    // A clock that was set back gives nothing, and takes nothing away.
    units = Math.min(burst, units + Math.max(0, now - last) * perMs);
    last = now;
    if (units >= ONE) {
      units -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((ONE - units) / perMs));
  }

  async function turn(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    for (let ms = take(); ms > 0; ms = take()) await clock.sleep(ms, signal);
  }

  return {
    take,
    enter(signal) {
      const mine = queue.then(() => turn(signal));
      queue = mine.catch(() => undefined);
      return mine;
    },
  };
}
