import { l10n, type Message } from '../../core/message.ts';
import type { Route, RoutePoint } from '../drive.ts';
import { geodesic } from '../drive/geodesy.ts';
import { wrapLongitude } from '../drive/position.ts';
import { BOUNDS, tooManyPoints } from './bounds.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';
import { Turns } from './turns.ts';

export interface ReadRoutes {
  /** At least one, each of at least two different points. */
  routes: Route[];
  /** What the reader decided, left out or changed. */
  notes: Message[];
}

/** What a file may hold besides lines. */
export type LeftOut = 'point' | 'area' | 'model' | 'waypoint';

/** Gathers what a reader of one format finds: points make parts, the parts of one feature make one or more routes. */
export interface Collector {
  /** The points that follow are a line of their own. */
  beginPart(): void;
  /**
   * ROUTE_INVALID for what is no place on the earth, and for too many points. An altitude that is NaN is left out,
   * and noted.
   */
  add(point: RoutePoint, where: Where): void;
  /** The parts since the last feature belong together. */
  endFeature(name?: string): void;
  note(sentence: Message): void;
  /** Something that cannot be driven was left out. */
  leaveOut(kind: LeftOut): void;
  finish(order: 'stated' | 'assumed'): Promise<ReadRoutes>;
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
  const notes: Message[] = [];
  const leftOut = new Map<LeftOut, number>();
  let parts: RoutePoint[][] = [];
  let part: RoutePoint[] | undefined;
  let points = 0;
  let highLatitudes = 0;
  let firstHigh: { latitude: number; where: Where } | undefined;
  let highLongitudes = 0;
  let unwrapped = false;
  let unreadableAltitudes = 0;
  let firstUnreadable: Where | undefined;
  const turns = new Turns();

