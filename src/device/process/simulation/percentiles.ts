import { addedUp, Histogram, type Spread, spreadOf } from '../../../core/histogram.ts';
import type { Timers } from '../../../core/timers.ts';

/** Percentiles of durations over the last 10 to 20 seconds, accurate to 5 %, in constant memory. */
export interface Percentiles {
  add(ms: number): void;
  /** Milliseconds; zeros without measurements. */
  read(): Spread;
}

const WINDOW_MS = 10_000;

export function createPercentiles(timers: Timers): Percentiles {
  let [before, current] = [new Histogram(), new Histogram()];
  let since = timers.now();

  function rotateWindows(): void {
    const passed = timers.now() - since;
    if (passed < WINDOW_MS) return;
    before = passed < 2 * WINDOW_MS ? current : new Histogram();
    current = new Histogram();
    since += passed - (passed % WINDOW_MS);
  }
  return {
    add(ms) {
      rotateWindows();
      current.add(ms);
    },
    read() {
      rotateWindows();
      return spreadOf(addedUp([before.read(), current.read()]));
    },
  };
}
