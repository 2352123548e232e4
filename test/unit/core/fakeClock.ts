import { throwIfAborted } from '../../../src/core/errors.ts';
import type { Clock } from '../../../src/core/work.ts';

/** A clock that stands still except while somebody sleeps: then it jumps. */
export interface FakeClock extends Clock {
  time: number;
  /** Each sleep, in milliseconds, in order. */
  readonly slept: number[];
  /** Called at the beginning of each sleep. */
  sleeping: () => void;
}

export function createFakeClock(time = 0): FakeClock {
  const clock: FakeClock = {
    time,
    slept: [],
    sleeping: () => undefined,
    now: () => clock.time,
    async sleep(ms, signal) {
      if (signal) throwIfAborted(signal);
      clock.slept.push(ms);
      clock.time += ms;
      clock.sleeping();
      await Promise.resolve();
      if (signal) throwIfAborted(signal);
    },
  };
  return clock;
}
