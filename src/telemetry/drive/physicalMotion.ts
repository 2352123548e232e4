import { at } from './at.ts';
import { geodesic, travel } from './geodesy.ts';
import { lateralAcceleration } from './lateral.ts';
import { LIMITS } from './limits.ts';
import type { Motion, Standing } from './motion.ts';
import type { Path } from './path.ts';
import type { Plan } from './plan.ts';

/** Hard braking ends at this part of the speed it began with. */
const AFTER_HARD_BRAKING = 0.25;
/** Shorter than anything on a road, longer than what sums of floating point numbers lose. */
const NOTHING = 1e-6;

/** Something else than the plan: braking to a speed, then waiting. */
interface Manoeuvre {
  deceleration: number;
  to: number;
  wait: number;
  done: (() => void) | undefined;
}

/**
 * A vehicle that accelerates, rolls and brakes as its plan allows. Every part of the way has one constant
 * acceleration, so that distances are exact however long the ticks are.
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
  let manoeuvre: Manoeuvre | undefined;
  let braked = 0;
  let samples: number | undefined;
  let line: { leg: number; heading: number } | undefined;

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
      if (manoeuvre !== undefined && speed <= manoeuvre.to + NOTHING) {
        const { to, done } = manoeuvre;
        speed = Math.min(speed, to);
        wait = manoeuvre.wait;
        manoeuvre = undefined;
        done?.();
        continue;
      }
      const end = Math.min(at(distances, leg + 1), until, hardBrakings[braked] ?? Infinity);
      used += roll(end, seconds - used);
      if (position >= at(distances, leg + 1)) enterLeg();
    }
    return used;
  }

  /** Moves on with one acceleration, at most to `end`; gives the time. */
  function roll(end: number, seconds: number): number {
    const [acceleration, reach] = manoeuvre === undefined ? planned() : braking(manoeuvre);
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

  /** What the plan wants next: the acceleration and for how far. It follows from speed and place alone. */
  function planned(): [number, number] {
    const rest = at(distances, leg + 1) - position;
    const exit = leg === lastLeg ? 0 : at(plan.speeds, leg + 1);
    const brakingWay = (speed * speed - exit * exit) / (2 * LIMITS.braking);
    if (brakingWay >= rest - NOTHING) return [(exit * exit - speed * speed) / (2 * rest), rest];
    // The speed at which accelerating from now and braking before the end of the leg meet.
    const meet =
      (rest + speed ** 2 / (2 * LIMITS.acceleration) + exit ** 2 / (2 * LIMITS.braking)) /
      (1 / (2 * LIMITS.acceleration) + 1 / (2 * LIMITS.braking));
    const top = Math.min(plan.cruise(leg), Math.sqrt(meet));
    const accelerating = (top * top - speed * speed) / (2 * LIMITS.acceleration);
    if (accelerating > NOTHING) return [LIMITS.acceleration, Math.min(rest, accelerating)];
    return [0, rest - Math.max(0, brakingWay)];
  }

  function braking({ deceleration, to }: Manoeuvre): [number, number] {
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

  function brake(next: Manoeuvre): void {
    manoeuvre ??= next;
  }

  function place(fraction: number): number {
    position = fraction * length;
    leg = Math.min(lastLeg, legAt(distances, position));
    speed = 0;
    wait = 0;
    manoeuvre = undefined;
    braked = hardBrakings.filter((at) => at < position).length;
    return Math.min(count() - 1, Math.ceil(freshTrip().advance(Infinity, position) / tick));
  }

  /** The same trip from its start, without the things that happen on the way only now and then. */
  const freshTrip = () => physicalMotion(path, plan, hardBrakings, tick);

  function count(): number {
    samples ??= Math.ceil(freshTrip().advance(Infinity, Infinity) / tick - NOTHING) + 1;
    return samples;
  }

  function where(): Standing {
    const from = at(path.points, leg);
    if (line?.leg !== leg) line = { leg, heading: geodesic(from, at(path.points, leg + 1))?.heading ?? 0 };
    const along = position - at(distances, leg);
    const part = along / (at(distances, leg + 1) - at(distances, leg));
    const altitude = path.altitudes?.[leg] ?? 0;
    const climb = (path.altitudes?.[leg + 1] ?? 0) - altitude;
    return { ...travel(from, line.heading, along), altitude: altitude + climb * part };
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
    where,
    advance,
    place,
    stopFor(seconds, stopped) {
      brake({ deceleration: LIMITS.braking, to: 0, wait: seconds, done: stopped });
    },
  };
}

/** The last leg that begins at or before a position. */
function legAt(distances: Float64Array, position: number): number {
  let low = 0;
  let high = distances.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(distances, middle) <= position) low = middle;
    else high = middle;
  }
  return low;
}
