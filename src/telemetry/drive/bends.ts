import { at } from './at.ts';
import { LIMITS } from './limits.ts';
import type { Position } from './position.ts';

/**
 * A driver sees the bend over this many metres before and after a point: recorded points lie closer to each other
 * and their directions jump about.
 */
const WINDOW = 10;
/** One still moves around a hairpin. */
const SLOWEST = 1.5;
const RADIUS = 6_371_000;

type Vector = [number, number, number];

export interface Bends {
  /** How much the path turns at each point, [0, 180]. */
  degrees: Float32Array;
  /** How fast it can be taken, in metres per second. */
  speeds: Float32Array;
  /** One over the radius of the circle that rounds it off, in metres; to the right positive, 0 where it is straight. */
  curvatures: Float32Array;
  /** Metres before and after the point that belong to the bend. */
  arms: Float32Array;
}

/** The bend at each point of a path, worked out in space, where neither poles nor the antimeridian are special. */
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
    const centre = vectorOf(at(points, i));
    const came = flat(centre, centre, onLeg(points, distances, back, here - WINDOW));
    const goes = flat(centre, onLeg(points, distances, ahead - 1, here + WINDOW), centre);
    const turn = angle(came, goes);
    const arm = armOf(turn, here - at(distances, i - 1), at(distances, i + 1) - here);
    const speed = bendSpeed(turn, arm);
    degrees[i] = (turn * 180) / Math.PI;
    speeds[i] = speed;
    arms[i] = arm;
    // A hairpin is tighter than its slowest speed says.
    const curvature = Math.min(Math.tan(turn / 2) / arm, LIMITS.lateral / (speed * speed));
    curvatures[i] = Math.sign(dot(cross(goes, came), centre)) * curvature;
  }
  return { degrees, speeds, curvatures, arms };
}

/**
 * How much of either leg the circle takes that rounds the bend off: half of it, for the next bend takes the other half,
 * but of close points half the window. Between far points a slight turn stands for a wide curve; a sharp turn is a
 * street corner, however long the streets.
 */
function armOf(turn: number, legBefore: number, legAfter: number): number {
  const half = Math.min(legBefore, legAfter) / 2;
  const wide = Math.max(0, half - WINDOW);
  return Math.max(WINDOW / 2, Math.min(WINDOW, half)) + wide * Math.max(0, Math.cos(turn));
}

/** The speed of that circle. */
function bendSpeed(turn: number, arm: number): number {
  const radius = arm / Math.tan(turn / 2);
  return Math.min(LIMITS.speed, Math.max(SLOWEST, Math.sqrt(LIMITS.lateral * radius)));
}

/** The place at a distance of the path, which lies on the leg after `index`; at the ends the end. */
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

/** The direction to `to` from `from`, without what of it goes up or down at `centre`. */
function flat(centre: Vector, to: Vector, from: Vector): Vector {
  const way: Vector = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const up = dot(way, centre) / (RADIUS * RADIUS);
  return [way[0] - centre[0] * up, way[1] - centre[1] * up, way[2] - centre[2] * up];
}

function angle(a: Vector, b: Vector): number {
  return Math.atan2(Math.hypot(...cross(a, b)), dot(a, b));
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
