import type { Position } from './position.ts';

/** Where a vehicle is on its path. */
export interface Standing extends Position {
  altitude: number;
  /** Degrees clockwise from north, [0, 360). */
  heading: number;
}

/** A vehicle on its way along a path, without what burns and turns in it. Metres, seconds. */
export interface Motion {
  /** Along the path. */
  readonly position: number;
  /** Metres per second. */
  readonly speed: number;
  /** Metres per second squared, sideways; to the right positive. */
  readonly lateral: number;
  readonly arrived: boolean;
  /** Samples of a trip without jumps. */
  readonly samples: number;
  where(): Standing;
  /** Moves on for a time, but ends at the position `until`; gives the time that it took. */
  advance(seconds: number, until: number): number;
  /** Sets the vehicle down at a fraction [0, 1] of the path, where it stands; gives the number of the sample there. */
  place(fraction: number): number;
  /** Stops as soon as it can, calls back, and waits; does nothing while it brakes for something else. */
  stopFor(seconds: number, stopped: () => void): void;
}