  function add(point: RoutePoint, where: Where): void {
    const { latitude, longitude } = point;
    if (!Number.isFinite(latitude) || Math.abs(latitude) > 180) throw noLatitude(latitude, where);
    if (!Number.isFinite(longitude) || Math.abs(longitude) > 360) {
      throw routeInvalid(file, l10n.t('{longitude} is not a longitude', { longitude }), where);
    }
    if (Number.isNaN(point.altitude)) {
      // Without it a route is driven as well, and many devices write "NaN" where they have none.
      delete point.altitude;
      unreadableAltitudes++;
      firstUnreadable ??= where;
    }
    if (point.altitude !== undefined && !(Math.abs(point.altitude) <= 100_000)) {
      throw routeInvalid(
        file,
        l10n.t('{altitude} is not an altitude in meters', { altitude: point.altitude }),
        where,
      );
    }
    if (++points > BOUNDS.points) {
      throw routeInvalid(file, tooManyPoints(), where);
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
    return routeInvalid(file, l10n.t('{latitude} is not a latitude', { latitude }), where);
  }

  function endFeature(name?: string): void {
    if (parts.length > 0) features.push({ name: tidy(name), parts });
    parts = [];
    part = undefined;
  }

  /** A latitude above 90 is a longitude if that explains the whole file, and a mistake otherwise. */
  async function settleOrder(order: 'stated' | 'assumed'): Promise<void> {
    if (firstHigh === undefined) {
      if (order === 'assumed') {
        notes.push(
          highLongitudes > 0
            ? l10n.t('No header names the columns: read as longitude, latitude.')
            : l10n.t(
                'No header names the columns: read as longitude, latitude. If the route lies elsewhere, put the line "latitude,longitude" on top.',
              ),
        );
      }
      return;
    }
    if (highLongitudes > 0 || highLatitudes * 2 < points)
      throw noLatitude(firstHigh.latitude, firstHigh.where);
    await eachPoint((point) => {
      const { latitude } = point;
      point.latitude = point.longitude;
      point.longitude = latitude;
    });
    notes.push(
      order === 'assumed'
        ? l10n.t('No header names the columns: read as latitude, longitude, for no latitude goes beyond 90.')
        : l10n.t(
            'Latitude and longitude are swapped in the file: read the other way round, for no latitude goes beyond 90.',
          ),
    );
  }

  async function eachPoint(visit: (point: RoutePoint) => void): Promise<void> {
    await turns.each(features, (feature) => turns.each(feature.parts, (line) => turns.each(line, visit)));
  }

  async function finish(order: 'stated' | 'assumed'): Promise<ReadRoutes> {
    endFeature();
    await settleOrder(order);
    if (unwrapped) {
      notes.push(l10n.t('Longitudes beyond 180 were brought back to what lies between -180 and 180.'));
      await eachPoint((point) => {
        point.longitude = wrapLongitude(point.longitude);
      });
    }
    const routes: Route[] = [];
    const names = new Map<string, number>();
    let repeated = 0;
    let single = 0;
    for (const { name, parts: lines } of features) {
      for (const line of await joined(lines, turns)) {
        const kept = await withoutRepeats(line, turns);
        repeated += line.length - kept.length;
        if (kept.length < 2) single++;
        else routes.push({ name: unique(names, name ?? stem(file)), points: kept });
      }
    }
    const undrivable = [...leftOut].map(([kind, number]) => COUNTED[kind](number));
    if (undrivable.length > 0) {
      notes.push(l10n.t('Left out, being no lines: {things}.', { things: l10n.list(undrivable, 'comma') }));
    }
    if (repeated > 0) {
      const repeats = COUNTED.point(repeated);
      notes.push(l10n.t('Left out, repeating the point before: {points}.', { points: repeats }));
    }
    if (unreadableAltitudes > 0) notes.push(unreadable(unreadableAltitudes, firstUnreadable?.line));
    if (routes.length === 0) throw routeInvalid(file, nothing(points));
    if (single > 0)
      notes.push(l10n.t('Left out, having a single point: {lines}.', { lines: lineCount(single) }));
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
async function joined(parts: RoutePoint[][], turns: Turns): Promise<RoutePoint[][]> {
  const lines: RoutePoint[][] = [];
  await turns.each(parts, (part) => {
    const line = lines.at(-1);
    const end = line?.at(-1);
    const start = part[0];
    const near = end && start && (geodesic(end, start)?.distance ?? Infinity) < SAME_DRIVE;
    if (near !== true || line === undefined) {
      lines.push(part);
      return undefined;
    }
    return turns.each(part, (point) => line.push(point));
  });
  return lines;
}

async function withoutRepeats(points: RoutePoint[], turns: Turns): Promise<RoutePoint[]> {
  const kept: RoutePoint[] = [];
  await turns.each(points, (point) => {
    const last = kept.at(-1);
    if (last === undefined || !same(last, point)) kept.push(point);
  });
  return kept;
}

function same(a: RoutePoint, b: RoutePoint): boolean {
  if (a.latitude === b.latitude && a.longitude === b.longitude) return true;
  // Only close to a pole can longitudes differ much in one place.
  if (Math.abs(a.latitude - b.latitude) > 1e-7) return false;
  return (geodesic(a, b)?.distance ?? Infinity) < SAME_PLACE;
}

function nothing(points: number): Message {
  if (points === 0) return l10n.t('it holds no line to drive');
  if (points === 1) return l10n.t('a route needs two points, and there is only one');
  return l10n.t('no line in it has two different points');
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

function lineCount(count: number): Message {
  return l10n.plural(count, l10n.t('1 line'), l10n.t('{count} lines', { count }));
}

function unreadable(count: number, line: number | undefined): Message {
  const altitudes = l10n.plural(count, l10n.t('1 altitude'), l10n.t('{count} altitudes', { count }));
  return line === undefined
    ? l10n.t('Left out, being no numbers: {altitudes}.', { altitudes })
    : l10n.t('Left out, being no numbers: {altitudes}, the first in line {line}.', { altitudes, line });
}

const COUNTED: Readonly<Record<LeftOut, (count: number) => Message>> = {
  point: (count) => l10n.plural(count, l10n.t('1 point'), l10n.t('{count} points', { count })),
  area: (count) => l10n.plural(count, l10n.t('1 area'), l10n.t('{count} areas', { count })),
  model: (count) => l10n.plural(count, l10n.t('1 model'), l10n.t('{count} models', { count })),
  waypoint: (count) => l10n.plural(count, l10n.t('1 waypoint'), l10n.t('{count} waypoints', { count })),
};
