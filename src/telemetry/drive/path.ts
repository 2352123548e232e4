import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Route, RoutePoint } from '../drive.ts';
import { at } from './at.ts';
import { bendsOf, type Bends } from './bends.ts';
import { geodesic } from './geodesy.ts';
import { scheduleOf, type Schedule } from './schedule.ts';

/** A measured route: everything that all drives along it share. Meters, meters per second, seconds. */
export interface Path {
  /** Successive points are different positions. */
  readonly points: readonly RoutePoint[];
  readonly length: number;
  /** The distance of each point from the start. */
  readonly distances: Float64Array;
  /** If points have times. Then speeds and stops are those of the recording. */
  readonly schedule: Schedule | undefined;
  /** The speed that traffic and signs allow on the leg after each point. */
  readonly legSpeeds: Float32Array;
  readonly bends: Bends;
  /** Points where a driver may have to wait: corners, and lights in town. */
  readonly crossings: readonly number[];
  /** The altitude at each point; undefined if the route has no altitudes. */
  readonly altitudes: Float64Array | undefined;
}

/** The angle of a bend that ends a straight stretch, and that of a street corner. Degrees. */
const STRETCH_ENDS = 30;
const CORNER = 45;
const BETWEEN_CROSSINGS = 150;
/** In town there are traffic lights on straight streets, too. */
const BETWEEN_LIGHTS = 350;

/** Meters. */
const SAME_PLACE = 0.001;

const TOWN = 50 / 3.6;

/** The speed on a stretch without bends. The longer the stretch, the bigger the road. */
const ROADS = [
  { upTo: 2_500, speed: TOWN },
  { upTo: 6_000, speed: 70 / 3.6 },
  { upTo: 20_000, speed: 100 / 3.6 },
  { upTo: Infinity, speed: 120 / 3.6 },
] as const;

/** A cache, so that a route is measured only once, however many vehicles drive it. */
const measured = new WeakMap<readonly RoutePoint[], Path>();

/** Measures a route. Throws ROUTE_INVALID if it cannot be driven. */
export function pathOf(route: Route): Path {
  let path = measured.get(route.points);
  if (path === undefined) {
    path = measure(route);
    measured.set(route.points, path);
  }
  return path;
}

function measure(route: Route): Path {
  const { points, distances } = distinct(route);
  const length = distances.at(-1) ?? 0;
  if (points.length < 2) {
    throw undrivable(
      route.name,
      route.points.length < 2 ? l10n.t('it needs two points') : l10n.t('all its points are in one place'),
    );
  }
  const bends = bendsOf(points, distances);
  const legSpeeds = speedsOf(points.length, distances, bends.degrees);
  return {
    points,
    length,
    distances,
    schedule: scheduleOf(points, distances, legSpeeds),
    legSpeeds,
    bends,
    crossings: crossingsOf(distances, bends.degrees, legSpeeds),
    altitudes: altitudesOf(points),
  };
}

/** The points without consecutive duplicates, and their distances along the path. */
function distinct(route: Route): { points: RoutePoint[]; distances: Float64Array } {
  const points: RoutePoint[] = [];
  const distances = new Float64Array(route.points.length);
  let along = 0;
  for (const [index, point] of route.points.entries()) {
    if (!(Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180)) {
      throw undrivable(
        route.name,
        l10n.t('point {number} ({latitude}, {longitude}) is not a place on the earth', {
          number: index + 1,
          latitude: String(point.latitude),
          longitude: String(point.longitude),
        }),
      );
    }
    const previous = points.at(-1);
    if (previous !== undefined) {
      const leg = geodesic(previous, point);
      if (leg === undefined) {
        throw undrivable(
          route.name,
          l10n.t('points {from} and {to} lie on opposite sides of the earth', { from: index, to: index + 1 }),
        );
      }
      if (leg.distance < SAME_PLACE) continue;
      along += leg.distance;
    }
    distances[points.length] = along;
    points.push(point);
  }
  return { points, distances: distances.subarray(0, points.length) };
}

function speedsOf(count: number, distances: Float64Array, degrees: Float32Array): Float32Array {
  const legSpeeds = new Float32Array(count);
  let stretchEnd = 0;
  let road: number = ROADS[0].speed;
  for (let leg = 0; leg < count - 1; leg++) {
    if (leg === stretchEnd) {
      do stretchEnd++;
      while (stretchEnd < count - 1 && at(degrees, stretchEnd) < STRETCH_ENDS);
      const stretch = at(distances, stretchEnd) - at(distances, leg);
      road = ROADS.find(({ upTo }) => stretch <= upTo)?.speed ?? road;
    }
    legSpeeds[leg] = road;
  }
  return legSpeeds;
}

function crossingsOf(distances: Float64Array, degrees: Float32Array, legSpeeds: Float32Array): number[] {
  const crossings: number[] = [];
  const end = distances.at(-1) ?? 0;
  let last = 0;
  for (const [index, distance] of distances.entries()) {
    const corner = at(degrees, index) >= CORNER;
    // The tolerance is for the precision lost in 32-bit floats.
    const light = at(legSpeeds, index) <= TOWN + 0.01 && distance - last >= BETWEEN_LIGHTS;
    if (!(corner || light) || distance - last < BETWEEN_CROSSINGS || end - distance < BETWEEN_CROSSINGS)
      continue;
    crossings.push(index);
    last = distance;
  }
  return crossings;
}

/** A point without an altitude gets that of the previous point, or the first one known. */
function altitudesOf(points: readonly RoutePoint[]): Float64Array | undefined {
  let current = points.find((point) => point.altitude !== undefined)?.altitude;
  if (current === undefined) return undefined;
  const altitudes = new Float64Array(points.length);
  for (const [index, { altitude }] of points.entries()) {
    current = altitude ?? current;
    altitudes[index] = current;
  }
  return altitudes;
}

function undrivable(name: string, problem: Message): CmsError {
  return new CmsError(
    'ROUTE_INVALID',
    l10n.t('The route "{name}" cannot be driven: {problem}.', { name, problem }),
    { remedy: l10n.t('Correct the route or choose another.') },
  );
}
