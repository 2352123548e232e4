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
  /** Metres above sea level. */
  altitude?: number;
  /** Milliseconds since 1970, from files that carry times. */
  time?: number;
}

/** What happens besides driving, at a distance of the trip. */
export interface ScriptedEvent {
  /** Metres from the start of the trip. */
  at: number;
  kind: 'dtc' | 'oil-temperature' | 'braking';
  /** The trouble code of a `dtc`, such as P0217. */
  code?: string;
}

export interface DriveOptions {
  route: Route;
  /** `drive`: physics along the path. `points`: one point of the route a tick, as simple replays do. */
  pace: 'drive' | 'points';
  /** Seconds of simulated time between two samples. */
  tick: number;
  /** Equal seeds give equal drives. */
  seed: number;
  /** What to do at the end of the route. */
  end: 'stop' | 'loop' | 'ping-pong';
  events?: readonly ScriptedEvent[];
  /** How often each happens by chance, besides the script: times per 100 km. */
  eventRates?: Partial<Record<ScriptedEvent['kind'], number>>;
  powertrain?: Powertrain;
  /** Metres on the odometer at the start; litres in the tank; [0, 1] of the battery; degrees Celsius of cold oil. */
  start?: { odometer?: number; fuel?: number; charge?: number; oilTemperature?: number };
}

/** What moves the vehicle: petrol from a tank, or a traction battery. */
export type Powertrain = 'combustion' | 'electric';

/** Of the fuel types that CMS v1 knows, the one without petrol; plug-in hybrids are driven on theirs. */
export function powertrainOf(fuelType: string | undefined): Powertrain {
  return fuelType === 'EV' ? 'electric' : 'combustion';
}

/**
 * What a drive gives, one after the other; `time` counts milliseconds of simulated time from the start. `index` numbers
 * the samples of a trip from 0; after a jump it goes on with the number a drive without jumps has at that place.
 */
export type DriveStep =
  | { kind: 'trip-start'; time: number }
  | { kind: 'sample'; time: number; sample: Omit<Sample, 'time'>; index: number }
  | { kind: 'dtc'; time: number; code: string }
  | { kind: 'braking'; time: number; latitude: number; longitude: number }
  | { kind: 'trip-end'; time: number; summary: TripFigures };

/** Figures of a finished trip, from the same samples: metres, milliseconds, litres, joules, degrees. */
export interface TripFigures {
  distance: number;
  duration: number;
  fuel: number;
  energy: number;
  start: { latitude: number; longitude: number; altitude: number };
  end: { latitude: number; longitude: number; altitude: number };
}

/** A drive is pure: seed in, steps out. It can jump, so that a long route need not be driven from its start. */
export interface Drive {
  /** Number of samples of the current trip without jumps and stops for fuel or charging. */
  readonly samplesPerTrip: number;
  /** Metres of one run along the route. */
  readonly length: number;
  next(): DriveStep | undefined;
  /** Goes on from a fraction [0, 1] of the route, in the same trip. */
  jumpTo(fraction: number): void;
}
