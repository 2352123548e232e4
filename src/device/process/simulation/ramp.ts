import { createBucket } from '../../../core/bucket.ts';
import { cancelled } from '../../../core/errors.ts';
import { clockOf, type Timers } from '../../../core/timers.ts';

/**
 * Opens the connections of this process in order of request, with a limited rate and a limited number of simultaneous
 * handshakes.
 */
export interface Ramp {
  /** Resolves when it is the caller's turn, with the function that ends the turn. Rejects with CANCELLED. */
  enter(signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  open(): void;
}

/** More simultaneous handshakes would only make each of them slower. */
export const AT_ONCE = 16;
/** How many connections that were delayed by a late timer are opened at once. */
export const BURST = 6;

export function createRamp(timers: Timers, perSecond: number, atOnce = AT_ONCE, burst = BURST): Ramp {
  const waiting = new Set<Waiting>();
  const bucket = createBucket(clockOf(timers), { perSecond, burst });
  let open = 0;
  let planned = false;

  function advance(): void {
    for (const first of waiting) {
      if (open >= atOnce || planned) return;
      const wait = bucket.take();
      if (wait > 0) {
        planned = true;
        timers.after(wait, () => {
          planned = false;
          advance();
        });
        return;
      }
      waiting.delete(first);
      open += 1;
      first.open();
    }
  }

  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(cancelled());
          return;
        }
        const stop = () => {
          waiting.delete(entry);
          reject(cancelled());
        };
        const entry: Waiting = {
          open() {
            signal.removeEventListener('abort', stop);
            let left = false;
            resolve(() => {
              if (left) return;
              left = true;
              open -= 1;
              advance();
            });
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        waiting.add(entry);
        advance();
      }),
  };
}
