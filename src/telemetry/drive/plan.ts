import { at } from './at.ts';
import { chance } from './chance.ts';
import { LIMITS } from './limits.ts';
import type { Path } from './path.ts';

/** How a driver plans to drive a path on one trip. Meters per second, seconds. */
export interface Plan {
  /** The speed on the leg after a point if nothing is in the way. */
  cruise(leg: number): number;
  /** The highest speed at each point from which braking for everything ahead is still possible. */
  readonly speeds: Float32Array;
  /** How long the vehicle waits at a point. Contains only points with a stop. */
  readonly stops: ReadonlyMap<number, number>;
}

/** The first key of each random decision, so that decisions are independent. */
const DRIVER = 1;
const TRAFFIC = 2;
const WAITS = 3;
const WAIT = 4;

const SLOWEST_DRIVER = 0.88;
const FASTEST_DRIVER = 1.04;
/** Traffic reduces the speed by up to this fraction, which is different on each stretch of this length. */
const TRAFFIC_SLOWS = 0.12;
const TRAFFIC_STRETCH = 250;
const WAIT_PROBABILITY = 0.45;
const WAIT_SECONDS = { from: 3, to: 25 };

/** Plans a trip. The same seed and trip number give the same plan. */
export function planTrip(path: Path, seed: number, trip: number): Plan {
  const stops = stopsOf(path, seed, trip);
  const driver = SLOWEST_DRIVER + (FASTEST_DRIVER - SLOWEST_DRIVER) * chance(seed, DRIVER);
  const cruise = (leg: number) => {
    const allowed = at(path.legSpeeds, leg);
    const stretch = Math.floor(at(path.distances, leg) / TRAFFIC_STRETCH);
    const traffic = 1 - TRAFFIC_SLOWS * chance(seed, TRAFFIC, trip, stretch);
    return Math.min(LIMITS.speed, allowed * driver * traffic);
  };
  return { cruise, stops, speeds: speedsOf(path, cruise, stops) };
}

function stopsOf(path: Path, seed: number, trip: number): Map<number, number> {
  const stops = new Map<number, number>();
  for (const crossing of path.crossings) {
    if (chance(seed, WAITS, trip, crossing) >= WAIT_PROBABILITY) continue;
    const { from, to } = WAIT_SECONDS;
    stops.set(crossing, from + (to - from) * chance(seed, WAIT, trip, crossing));
  }
  return stops;
}

/** Calculated from the end to the start, so that braking always suffices to reach the next point's speed. */
function speedsOf(path: Path, cruise: (leg: number) => number, stops: ReadonlyMap<number, number>) {
  const { distances, bends } = path;
  const last = distances.length - 1;
  const speeds = new Float32Array(distances.length);
  let speed = 0;
  let after = cruise(Math.max(0, last - 1));
  for (let i = last - 1; i >= 0; i--) {
    const before = i > 0 ? cruise(i - 1) : after;
    const braking = Math.sqrt(speed * speed + 2 * LIMITS.braking * (at(distances, i + 1) - at(distances, i)));
    speed = stops.has(i) ? 0 : Math.min(at(bends.speeds, i), before, after, braking);
    speeds[i] = speed;
    after = before;
  }
  return speeds;
}
