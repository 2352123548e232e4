import { cancelled } from '../../../core/errors.ts';
import type { Timers } from '../../../core/timers.ts';

/**
 * The order in which the connections of this process are opened, first come, first served: so many a second, so
 * many handshakes at once.
 */
export interface Ramp {
  /** Resolves at one's turn with the function that ends it. Rejects with CANCELLED. */
  enter(signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  open(): void;
}

/** More handshakes at once would only make each of them slow. */
const AT_ONCE = 16;

export function createRamp(timers: Timers, perSecond: number, atOnce = AT_ONCE): Ramp {
  const waiting = new Set<Waiting>();
  const spacing = 1000 / perSecond;
  let open = 0;
  let nextAt = -Infinity;
  let planned = false;

  function advance(): void {
    for (const first of waiting) {
      if (open >= atOnce || planned) return;
      const now = timers.now();
      if (now < nextAt) {
        planned = true;
        timers.after(Math.ceil(nextAt - now), () => {
          planned = false;
          advance();
        });
        return;
      }
      waiting.delete(first);
      // What a late timer missed is made up for, but only within a burst of a few.
      nextAt = Math.max(nextAt, now - 5 * spacing) + spacing;
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
