import { cancelled } from '../../../core/errors.ts';
import type { Timers } from '../../../core/timers.ts';

/**
 * Whether the vehicles are still this process's: another attempt may drive them since this one was frozen or cut off.
 * A lease ends by itself, so that a process that was asleep has none when it wakes up.
 */
export interface Lease {
  /** Until then, and at once for those that wait. Milliseconds since 1970. */
  extend(until: number): void;
  /** Resolves as soon as there is one. Rejects with CANCELLED. */
  held(signal: AbortSignal): Promise<void>;
}

/** @param first until when the first one lasts */
export function createLease(timers: Timers, first: number): Lease {
  let until = first;
  const waiting = new Set<() => void>();
  return {
    extend(later) {
      until = Math.max(until, later);
      if (until <= timers.now()) return;
      for (const go of [...waiting]) go();
    },
    held(signal) {
      if (timers.now() < until) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const stop = () => {
          waiting.delete(go);
          reject(cancelled());
        };
        const go = () => {
          waiting.delete(go);
          signal.removeEventListener('abort', stop);
          resolve();
        };
        if (signal.aborted) stop();
        else {
          waiting.add(go);
          signal.addEventListener('abort', stop, { once: true });
        }
      });
    },
  };
}
