import { at } from './at.ts';
import { LIMITS } from './limits.ts';
import type { Position } from './position.ts';

/**
 * A bend is measured over this many meters before and after a point, because the directions between recorded points,
 * which are close together, are noisy.
 */
const WINDOW = 10;
/** The lowest speed in a bend: vehicles keep moving around a hairpin. */
const SLOWEST = 1.5;
const RADIUS = 6_371_000;

type Vector = [number, number, number];

export interface Bends {
  /** How much the path turns at each point, [0, 180]. */
  degrees: Float32Array;
  /** How fast it can be taken, in meters per second. */
  speeds: Float32Array;
  /** 1 / radius, in meters, of the circle that rounds it off. Positive to the right, 0 where the path is straight. */
  curvatures: Float32Array;
  /** How many meters before and after the point belong to the bend. */
  arms: Float32Array;
}

/** The bend at each point of a path. Calculated with 3D vectors, so that poles and antimeridian are not special. */
export function bendsOf(points: readonly Position[], distances: Float64Array): Bends {
  const last = points.length - 1;
  const degrees = new Float32Array(points.length);
  const speeds = new Float32Array(points.length).fill(LIMITS.speed);
  const curvatures = new Float32Array(points.length);
  const arms = new Float32Array(points.length);
  let back = 0;
  let ahead = 0;
  for (let i = 1; i < last; i++) {
    const here = at(distances, i);
    while (back + 1 < i && at(distances, back + 1) <= here - WINDOW) back++;
    ahead = Math.max(ahead, i + 1);
    while (ahead < last && at(distances, ahead) < here + WINDOW) ahead++;
    const center = vectorOf(at(points, i));
    const incoming = flat(center, center, onLeg(points, distances, back, here - WINDOW));
    const outgoing = flat(center, onLeg(points, distances, ahead - 1, here + WINDOW), center);
    const turn = angle(incoming, outgoing);
    const arm = armOf(turn, here - at(distances, i - 1), at(distances, i + 1) - here);
    const speed = bendSpeed(turn, arm);
    degrees[i] = (turn * 180) / Math.PI;
    speeds[i] = speed;
    arms[i] = arm;
    // A hairpin can be tighter than the lateral limit allows at the lowest speed.
    const curvature = Math.min(Math.tan(turn / 2) / arm, LIMITS.lateral / (speed * speed));
    curvatures[i] = Math.sign(dot(cross(outgoing, incoming), center)) * curvature;
  }
  return { degrees, speeds, curvatures, arms };
}

/**
 * How much of each leg the circle that rounds off the bend covers: half the leg, since the next bend needs the other
 * half, but at least half the window for close points. Between distant points, a slight turn stands for a wide curve; a
 * sharp turn is a street corner, however long the streets are.
 */
function armOf(turn: number, legBefore: number, legAfter: number): number {
  const half = Math.min(legBefore, legAfter) / 2;
  const wide = Math.max(0, half - WINDOW);
  return Math.max(WINDOW / 2, Math.min(WINDOW, half)) + wide * Math.max(0, Math.cos(turn));
}

/** The speed in a bend whose circle covers `arm` meters of each leg. */
function bendSpeed(turn: number, arm: number): number {
  const radius = arm / Math.tan(turn / 2);
  return Math.min(LIMITS.speed, Math.max(SLOWEST, Math.sqrt(LIMITS.lateral * radius)));
}

/** The position at a distance along the path, on the leg after `index`, clamped to the leg's ends. */
function onLeg(
  points: readonly Position[],
  distances: Float64Array,
  index: number,
  distance: number,
): Vector {
  const from = vectorOf(at(points, index));
  const to = vectorOf(at(points, index + 1));
  const leg = at(distances, index + 1) - at(distances, index);
  const part = leg === 0 ? 0 : Math.min(1, Math.max(0, (distance - at(distances, index)) / leg));
  return [
    from[0] + (to[0] - from[0]) * part,
    from[1] + (to[1] - from[1]) * part,
    from[2] + (to[2] - from[2]) * part,
  ];
}

function vectorOf({ latitude, longitude }: Position): Vector {
  const lat = (latitude * Math.PI) / 180;
  const lon = (longitude * Math.PI) / 180;
  const axis = RADIUS * Math.cos(lat);
  return [axis * Math.cos(lon), axis * Math.sin(lon), RADIUS * Math.sin(lat)];
}

/** The direction from `from` to `to`, without its vertical component at `center`. */
function flat(center: Vector, to: Vector, from: Vector): Vector {
  const way: Vector = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const up = dot(way, center) / (RADIUS * RADIUS);
  return [way[0] - center[0] * up, way[1] - center[1] * up, way[2] - center[2] * up];
}

function angle(a: Vector, b: Vector): number {
  const across = cross(a, b);
  return Math.atan2(Math.sqrt(dot(across, across)), dot(a, b));
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
