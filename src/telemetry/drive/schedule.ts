import type { RoutePoint } from '../drive.ts';
import { at } from './at.ts';

/** When a recorded vehicle came to each point and when it left it. Seconds since it came to the first one. */
export interface Schedule {
  readonly arrivals: Float64Array;
  readonly departures: Float64Array;
  /** When the recording ends: after the last point, if the vehicle stood there. */
  readonly end: number;
}

/** A vehicle that is slower than this between two points for this long was standing at the first one. */
const STANDING = { speed: 0.5, seconds: 5 };
/** How fast it covered the few meters in between: from there on it no longer stood. */
const LEAVING = 3;
/** Seconds. No leg takes less, so that there is no division by zero. */
const SHORTEST = 1e-3;

/**
 * The schedule of a recording: where points have no times, by the way between those that have, and before the first
 * and after the last one at the speed of the road. Times that do not advance are ignored.
 * @param distances meters from the start, strictly ascending
 * @param legSpeeds meters per second on the leg after each point
 * @returns undefined if the points have no two times
 */
export function scheduleOf(
  points: readonly RoutePoint[],
  distances: Float64Array,
  legSpeeds: ArrayLike<number>,
): Schedule | undefined {
  const count = points.length;
  const arrivals = new Float64Array(count);
  const departures = new Float64Array(count);
  let first = -1;
  let anchor = -1;
  for (const [index, { time, until }] of points.entries()) {
    if (time === undefined) continue;
    const seconds = time / 1000;
    if (anchor >= 0 && seconds < at(departures, anchor) + SHORTEST) continue;
    arrivals[index] = seconds;
    departures[index] = Math.max(seconds, (until ?? time) / 1000);
    if (anchor >= 0) between(anchor, index);
    else first = index;
    anchor = index;
  }
  if (anchor === first) return undefined;
  for (let leg = first - 1; leg >= 0; leg--) {
    const seconds = (at(distances, leg + 1) - at(distances, leg)) / at(legSpeeds, leg);
    departures[leg] = arrivals[leg] = at(arrivals, leg + 1) - seconds;
  }
  for (let leg = anchor; leg < count - 1; leg++) {
    const seconds = (at(distances, leg + 1) - at(distances, leg)) / at(legSpeeds, leg);
    departures[leg + 1] = arrivals[leg + 1] = at(departures, leg) + seconds;
  }
  const start = at(arrivals, 0);
  for (let index = 0; index < count; index++) {
    arrivals[index] = at(arrivals, index) - start;
    departures[index] = at(departures, index) - start;
  }
  return { arrivals, departures, end: at(departures, count - 1) };

  function between(from: number, to: number): void {
    const meters = at(distances, to) - at(distances, from);
    const seconds = at(arrivals, to) - at(departures, from);
    if (seconds >= STANDING.seconds && meters / seconds < STANDING.speed) {
      departures[from] = at(arrivals, to) - Math.max(SHORTEST, meters / LEAVING);
    }
    const left = at(departures, from);
    const speed = meters / (at(arrivals, to) - left);
    for (let index = from + 1; index < to; index++) {
      departures[index] = arrivals[index] = left + (at(distances, index) - at(distances, from)) / speed;
    }
  }
}
