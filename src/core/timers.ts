import { cancelled } from './errors.ts';

/** Time of the engine: one callback a wait is far cheaper than a promise when thousands of vehicles tick. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs once after `ms`; the function returned takes it back. */
  after(ms: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`; rejects with CANCELLED as soon as the signal aborts. */
export function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const stop = () => {
      take();
      reject(cancelled());
    };
    const take = timers.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
