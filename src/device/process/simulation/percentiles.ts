import type { Timers } from '../../../core/timers.ts';

/** Percentiles of durations over the last 10 to 20 seconds, accurate to 5 %, in constant memory. */
export interface Percentiles {
  add(ms: number): void;
  /** Milliseconds; zeros without measurements. */
  read(): { p50: number; p99: number; max: number };
}

const GROWTH = Math.log(1.05);
const WINDOW_MS = 10_000;

interface Window {
  buckets: number[];
  count: number;
  max: number;
}

export function createPercentiles(timers: Timers): Percentiles {
  const empty = (): Window => ({ buckets: [], count: 0, max: 0 });
  let [before, current] = [empty(), empty()];
  let since = timers.now();

  function rotateWindows(): void {
    const passed = timers.now() - since;
    if (passed < WINDOW_MS) return;
    before = passed < 2 * WINDOW_MS ? current : empty();
    current = empty();
    since += passed - (passed % WINDOW_MS);
  }
  return {
    add(ms) {
      rotateWindows();
      const value = Math.max(0, ms);
      const index = Math.floor(Math.log1p(value) / GROWTH);
      const { buckets } = current;
      while (buckets.length <= index) buckets.push(0);
      buckets[index] = (buckets[index] ?? 0) + 1;
      current.count += 1;
      current.max = Math.max(current.max, value);
    },
    read() {
      rotateWindows();
      const count = before.count + current.count;
      const max = Math.max(before.max, current.max);
      const length = Math.max(before.buckets.length, current.buckets.length);
      const at = (share: number): number => {
        let left = Math.ceil(count * share);
        for (let index = 0; index < length; index++) {
          left -= (before.buckets[index] ?? 0) + (current.buckets[index] ?? 0);
          if (left <= 0) return Math.min(max, Math.expm1((index + 0.5) * GROWTH));
        }
        return max;
      };
      return count === 0
        ? { p50: 0, p99: 0, max: 0 }
        : { p50: tenths(at(0.5)), p99: tenths(at(0.99)), max: tenths(max) };
    },
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
