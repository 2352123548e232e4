import type { Position } from './position.ts';

/** Where a vehicle is on its path. */
export interface Standing extends Position {
  altitude: number;
  /** Degrees clockwise from north, [0, 360). */
  heading: number;
}

/** A vehicle's movement along a path, without engine and energy. Meters, seconds. */
export interface Motion {
  /** The distance along the path. */
  readonly position: number;
  /** Meters per second. */
  readonly speed: number;
  /** Lateral acceleration in meters per second squared; positive to the right. */
  readonly lateral: number;
  readonly arrived: boolean;
  /** How many samples a trip without jumps has. */
  readonly samples: number;
  where(): Standing;
  /** Advances by a time, but at most to the position `until`. Returns the time it took. */
  advance(seconds: number, until: number): number;
  /** Places the vehicle, at standstill, at a fraction [0, 1] of the path. Returns the index of the sample there. */
  place(fraction: number): number;
  /** Stops as soon as possible, calls `stopped`, and waits. Does nothing while braking for something else. */
  stopFor(seconds: number, stopped: () => void): void;
}
