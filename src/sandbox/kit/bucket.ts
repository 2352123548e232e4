/** A token bucket: on average `perSecond` units a second, and at most `burst` at once. */
export interface Bucket {
  /** Takes `units` if they are available. Returns whether they were. */
  take(units?: number): boolean;
  /** Takes `units` even if that overdraws the bucket. Returns the milliseconds until it is balanced again. */
  owe(units: number): number;
}

/** `now` is in milliseconds. A clock that is set back neither adds nor removes units. */
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
