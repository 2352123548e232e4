import { l10n, type Message } from '../../core/message.ts';
import type { Route, RoutePoint } from '../drive.ts';
import { wrapLongitude } from '../drive/position.ts';
import { hasNoTime, isAlong } from './alongLine.ts';
import { BOUNDS, tooManyPoints } from './bounds.ts';
import type { Collector, Position, ReadRoutes } from './collector.ts';
import { Findings } from './findings.ts';
import { COUNTED, lineCount, nothing, type LeftOut } from './leftOut.ts';
import { beyondPoles, isNoPlace, withoutFix } from './noFix.ts';
import { groupsOf, routePoint, type ReadPart, type ReadPoint } from './readPoint.ts';
import { noLatitude, noPlace, routeInvalid, type Where } from './routeInvalid.ts';
import { stem, tidy, unique } from './routeNames.ts';
import { Stamps } from './stamps.ts';
import { joined, tidied } from './tidyLine.ts';
import { readTime, type Stamp } from './timeText.ts';
import { Turns } from './turns.ts';

/** Meters. */
const HIGHEST = 100_000;
/** Positions at the beginning of a file that are none, before it is refused. */
const MOST_IMPOSSIBLE = 1_000;

interface Feature {
  name: string | undefined;
  parts: ReadPart[];
}

