import type { Table } from './table.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface MovableClock extends Clock {
  /** Milliseconds this clock is ahead of the machine's. */
  readonly offsetMs: number;
  /** Moves the clock forward, to test what expires. */
  advance(ms: number): void;
  /** Returns to the machine's time. */
  reset(): void;
}

/** The machine's clock plus an offset. `saved` keeps the offset across restarts, so that certificates stay valid. */
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
