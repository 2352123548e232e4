/**
 * The clock of a run that several processes drive: a straight line from the time on the wall to simulated time. Whoever
 * comes later needs only this one line. Milliseconds since 1970, simulated seconds since the start, and how many of
 * these pass in a second on the wall; 0 while the run is paused.
 */
export interface RunClock {
  at: number;
  simulated: number;
  factor: number;
}

/** Simulated seconds since the start; before it 0. */
export function simulatedAt({ at, simulated, factor }: RunClock, now: number): number {
  return Math.max(0, simulated + ((now - at) / 1000) * factor);
}

/** The same clock, with another speed from a moment on. */
export function turned(clock: RunClock, at: number, factor: number): RunClock {
  return { at, simulated: simulatedAt(clock, at), factor };
}
