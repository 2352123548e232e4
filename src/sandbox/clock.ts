import type { Clock, Table } from './contracts/kernel.ts';

export interface MovableClock extends Clock {
  /** Milliseconds this clock is ahead of the machine's. */
  readonly offsetMs: number;
  /** Moves the clock forward, for all that expires. */
  advance(ms: number): void;
  /** The machine's time again. */
  reset(): void;
}

/** The machine's clock plus an offset, which `saved` keeps over a restart (certificates made later stay valid). */
export function createClock(saved?: Table<number>, machineNow: () => number = Date.now): MovableClock {
  let offset = saved?.get('offsetMs') ?? 0;
  return {
    now: () => machineNow() + offset,
    get offsetMs() {
      return offset;
    },
    advance(ms) {
      offset += ms;
      saved?.set('offsetMs', offset);
    },
    reset() {
      offset = 0;
      saved?.delete('offsetMs');
    },
  };
}
