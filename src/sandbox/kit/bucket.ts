/** A token bucket: at most `perSecond` units a second, and after a rest at most `burst` at once. */
export interface Bucket {
  /** Whether `units` are free now; takes them if so. */
  take(units?: number): boolean;
  /** Takes `units` even when there are none, and returns how many milliseconds it takes to pay them back. */
  owe(units: number): number;
}

/** `now` in milliseconds. A clock that is set back gives nothing and takes nothing away. */
export function createBucket(now: () => number, perSecond: number, burst = perSecond): Bucket {
  let free = burst;
  let filledAt = now();
  const refill = (): void => {
    const time = now();
    free = Math.min(burst, free + (Math.max(0, time - filledAt) * perSecond) / 1000);
    filledAt = time;
  };
  return {
    take(units = 1) {
      refill();
      if (free < units) return false;
      free -= units;
      return true;
    },
    owe(units) {
      refill();
      free -= units;
      return free >= 0 ? 0 : (-free * 1000) / perSecond;
    },
  };
}

/** A bucket that is never empty, for when limits are off. */
export const BOTTOMLESS: Bucket = { take: () => true, owe: () => 0 };
