import type { Sample } from './sample.ts';

/** A path to drive: at least two points, in order. */
export interface Route {
  name: string;
  points: readonly RoutePoint[];
}

export interface RoutePoint {
  /** Degrees, WGS 84. */
  latitude: number;
  longitude: number;
  /** Meters above sea level. */
  altitude?: number;
  /** Milliseconds since 1970, from files with timestamps: when the vehicle came here. */
  time?: number;
  /** The same, if it stood here: when it left. */
  until?: number;
}

/** An event during a trip, at a distance from its start. */
export interface ScriptedEvent {
  /** Meters from the start of the trip. */
  at: number;
  kind: 'dtc' | 'oil-temperature' | 'braking';
  /** The trouble code of a `dtc`, such as P0217. */
  code?: string;
}

export interface DriveOptions {
  route: Route;
  /** `drive`: physics along the path. `points`: one point of the route per tick, as simple replays do. */
  pace: 'drive' | 'points';
  /** Simulated seconds between two samples. */
  tick: number;
  /** Equal seeds give equal drives. */
  seed: number;
  /** What to do at the end of the route. */
  end: 'stop' | 'loop' | 'ping-pong';
  events?: readonly ScriptedEvent[];
  /** How often each kind happens at random, in addition to the script: times per 100 km. */
  eventRates?: Partial<Record<ScriptedEvent['kind'], number>>;
  powertrain?: Powertrain;
  /** At the start: odometer in meters, fuel in liters, charge of the battery in [0, 1], oil in degrees Celsius. */
  start?: { odometer?: number; fuel?: number; charge?: number; oilTemperature?: number };
}

/** What moves the vehicle: gasoline from a tank, or a traction battery. */
export type Powertrain = 'combustion' | 'electric';

/**
 * What a drive yields, in order. `time` is simulated milliseconds since the start. `index` counts the samples of a trip
 * from 0; after a jump it continues with the index that a drive without jumps has at that position.
 */
export type DriveStep =
  | { kind: 'trip-start'; time: number }
  | { kind: 'sample'; time: number; sample: Omit<Sample, 'time'>; index: number }
  | { kind: 'dtc'; time: number; code: string }
  | { kind: 'braking'; time: number; latitude: number; longitude: number }
  | { kind: 'trip-end'; time: number; summary: TripFigures };

/** Figures of a finished trip, from its samples: meters, milliseconds, liters, joules, degrees. */
export interface TripFigures {
  distance: number;
  duration: number;
  fuel: number;
  energy: number;
  start: { latitude: number; longitude: number; altitude: number };
  end: { latitude: number; longitude: number; altitude: number };
}

/** A drive is deterministic: the seed defines its steps. It can jump, so that a long route can start anywhere. */
export interface Drive {
  /** How many samples the current trip has without jumps and without stops for fuel or charging. */
  readonly samplesPerTrip: number;
  /** The length of the route in meters. */
  readonly length: number;
  next(): DriveStep | undefined;
  /** Continues the same trip at a fraction [0, 1] of the route. */
  jumpTo(fraction: number): void;
}
