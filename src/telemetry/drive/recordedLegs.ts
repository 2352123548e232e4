import { at } from './at.ts';
import { LIMITS } from './limits.ts';
import type { Path } from './path.ts';
import type { Schedule } from './schedule.ts';

/** A leg that is driven in a given time: the speed rises or falls to `cruise`, stays, and goes on to that at the end. */
export interface RecordedLeg {
  meters: number;
  seconds: number;
  from: number;
  cruise: number;
  to: number;
  /** Seconds that each change of speed takes. */
  ramp: number;
}

/**
 * How the vehicle moves on one leg of a recording. It is at each point when the recording says so, its speed does not
 * leap, and it stands where the recorded vehicle stood.
 */
export function recordedLeg(path: Path, schedule: Schedule, leg: number): RecordedLeg {
  const meters = at(path.distances, leg + 1) - at(path.distances, leg);
  const seconds = at(schedule.arrivals, leg + 1) - at(schedule.departures, leg);
  const from = speedAt(path, schedule, leg);
  const to = speedAt(path, schedule, leg + 1);
  const mean = meters / seconds;
  const change = Math.max(Math.abs(from - mean), Math.abs(to - mean));
  const ramp = Math.min(seconds / 2, change / LIMITS.acceleration);
  // What is left of the way when both ramps are driven. Neither end is faster than twice the mean, so it is positive.
  const cruise = Math.max(0, (meters - ((from + to) * ramp) / 2) / (seconds - ramp));
  return { meters, seconds, from, cruise, to, ramp };
}

/** The way after a time on a leg, in meters, and the speed there. */
export function onRecordedLeg(leg: RecordedLeg, time: number): { meters: number; speed: number } {
  const { meters, seconds, from, cruise, to, ramp } = leg;
  if (time <= 0) return { meters: 0, speed: from };
  if (time >= seconds) return { meters, speed: to };
  if (time < ramp) {
    const slope = (cruise - from) / ramp;
    return { meters: from * time + (slope * time * time) / 2, speed: from + slope * time };
  }
  const left = seconds - time;
  if (left < ramp) {
    const slope = (cruise - to) / ramp;
    return { meters: meters - (to * left + (slope * left * left) / 2), speed: to + slope * left };
  }
  return { meters: ((from + cruise) / 2) * ramp + cruise * (time - ramp), speed: cruise };
}

/** When a leg's way is done up to some meters. The way never goes back, so halving finds it. */
export function timeOnRecordedLeg(leg: RecordedLeg, meters: number): number {
  if (meters >= leg.meters) return leg.seconds;
  let early = 0;
  let late = leg.seconds;
  for (let i = 0; i < 60; i++) {
    const middle = (early + late) / 2;
    if (onRecordedLeg(leg, middle).meters < meters) early = middle;
    else late = middle;
  }
  return late;
}

/**
 * The speed at a point: between those before and after it, closer to the slower one (the weighted harmonic mean of
 * Fritsch and Butland, 1984, which keeps a curve through the points from going back).
 */
function speedAt({ distances }: Path, { arrivals, departures }: Schedule, point: number): number {
  const last = distances.length - 1;
  if (at(departures, point) > at(arrivals, point)) return 0;
  const meanOf = (leg: number): [meters: number, seconds: number] => [
    at(distances, leg + 1) - at(distances, leg),
    at(arrivals, leg + 1) - at(departures, leg),
  ];
  const [metersAfter, after] = meanOf(Math.min(point, last - 1));
  const [metersBefore, before] = meanOf(Math.max(0, point - 1));
  const sum = before + after;
  const slow = (sum + after) / (3 * sum);
  const mean = 1 / ((slow * before) / metersBefore + ((1 - slow) * after) / metersAfter);
  return Math.min(mean, (2 * metersBefore) / before, (2 * metersAfter) / after);
}
