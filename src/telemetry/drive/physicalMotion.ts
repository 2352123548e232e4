import { at } from './at.ts';
import { lateralAcceleration } from './lateral.ts';
import { LIMITS } from './limits.ts';
import type { Motion } from './motion.ts';
import { legAt, placesOn } from './onPath.ts';
import type { Path } from './path.ts';
import type { Plan } from './plan.ts';

/** Hard braking ends at this fraction of the initial speed. */
const AFTER_HARD_BRAKING = 0.25;
/** Smaller than anything that matters on a road, larger than floating-point errors. */
const EPSILON = 1e-6;

/** A deviation from the plan: braking to a speed, then waiting. */
interface Maneuver {
  deceleration: number;
  to: number;
  wait: number;
  done: (() => void) | undefined;
}

/**
 * A vehicle that accelerates, rolls and brakes according to its plan. Acceleration is constant on each part of the
 * path, so that distances are exact however long the ticks are.
 * @param hardBrakings positions on the path at which the driver brakes hard, ascending
 */
export function physicalMotion(
  path: Path,
  plan: Plan,
  hardBrakings: readonly number[],
  tick: number,
): Motion {
  const { distances, length } = path;
  const lastLeg = distances.length - 2;
  let leg = 0;
  let position = 0;
  let speed = 0;
  let wait = plan.stops.get(0) ?? 0;
  let maneuver: Maneuver | undefined;
  let braked = 0;
  let samples: number | undefined;
  const placeAt = placesOn(path);

  const arrived = () => position >= length;

  function advance(seconds: number, until: number): number {
    let used = 0;
    while (used < seconds && position < until && !arrived()) {
      if (wait > 0) {
        const waited = Math.min(wait, seconds - used);
        wait -= waited;
        used += waited;
        continue;
      }
      const hard = hardBrakings[braked];
      if (hard !== undefined && hard <= position) {
        braked++;
        brake({ deceleration: LIMITS.hardBraking, to: speed * AFTER_HARD_BRAKING, wait: 0, done: undefined });
      }
      if (maneuver !== undefined && speed <= maneuver.to + EPSILON) {
        const { to, done } = maneuver;
        speed = Math.min(speed, to);
        wait = maneuver.wait;
        maneuver = undefined;
        done?.();
        continue;
      }
      const end = Math.min(at(distances, leg + 1), until, hardBrakings[braked] ?? Infinity);
      used += roll(end, seconds - used);
      if (position >= at(distances, leg + 1)) enterLeg();
    }
    return used;
  }

  /** Advances with constant acceleration, at most to `end`. Returns the time it took. */
  function roll(end: number, seconds: number): number {
    const [acceleration, reach] = maneuver === undefined ? planned() : braking(maneuver);
    const distance = Math.min(reach, end - position);
    const final = Math.sqrt(Math.max(0, speed * speed + 2 * acceleration * distance));
    const whole = speed + final > 0 ? (2 * distance) / (speed + final) : 0;
    if (whole > seconds) {
      position += Math.min(distance, speed * seconds + (acceleration * seconds * seconds) / 2);
      speed = Math.max(0, speed + acceleration * seconds);
      return seconds;
    }
    position = distance === end - position ? end : position + distance;
    speed = final;
    return whole;
  }

  /** The plan's next acceleration and its distance. Depends only on speed and position. */
  function planned(): [number, number] {
    const rest = at(distances, leg + 1) - position;
    const exit = leg === lastLeg ? 0 : at(plan.speeds, leg + 1);
    const brakingWay = (speed * speed - exit * exit) / (2 * LIMITS.braking);
    if (brakingWay >= rest - EPSILON) return [(exit * exit - speed * speed) / (2 * rest), rest];
    // The speed at which accelerating from here must turn into braking for the end of the leg.
    const meet =
      (rest + speed ** 2 / (2 * LIMITS.acceleration) + exit ** 2 / (2 * LIMITS.braking)) /
      (1 / (2 * LIMITS.acceleration) + 1 / (2 * LIMITS.braking));
    const top = Math.min(plan.cruise(leg), Math.sqrt(meet));
    const accelerating = (top * top - speed * speed) / (2 * LIMITS.acceleration);
    if (accelerating > EPSILON) return [LIMITS.acceleration, Math.min(rest, accelerating)];
    return [0, rest - Math.max(0, brakingWay)];
  }

  function braking({ deceleration, to }: Maneuver): [number, number] {
    return [-deceleration, (speed * speed - to * to) / (2 * deceleration)];
  }

  function enterLeg(): void {
    while (leg < lastLeg && position >= at(distances, leg + 1)) {
      leg++;
      const stop = plan.stops.get(leg);
      if (stop === undefined) continue;
      speed = 0;
      wait = stop;
    }
    if (arrived()) speed = 0;
  }

  function brake(next: Maneuver): void {
    maneuver ??= next;
  }

  function place(fraction: number): number {
    position = fraction * length;
    leg = Math.min(lastLeg, legAt(distances, position));
    speed = 0;
    wait = 0;
    maneuver = undefined;
    braked = hardBrakings.filter((at) => at < position).length;
    return Math.min(count() - 1, Math.ceil(freshTrip().advance(Infinity, position) / tick));
  }

  /** The same trip from its start, without occasional stops such as refueling. */
  const freshTrip = () => physicalMotion(path, plan, hardBrakings, tick);

  function count(): number {
    samples ??= Math.ceil(freshTrip().advance(Infinity, Infinity) / tick - EPSILON) + 1;
    return samples;
  }

  return {
    get position() {
      return position;
    },
    get speed() {
      return speed;
    },
    get lateral() {
      return lateralAcceleration(path, leg, position, speed);
    },
    get arrived() {
      return arrived();
    },
    get samples() {
      return count();
    },
    where: () => placeAt(leg, position),
    advance,
    place,
    stopFor(seconds, stopped) {
      brake({ deceleration: LIMITS.braking, to: 0, wait: seconds, done: stopped });
    },
  };
}
