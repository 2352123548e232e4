import { createBucket } from '../../../core/bucket.ts';
import { cancelled } from '../../../core/errors.ts';
import { clockOf, type Timers } from '../../../core/timers.ts';

/**
 * The order in which the connections of this process are opened, first come, first served: so many a second, so
 * many handshakes at once.
 */
export interface Ramp {
  /** Resolves when it is the caller's turn, with the function that ends the turn. Rejects with CANCELLED. */
  enter(signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  open(): void;
}

/** More handshakes at once would only make each of them slow. */
const AT_ONCE = 16;
/** Connections that a late timer held up are opened together, but only so many. */
const BURST = 6;

export function createRamp(timers: Timers, perSecond: number, atOnce = AT_ONCE): Ramp {
  const waiting = new Set<Waiting>();
  const bucket = createBucket(clockOf(timers), { perSecond, burst: BURST });
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
