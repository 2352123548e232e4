import { lateralAcceleration } from './lateral.ts';
import { LIMITS } from './limits.ts';
import { at } from './at.ts';
import type { Motion } from './motion.ts';
import { legAt, placesOn } from './onPath.ts';
import type { Path } from './path.ts';
import { onRecordedLeg, recordedLeg, timeOnRecordedLeg, type RecordedLeg } from './recordedLegs.ts';
import type { Schedule } from './schedule.ts';

/** Hard braking ends at this fraction of the initial speed. */
const AFTER_HARD_BRAKING = 0.25;
/** Seconds. How finely a deviation from the recording is calculated. */
const STEP = 0.05;
/** Smaller than anything that matters on a road, larger than floating-point errors. */
const EPSILON = 1e-6;

interface Maneuver {
  deceleration: number;
  to: number;
  wait: number;
  done: (() => void) | undefined;
}

/**
 * A vehicle that is where a recorded one was, at the same times. What the recording does not know (hard braking, a
 * stop for fuel, the start after a jump) lets the recording's clock go slower or stand; then the rest comes later.
 * @param hardBrakings positions on the path at which the driver brakes hard, ascending
 */
export function recordedMotion(
  path: Path,
  schedule: Schedule,
  hardBrakings: readonly number[],
  tick: number,
): Motion {
  const { distances, length } = path;
  const lastLeg = distances.length - 2;
  const placeAt = placesOn(path);
  let leg = 0;
  let shape: RecordedLeg = recordedLeg(path, schedule, 0);
  /** Of the recording. */
  let clock = 0;
  /** How fast the recording's clock goes: 1 is as recorded. */
  let pace = 1;
  let wait = 0;
  let position = 0;
  let recordedSpeed = 0;
  let maneuver: Maneuver | undefined;
  let braked = 0;
  set(0);

  const arrived = () => clock >= schedule.end;
  const speed = () => recordedSpeed * pace;

  function enter(next: number): void {
    if (next === leg) return;
    leg = next;
    shape = recordedLeg(path, schedule, leg);
  }

  /** Sets the recording's clock, and the vehicle to where it was then. */
  function set(time: number): void {
    clock = time >= schedule.end - EPSILON ? schedule.end : time;
    while (leg < lastLeg && clock >= at(schedule.arrivals, leg + 1)) enter(leg + 1);
    const here = onRecordedLeg(shape, clock - at(schedule.departures, leg));
    position = here.meters >= shape.meters ? at(distances, leg + 1) : at(distances, leg) + here.meters;
    const stands = clock < at(schedule.departures, leg);
    const isOver = leg === lastLeg && clock >= at(schedule.arrivals, leg + 1) && endsStanding();
    recordedSpeed = stands || isOver ? 0 : here.speed;
  }

  function endsStanding(): boolean {
    return at(schedule.departures, lastLeg + 1) > at(schedule.arrivals, lastLeg + 1);
  }

  /** When the recorded vehicle came to a position. */
  function timeAt(target: number): number {
    const there = Math.min(lastLeg, legAt(distances, target));
    if (target <= at(distances, there)) return at(schedule.arrivals, there);
    const of = there === leg ? shape : recordedLeg(path, schedule, there);
    return at(schedule.departures, there) + timeOnRecordedLeg(of, target - at(distances, there));
  }

  function advance(seconds: number, until: number): number {
    let used = 0;
    while (used < seconds && position < until && !arrived()) {
      const hard = hardBrakings[braked];
      if (hard !== undefined && hard <= position) {
        braked++;
        brake({
          deceleration: LIMITS.hardBraking,
          to: speed() * AFTER_HARD_BRAKING,
          wait: 0,
          done: undefined,
        });
      }
      if (wait > 0) {
        const waited = Math.min(wait, seconds - used);
        wait -= waited;
        used += waited;
        continue;
      }
      const end = Math.min(until, hardBrakings[braked] ?? Infinity);
      const asRecorded = maneuver === undefined && pace === 1;
      used += moveTo(end, asRecorded ? seconds - used : Math.min(STEP, seconds - used));
    }
    return used;
  }

  /** Advances by a time, at most to `end`. Returns the time it took. */
  function moveTo(end: number, seconds: number): number {
    const before = pace;
    pace = nextPace(seconds);
    const mean = (before + pace) / 2;
    const from = clock;
    set(clock + mean * seconds);
    let used = seconds;
    if (position > end) {
      const passed = clock;
      // Legs are entered forwards only.
      enter(Math.min(lastLeg, legAt(distances, end)));
      set(timeAt(end));
      position = end;
      used = Math.min(seconds, (seconds * (clock - from)) / Math.max(EPSILON, passed - from));
    } else if (arrived() && mean > 0) {
      used = Math.min(seconds, (schedule.end - from) / mean);
    }
    if (maneuver !== undefined && speed() <= maneuver.to + EPSILON) {
      const { wait: pause, done } = maneuver;
      wait = pause;
      maneuver = undefined;
      done?.();
    }
    return used;
  }

  function nextPace(seconds: number): number {
    if (maneuver !== undefined) {
      const { deceleration, to } = maneuver;
      const slower = Math.max(to, speed() - deceleration * seconds);
      return recordedSpeed > 0 ? Math.min(pace, slower / recordedSpeed) : pace;
    }
    if (pace === 1) return 1;
    // Where the recorded vehicle stood, this one has caught up with it.
    if (recordedSpeed <= EPSILON) return 1;
    return Math.min(1, pace + (LIMITS.acceleration * seconds) / recordedSpeed);
  }

  function brake(next: Maneuver): void {
    maneuver ??= next;
  }

  const samples = Math.ceil(schedule.end / tick - EPSILON) + 1;

  return {
    get position() {
      return position;
    },
    get speed() {
      return speed();
    },
    get lateral() {
      return lateralAcceleration(path, leg, position, speed());
    },
    get arrived() {
      return arrived();
    },
    samples,
    where: () => placeAt(leg, position),
    advance,
    place(fraction) {
      const target = fraction * length;
      enter(Math.min(lastLeg, legAt(distances, target)));
      set(timeAt(target));
      position = target;
      pace = fraction > 0 ? 0 : 1;
      wait = 0;
      maneuver = undefined;
      braked = hardBrakings.filter((braking) => braking < position).length;
      return Math.min(samples - 1, Math.ceil(clock / tick - EPSILON));
    },
    stopFor(seconds, stopped) {
      brake({ deceleration: LIMITS.braking, to: 0, wait: seconds, done: stopped });
    },
  };
}