export function collectRoutes(
  file: string,
  progress: (part: number) => void = () => undefined,
  turns = new Turns(),
): Collector {
  const features: Feature[] = [];
  const notes: Message[] = [];
  const findings = new Findings();
  const stamps = new Stamps(findings);
  const leftOut = new Map<LeftOut, number>();
  const loose: { part: ReadPart; kinds: Map<LeftOut, number> } = {
    part: { points: [], list: undefined },
    kinds: new Map(),
  };
  let parts: ReadPart[] = [];
  let part: ReadPart | undefined;
  let points = 0;
  let kept = 0;
  let highLatitudes = 0;
  let firstHigh: { latitude: number; where: Where } | undefined;
  let highLongitudes = 0;
  let unwrapped = false;
  const impossible: { count: number; first: (Position & { where: Where }) | undefined } = {
    count: 0,
    first: undefined,
  };
  let unread: { where: Where; problem: Message } | undefined;

  function add(
    position: Position,
    where: Where,
    time?: string | { text: string; stamp: Stamp | undefined },
  ): boolean {
    const point = checked(position, where, time);
    if (point === undefined) return false;
    if (part === undefined)
      parts.push((part = { points: [], list: where.line === undefined ? where.element : undefined }));
    part.points.push(point);
    return true;
  }

  function regroup(nameOf: (index: number) => string): void {
    const whole = parts.pop();
    if (whole === undefined) return;
    for (const [name, group] of groupsOf(whole, nameOf)) {
      parts.push(group);
      endFeature(name);
    }
  }

  function addLoose(kind: 'point' | 'waypoint', position: Position, where: Where, time?: string): void {
    const point = checked(position, where, time);
    if (point === undefined) return;
    if (where.line === undefined) loose.part.list ??= where.element;
    loose.part.points.push(point);
    loose.kinds.set(kind, (loose.kinds.get(kind) ?? 0) + 1);
  }

  function checked(
    { latitude, longitude, altitude }: Position,
    where: Where,
    time: string | { text: string; stamp: Stamp | undefined } | undefined,
  ): ReadPoint | undefined {
    if (isNoPlace(latitude, longitude)) {
      findings.count('noFix', where, { text: `${latitude}, ${longitude}` });
      impossible.count++;
      impossible.first ??= { latitude, longitude, where };
      if (points === 0 && impossible.count > MOST_IMPOSSIBLE) throw noPlace(file, impossible.first);
      return undefined;
    }
    // Without it a route is driven as well, and many devices write "NaN" where they have none.
    const isNumber = altitude !== undefined && !Number.isNaN(altitude);
    if (altitude !== undefined && !isNumber) findings.count('altitude', where);
    // 999999 and 2147483.647 are what others write there.
    const hasAltitude = isNumber && Math.abs(altitude) <= HIGHEST;
    if (isNumber && !hasAltitude) findings.count('noAltitude', where, { text: String(altitude) });
    if (++points > BOUNDS.points) throw routeInvalid(file, tooManyPoints(), where);
    if (Math.abs(latitude) > 90) {
      highLatitudes++;
      firstHigh ??= { latitude, where };
    }
    if (Math.abs(longitude) > 90) highLongitudes++;
    if (Math.abs(longitude) > 180) unwrapped = true;
    const point: ReadPoint = {
      latitude,
      longitude,
      altitude: hasAltitude ? altitude : undefined,
      time: undefined,
      otherTime: undefined,
      until: undefined,
      at: where.line ?? where.index ?? 0,
    };
    if (typeof time === 'string') {
      if (time.trim() !== '') stamps.set(point, time.trim(), readTime(time), where);
    } else if (time !== undefined) stamps.set(point, time.text, time.stamp, where);
    return point;
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
    if (highLongitudes > 0 || highLatitudes * 2 < points) {
      const all = features.flatMap((feature) => feature.parts.flatMap((it) => it.points));
      const beyond = beyondPoles(all);
      if (beyond === undefined) throw noLatitude(file, firstHigh);
      await leaveOutPoints(() => beyond);
      return;
    }
    await eachPoint((point) => {
      const { latitude } = point;
      point.latitude = point.longitude;
      point.longitude = latitude;
    });
    notes.push(
      order === 'assumed'
        ? l10n.t(
            'No header names the columns: read as latitude, longitude, because a latitude cannot exceed 90.',
          )
        : l10n.t(
            'Latitude and longitude are swapped in the file: read the other way around, because a latitude cannot exceed 90.',
          ),
    );
  }

  async function eachPoint(visit: (point: ReadPoint) => void): Promise<void> {
    await turns.each(features, (feature) =>
      turns.each(feature.parts, (line) => turns.each(line.points, visit)),
    );
  }

  /**
   * Points that are on no line are a line where nothing else is, or where they are the only line with its times.
   */
  function settleLoose(): void {
    const { points: alone } = loose.part;
    if (alone.length === 0) return;
    const isUntimed = features.every((it) => it.parts.every((line) => line.points.every(hasNoTime)));
    const timed = alone.filter((point) => !hasNoTime(point)).length;
    const [only, another] = features.flatMap((it) => it.parts);
    if (only !== undefined && isUntimed && timed > 1) {
      if (another === undefined && timed === alone.length && isAlong(alone, only.points)) {
        features[0]?.parts.splice(0, 1, loose.part);
        notes.push(
          l10n.t('The line has no times, but the points along it do: the points are driven in order.'),
        );
        return;
      }
      notes.push(
        l10n.t('The lines have no times, but {points} beside them do: those times are not used.', {
          points: COUNTED.point(timed),
        }),
      );
    }
    if (features.length > 0 || alone.length < 2) {
      for (const [kind, number] of loose.kinds) leftOut.set(kind, (leftOut.get(kind) ?? 0) + number);
      return;
    }
    features.push({ name: undefined, parts: [loose.part] });
    notes.push(l10n.t('There are no lines, so the points are driven in order.'));
  }

  function dropNoFix(): Promise<void> {
    return leaveOutPoints(({ points: line }) => withoutFix(line));
  }

  async function leaveOutPoints(noneOf: (line: ReadPart) => Set<ReadPoint>): Promise<void> {
    await turns.each(features, ({ parts: lines }) =>
      turns.each(lines, (line) => {
        const without = noneOf(line);
        if (without.size === 0) return;
        line.points = line.points.filter((point) => {
          if (!without.has(point)) return true;
          const where =
            line.list === undefined ? { line: point.at } : { element: line.list, index: point.at };
          findings.count('noFix', where, { text: `${point.latitude}, ${point.longitude}` });
          return false;
        });
      }),
    );
  }

  async function finish(order: 'stated' | 'assumed'): Promise<ReadRoutes> {
    endFeature();
    if (impossible.first !== undefined && impossible.count > points) throw noPlace(file, impossible.first);
    settleLoose();
    await settleOrder(order);
    if (unwrapped) {
      notes.push(l10n.t('Longitudes beyond 180 were wrapped into the range from -180 to 180.'));
      await eachPoint((point) => {
        point.longitude = wrapLongitude(point.longitude);
      });
    }
    await stamps.settle(eachPoint);
    await dropNoFix();
    const routes: Route[] = [];
    const names = new Map<string, number>();
    let repeated = 0;
    let single = 0;
    for (const { name, parts: lines } of features) {
      for (const line of await joined(lines, turns)) {
        const tidyLine = await tidied(line, findings, turns);
        repeated += tidyLine.repeated;
        if (tidyLine.points.length < 2) single++;
        else {
          const driven: RoutePoint[] = [];
          await turns.each(tidyLine.points, (point) => driven.push(routePoint(point)));
          routes.push({ name: unique(names, name ?? stem(file)), points: driven });
        }
      }
    }
    const undrivable = (Object.keys(COUNTED) as LeftOut[]).flatMap((kind) => {
      const number = leftOut.get(kind);
      return number === undefined ? [] : [COUNTED[kind](number)];
    });
    if (undrivable.length > 0) {
      notes.push(
        l10n.t('Left out because they are not lines: {things}.', { things: l10n.list(undrivable, 'comma') }),
      );
    }
    if (repeated > 0) {
      const repeats = COUNTED.point(repeated);
      notes.push(l10n.t('Left out because they repeat the previous point: {points}.', { points: repeats }));
    }
    notes.push(...findings.notes());
    if (routes.length === 0 && unread !== undefined) throw routeInvalid(file, unread.problem, unread.where);
    if (routes.length === 0 && impossible.first !== undefined) throw noPlace(file, impossible.first);
    if (routes.length === 0) throw routeInvalid(file, nothing(points), {}, undefined, { notes });
    if (single > 0)
      notes.push(l10n.t('Left out because they have a single point: {lines}.', { lines: lineCount(single) }));
    return { routes, notes };
  }

  return {
    findings,
    turns,
    progress,
    get hasLines() {
      return features.length > 0 || parts.length > 0;
    },
    beginPart() {
      part = undefined;
    },
    add,
    regroup,
    keep(where) {
      if (++kept > BOUNDS.points) throw routeInvalid(file, tooManyPoints(), where);
    },
    addLoose,
    leaveOutRecord(where, problem) {
      findings.count('noPosition', where);
      if (problem !== undefined) unread ??= { where, problem };
    },
    endFeature,
    note: (sentence) => notes.push(sentence),
    leaveOut(kind) {
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
    },
    finish,
  };
}
