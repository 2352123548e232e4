import type { Route, RoutePoint } from '../drive.ts';
import { geodesic, wrapLongitude } from '../drive/geodesy.ts';
import { BOUNDS } from './bounds.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';

export interface ReadRoutes {
  /** At least one, each of at least two different points. */
  routes: Route[];
  /** What the reader decided, left out or changed; sentences for people. */
  notes: string[];
}

/** Gathers what a reader of one format finds: points make parts, the parts of one feature make one or more routes. */
export interface Collector {
  /** The points that follow are a line of their own. */
  beginPart(): void;
  /** ROUTE_INVALID for what is no place on the earth, and for too many points. */
  add(point: RoutePoint, where: Where): void;
  /** The parts since the last feature belong together. */
  endFeature(name?: string): void;
  note(sentence: string): void;
  /** Something that cannot be driven was left out: a `point`, an `area`, … */
  leaveOut(kind: string): void;
  finish(order: 'stated' | 'assumed'): ReadRoutes;
}

/** Parts that begin within so many metres of the end of the one before belong to the same drive. */
const SAME_DRIVE = 1_000;
/** Metres; the precision of coordinates in files is less. */
const SAME_PLACE = 0.001;

interface Feature {
  name: string | undefined;
  parts: RoutePoint[][];
}

export function collectRoutes(file: string): Collector {
  const features: Feature[] = [];
  const notes: string[] = [];
  const leftOut = new Map<string, number>();
  let parts: RoutePoint[][] = [];
  let part: RoutePoint[] | undefined;
  let points = 0;
  let highLatitudes = 0;
  let firstHigh: { latitude: number; where: Where } | undefined;
  let highLongitudes = 0;
  let unwrapped = false;

  function add(point: RoutePoint, where: Where): void {
    const { latitude, longitude } = point;
    if (!Number.isFinite(latitude) || Math.abs(latitude) > 180) throw noLatitude(latitude, where);
    if (!Number.isFinite(longitude) || Math.abs(longitude) > 360) {
      throw routeInvalid(file, `${longitude} is no longitude`, where);
    }
    if (point.altitude !== undefined && !(Math.abs(point.altitude) <= 100_000)) {
      throw routeInvalid(file, `${point.altitude} is no altitude in metres`, where);
    }
    if (++points > BOUNDS.points) {
      throw routeInvalid(file, `there are more than ${BOUNDS.points} points`, where);
    }
    if (Math.abs(latitude) > 90) {
      highLatitudes++;
      firstHigh ??= { latitude, where };
    }
    if (Math.abs(longitude) > 90) highLongitudes++;
    if (Math.abs(longitude) > 180) unwrapped = true;
    if (part === undefined) parts.push((part = []));
    part.push(point);
  }

  function noLatitude(latitude: number, where: Where) {
    return routeInvalid(file, `${latitude} is no latitude`, where);
  }

  function endFeature(name?: string): void {
    if (parts.length > 0) features.push({ name: tidy(name), parts });
    parts = [];
    part = undefined;
  }

  /** A latitude above 90 is a longitude if that explains the whole file, and a mistake otherwise. */
  function settleOrder(order: 'stated' | 'assumed'): void {
    if (firstHigh === undefined) {
      if (order === 'assumed') {
        const unsure = highLongitudes === 0;
        notes.push(
          `No header names the columns: read as longitude, latitude${unsure ? '. If the route lies elsewhere, put the line "latitude,longitude" on top' : ''}.`,
        );
      }
      return;
    }
    if (highLongitudes > 0 || highLatitudes * 2 < points)
      throw noLatitude(firstHigh.latitude, firstHigh.where);
    for (const point of features.flatMap((feature) => feature.parts.flat())) {
      const { latitude } = point;
      point.latitude = point.longitude;
      point.longitude = latitude;
    }
    notes.push(
      order === 'assumed'
        ? 'No header names the columns: read as latitude, longitude, for no latitude goes beyond 90.'
        : 'Latitude and longitude are swapped in the file: read the other way round, for no latitude goes beyond 90.',
    );
  }

  function finish(order: 'stated' | 'assumed'): ReadRoutes {
    endFeature();
    settleOrder(order);
    if (unwrapped) {
      notes.push('Longitudes beyond 180 were brought back to what lies between -180 and 180.');
      for (const point of features.flatMap((feature) => feature.parts.flat())) {
        point.longitude = wrapLongitude(point.longitude);
      }
    }
    const routes: Route[] = [];
    const names = new Map<string, number>();
    let repeated = 0;
    let single = 0;
    for (const { name, parts: lines } of features) {
      for (const line of joined(lines)) {
        const kept = withoutRepeats(line);
        repeated += line.length - kept.length;
        if (kept.length < 2) single++;
        else routes.push({ name: unique(names, name ?? stem(file)), points: kept });
      }
    }
    const undrivable = [...leftOut].map(([kind, number]) => count(number, kind));
    if (undrivable.length > 0) notes.push(`Left out, being no lines: ${undrivable.join(', ')}.`);
    if (repeated > 0) notes.push(`Left out, repeating the point before: ${count(repeated, 'point')}.`);
    if (routes.length === 0) throw routeInvalid(file, nothing(points));
    if (single > 0) notes.push(`Left out, having a single point: ${count(single, 'line')}.`);
    return { routes, notes };
  }

  return {
    beginPart() {
      part = undefined;
    },
    add,
    endFeature,
    note: (sentence) => notes.push(sentence),
    leaveOut(kind) {
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
    },
    finish,
  };
}

/** Segments of a track, and lines cut at the antimeridian as RFC 7946 wants, are one drive again. */
function joined(parts: RoutePoint[][]): RoutePoint[][] {
  const lines: RoutePoint[][] = [];
  for (const part of parts) {
    const end = lines.at(-1)?.at(-1);
    const start = part[0];
    const near = end && start && (geodesic(end, start)?.distance ?? Infinity) < SAME_DRIVE;
    const line = lines.at(-1);
    if (near === true && line !== undefined) for (const point of part) line.push(point);
    else lines.push(part);
  }
  return lines;
}

function withoutRepeats(points: RoutePoint[]): RoutePoint[] {
  let last: RoutePoint | undefined;
  return points.filter((point) => {
    if (last !== undefined && same(last, point)) return false;
    last = point;
    return true;
  });
}

function same(a: RoutePoint, b: RoutePoint): boolean {
  if (a.latitude === b.latitude && a.longitude === b.longitude) return true;
  // Only close to a pole can longitudes differ much in one place.
  if (Math.abs(a.latitude - b.latitude) > 1e-7) return false;
  return (geodesic(a, b)?.distance ?? Infinity) < SAME_PLACE;
}

function nothing(points: number): string {
  if (points === 0) return 'it holds no line to drive';
  if (points === 1) return 'a route needs two points, and there is only one';
  return 'no line in it has two different points';
}

function unique(names: Map<string, number>, name: string): string {
  const times = (names.get(name) ?? 0) + 1;
  names.set(name, times);
  return times === 1 ? name : `${name} (${times})`;
}

function tidy(name: string | undefined): string | undefined {
  const line = name
    ?.slice(0, 4 * BOUNDS.name)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, BOUNDS.name);
  return line === '' ? undefined : line;
}

function stem(file: string): string {
  return file.replace(/\.[^.]+$/, '') || file;
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
