import { cancelled } from './errors.ts';
import type { Clock } from './work.ts';

/** Time of a simulation: when thousands of vehicles tick, callbacks are far cheaper than promises. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs once after `ms`; the function returned cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Waits for all of it, but no longer than `ms`. Rejects as the first of it does. */
export async function within(timers: Timers, ms: number, work: readonly Promise<void>[]): Promise<void> {
  let takeTimer = (): void => undefined;
  const late = new Promise<void>((resolve) => (takeTimer = timers.after(ms, resolve)));
  await Promise.race([late, Promise.all(work)]);
  takeTimer();
}

/** The same time as a `Clock`, for the kit that waits with promises. */
export function clockOf(timers: Timers): Clock {
  return {
    now: () => timers.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(cancelled());
          return;
        }
        const stop = () => {
          cancelTimer();
          reject(cancelled());
        };
        const cancelTimer = timers.after(ms, () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      }),
  };
}
