import { geodesic } from '../drive/geodesy.ts';
import { LIMITS } from '../drive/limits.ts';
import { roughDistance } from '../drive/position.ts';
import type { Findings } from './findings.ts';
import type { ReadPart, ReadPoint } from './readPoint.ts';
import type { Where } from './routeInvalid.ts';
import { settleTimes } from './settleTimes.ts';
import { staysIn } from './stays.ts';
import type { Turns } from './turns.ts';

/** Parts that begin within so many metres of the end of the one before belong to the same drive. */
const SAME_DRIVE = 1_000;
/** Metres; the precision of coordinates in files is less. */
const SAME_PLACE = 0.001;
/** A point is said to be far from the one before beyond so many metres, and so many times the usual way. */
const FAR_APART = { meters: 5_000, times: 200 };
/** Metres over which speed is measured: below it the precision of coordinates and times says nothing about it. */
const SHORTEST_MEASURED = 50;

/** Points that are driven one after the other; `whereOf` says where each stands in the file. */
export interface ReadLine {
  points: ReadPoint[];
  whereOf: (point: ReadPoint) => Where;
}

/** Segments of a track, and lines cut at the antimeridian as RFC 7946 wants, are one drive again. */
export async function joined(parts: readonly ReadPart[], turns: Turns): Promise<ReadLine[]> {
  const lines: {
    points: ReadPoint[];
    lists: Map<ReadPoint, string> | undefined;
    list: string | undefined;
  }[] = [];
  await turns.each(parts, (part) => {
    const line = lines.at(-1);
    const end = line?.points.at(-1);
    const start = part.points[0];
    if (start === undefined) return undefined;
    const near = end && (geodesic(end, start)?.distance ?? Infinity) < SAME_DRIVE;
    if (near !== true || line === undefined) {
      lines.push({ points: [...part.points], lists: undefined, list: part.list });
      return undefined;
    }
    const { list } = part;
    if (list !== line.list && list !== undefined) line.lists ??= new Map();
    return turns.each(part.points, (point) => {
      line.points.push(point);
      if (list !== line.list && list !== undefined) line.lists?.set(point, list);
    });
  });
  return lines.map(({ points, lists, list }) => ({
    points,
    whereOf: (point) => {
      const element = lists?.get(point) ?? list;
      return element === undefined ? { line: point.at } : { element, index: point.at };
    },
  }));
}

/** A line as it is driven: in the order of its times, standing where the vehicle stood, no place twice in a row. */
export async function tidied(
  { points: read, whereOf }: ReadLine,
  findings: Findings,
  turns: Turns,
): Promise<{ points: ReadPoint[]; repeated: number }> {
  const points = await settleTimes(read, whereOf, findings, turns);
  const stays = await staysIn(points, turns);
  const kept: ReadPoint[] = [];
  let repeated = 0;
  let nextStay = 0;
  await turns.each(points, (point, index) => {
    while ((stays[nextStay]?.to ?? Infinity) < index) nextStay++;
    const stay = stays[nextStay];
    if (stay !== undefined && index >= stay.from) {
      if (index === stay.from) kept.push({ ...point, latitude: stay.latitude, longitude: stay.longitude });
      else {
        const place = kept.at(-1);
        if (place !== undefined && point.time !== undefined) place.until = point.time;
        if (index === stay.to) {
          const ms = (point.time ?? 0) - (points[stay.from]?.time ?? 0);
          const where = whereOf(points[stay.from] ?? point);
          findings.count('stay', where, { number: stay.to - stay.from + 1, most: ms });
        }
      }
      return;
    }
    const last = kept.at(-1);
    if (last === undefined || !same(last, point)) {
      kept.push(point);
      return;
    }
    repeated++;
    if (point.time !== undefined && last.time !== undefined) last.until = point.time;
  });
  await sayLeaps(kept, whereOf, findings, turns);
  return { points: kept, repeated };
}

/** Says where a line leaps: faster than any car, or so far that points must be missing. Nothing is changed. */
async function sayLeaps(
  points: readonly ReadPoint[],
  whereOf: ReadLine['whereOf'],
  findings: Findings,
  turns: Turns,
): Promise<void> {
  const ways = new Float64Array(Math.max(0, points.length - 1));
  const away = (index: number, point: ReadPoint) => {
    const start = points[index];
    return start === undefined ? 0 : roughDistance(start, point);
  };
  /** From here to the point that is looked at is the shortest stretch that is long enough. */
  let from = 0;
  await turns.each(points, (point, index) => {
    const before = points[index - 1];
    if (before === undefined) return;
    ways[index - 1] = roughDistance(before, point);
    while (from + 1 < index && away(from + 1, point) > SHORTEST_MEASURED) from++;
    const start = points[from];
    if (start?.time === undefined || point.time === undefined) return;
    const way = away(from, point);
    const seconds = (point.time - (start.until ?? start.time)) / 1000;
    if (way > SHORTEST_MEASURED && way / seconds > LIMITS.fastest)
      findings.count('tooFast', whereOf(point), { most: (way / seconds) * 3.6 });
  });
  const usual = ways.toSorted()[ways.length >> 1] ?? 0;
  for (const [index, way] of ways.entries()) {
    const point = points[index + 1];
    if (point !== undefined && way > FAR_APART.meters && way > FAR_APART.times * usual)
      findings.count('farApart', whereOf(point), { most: way / 1000 });
  }
}

function same(a: ReadPoint, b: ReadPoint): boolean {
  if (a.latitude === b.latitude && a.longitude === b.longitude) return true;
  // Only close to a pole can longitudes differ much in one place.
  if (Math.abs(a.latitude - b.latitude) > 1e-7) return false;
  return (geodesic(a, b)?.distance ?? Infinity) < SAME_PLACE;
}
