import { roughDistance } from '../drive/position.ts';
import type { Findings } from './findings.ts';
import type { ReadPoint } from './readPoint.ts';
import type { Where } from './routeInvalid.ts';
import type { Turns } from './turns.ts';

/** Milliseconds without a point after which nobody knows what the vehicle did. docs/simulations.md says so. */
export const LONGEST_GAP = 10 * 60_000;
/** Meters per second. How fast the way across a gap is driven: 50 km/h. */
const ACROSS_GAP = 50 / 3.6;
/** No file of a drive is older or newer, but clocks that are not set are. */
const SANE = { from: Date.UTC(1980, 0, 7), to: Date.UTC(2100, 0) };
/** If more of the times than this do not fit, it is not single ones that are wrong. */
const MOST_OUTLIERS = 0.05;

type Stamped = ReadPoint & { time: number };

/**
 * Makes the times of a line advance. They are looked at together: a time alone against those around it is left out,
 * equal times are spread, points that are in another order than their times are put in it, a long gap is cut short.
 * Everything that is changed is counted among the findings.
 * @returns the points in the order in which they are driven
 */
export async function settleTimes(
  line: ReadPoint[],
  whereOf: (point: ReadPoint) => Where,
  findings: Findings,
  turns: Turns,
): Promise<ReadPoint[]> {
  // Those that lose a time below are counted there.
  const unstamped = line.filter(({ time }) => time === undefined);
  dropAbsurd(line, whereOf, findings);
  await turns.take();
  const points = inOrder(line, whereOf, findings);
  await turns.take();
  const stamped = stampedOf(points);
  const [first] = stamped;
  if (first === undefined) return points;
  if (stamped.length > 1 && stamped.every(({ time }) => time === first.time)) {
    findings.count('allEqualTimes', whereOf(first), { number: stamped.length });
    for (const point of stamped) clear(point);
    return points;
  }
  // One time alone says nothing of how long anything took.
  if (stamped.length === 1) return points;
  spreadEqual(stamped, whereOf, findings);
  await turns.take();
  cutGaps(points, whereOf, findings);
  await turns.take();
  for (const point of unstamped) findings.count('withoutTime', whereOf(point));
  return points;
}

function stampedOf(points: readonly ReadPoint[]): Stamped[] {
  return points.filter((point): point is Stamped => point.time !== undefined);
}

function clear(point: ReadPoint): void {
  point.time = undefined;
}

/** Years that no drive has while others are sane, and single times far from both that are around them. */
function dropAbsurd(
  line: readonly ReadPoint[],
  whereOf: (point: ReadPoint) => Where,
  findings: Findings,
): void {
  const isSane = ({ time }: Stamped) => time >= SANE.from && time < SANE.to;
  let stamped = stampedOf(line);
  const sane = stamped.filter(isSane);
  const drop = (point: ReadPoint) => {
    findings.count('absurdTime', whereOf(point));
    clear(point);
  };
  if (sane.length > stamped.length / 2) {
    for (const point of stamped) if (!isSane(point)) drop(point);
    stamped = sane;
  }
  for (let i = 1; i < stamped.length - 1; i++) {
    const [before, here, after] = [stamped[i - 1], stamped[i], stamped[i + 1]];
    if (before?.time === undefined || here === undefined || after === undefined) continue;
    const isAlone =
      Math.abs(here.time - before.time) > LONGEST_GAP &&
      Math.abs(here.time - after.time) > LONGEST_GAP &&
      Math.abs(after.time - before.time) <= LONGEST_GAP;
    if (isAlone) drop(here);
  }
}

function inOrder(line: ReadPoint[], whereOf: (point: ReadPoint) => Where, findings: Findings): ReadPoint[] {
  const stamped = stampedOf(line);
  const backs = stamped.filter((point, i) => i > 0 && point.time < (stamped[i - 1]?.time ?? -Infinity));
  const [firstBack] = backs;
  const [first] = stamped;
  if (firstBack === undefined || first === undefined) return line;
  if (stamped.every((point, i) => i === 0 || point.time <= (stamped[i - 1]?.time ?? Infinity))) {
    findings.count('backwards', whereOf(first));
    return line.toReversed();
  }
  const kept = longestAdvance(stamped);
  const outliers = stamped.length - kept.size;
  const sorted = sortedByTime(line);
  if (lengthOf(sorted) < 0.999 * lengthOf(line)) {
    findings.count('unsorted', whereOf(firstBack), { number: outliers });
    return sorted;
  }
  if (outliers <= Math.max(1, MOST_OUTLIERS * stamped.length)) {
    for (const point of stamped) {
      if (kept.has(point)) continue;
      findings.count('absurdTime', whereOf(point));
      clear(point);
    }
    return line;
  }
  goOn(stamped, whereOf, findings);
  return line;
}

/** A clock that was set back while it recorded: from there on its times are later by as much. */
function goOn(stamped: Stamped[], whereOf: (point: ReadPoint) => Where, findings: Findings): void {
  const usual = usualStep(stamped);
  let later = 0;
  let last = -Infinity;
  for (const point of stamped) {
    const time = point.time + later;
    if (time < last) {
      findings.count('clockBack', whereOf(point), { most: last - time });
      later += last - time + usual;
    }
    point.time += later;
    last = point.time;
  }
}

/** The points of the longest run of times that do not go back (patience sorting). */
function longestAdvance(stamped: readonly Stamped[]): Set<ReadPoint> {
  const ends: number[] = [];
  const before = new Int32Array(stamped.length).fill(-1);
  for (const [i, { time }] of stamped.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stamped[ends[middle] ?? 0]?.time ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? (ends[low - 1] ?? -1) : -1;
    ends[low] = i;
  }
  const kept = new Set<ReadPoint>();
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] ?? -1) {
    const point = stamped[i];
    if (point !== undefined) kept.add(point);
  }
  return kept;
}

/** By time; points without one stay behind the one before them. */
function sortedByTime(line: readonly ReadPoint[]): ReadPoint[] {
  let last = -Infinity;
  const keyed = line.map((point) => ({ point, time: (last = point.time ?? last) }));
  return keyed.toSorted((a, b) => a.time - b.time || 0).map(({ point }) => point);
}

function lengthOf(points: readonly ReadPoint[]): number {
  let length = 0;
  let last: ReadPoint | undefined;
  for (const point of points) {
    if (last !== undefined) length += roughDistance(last, point);
    last = point;
  }
  return length;
}

/**
 * Times that a coarse clock cut: a run of equal ones is spread over the time that the clock could not tell, evenly, as
 * loggers record. That time is what usually lies between such a run and the next time, whatever the clock was cut to,
 * and never more than lies there. The first and the last run may be shorter than the others, for the recording began in
 * the midst of one: they keep the step of the others.
 */
function spreadEqual(stamped: Stamped[], whereOf: (point: ReadPoint) => Where, findings: Findings): void {
  const runs: { from: number; to: number }[] = [];
  for (let from = 0; from < stamped.length;) {
    let to = from + 1;
    while (to < stamped.length && stamped[to]?.time === stamped[from]?.time) to++;
    runs.push({ from, to });
    from = to;
  }
  if (runs.length === stamped.length) return;
  const moves = ({ from, to }: { from: number; to: number }) =>
    stamped.slice(from, to).some((point) => !samePlace(point, stamped[from]));
  // Records that were written twice say nothing of the time between them.
  if (!runs.some(moves)) return;
  const times = runs.map(({ from }) => stamped[from]?.time ?? 0);
  const toNext = (i: number) => (times[i + 1] ?? Infinity) - (times[i] ?? 0);
  const hasSeveral = runs.flatMap(({ from, to }, i) => (to - from > 1 && i < runs.length - 1 ? [i] : []));
  const rooms = (hasSeveral.length > 0 ? hasSeveral : [...runs.keys()].slice(0, -1)).map(toNext);
  const unit = median(rooms);
  const sizes = runs.slice(1, -1).map(({ from, to }) => to - from);
  const usual = median(sizes.length > 0 ? sizes : runs.map(({ from, to }) => to - from));
  for (const [i, { from, to }] of runs.entries()) {
    const size = to - from;
    const time = times[i] ?? 0;
    if (size === 1) continue;
    const room = Math.min(unit, toNext(i));
    const isEnd = i === 0 || i === runs.length - 1;
    const step = room / (isEnd ? Math.max(size, usual) : size);
    const start = i === 0 && room === unit ? time + room - size * step : time;
    const isMoving = moves({ from, to });
    for (let j = from; j < to; j++) {
      const point = stamped[j];
      if (point === undefined) continue;
      if (isMoving && j > from) findings.count('equalTimes', whereOf(point));
      point.time = start + (j - from) * step;
    }
  }
}

function samePlace(a: ReadPoint, b: ReadPoint | undefined): boolean {
  return a.latitude === b?.latitude && a.longitude === b.longitude;
}

function cutGaps(
  points: readonly ReadPoint[],
  whereOf: (point: ReadPoint) => Where,
  findings: Findings,
): void {
  const usual = usualStep(stampedOf(points));
  let earlier = 0;
  let last: { point: ReadPoint; time: number } | undefined;
  /** The way since the last time. */
  let way = 0;
  let before: ReadPoint | undefined;
  for (const point of points) {
    if (before !== undefined) way += roughDistance(before, point);
    before = point;
    if (point.time === undefined) continue;
    const { time } = point;
    const gap = last === undefined ? 0 : time - last.time;
    if (last !== undefined && gap > LONGEST_GAP) {
      const kept = Math.min(gap, Math.max(usual, (way / ACROSS_GAP) * 1000));
      if (kept < gap) {
        findings.count('gap', whereOf(last.point), { most: gap });
        earlier += gap - kept;
      }
    }
    last = { point, time };
    way = 0;
    point.time = time - earlier;
  }
}

/** Milliseconds between two times that advance: the middle one of all. */
function usualStep(stamped: readonly Stamped[]): number {
  const steps: number[] = [];
  for (const [i, { time }] of stamped.entries()) {
    const step = time - (stamped[i - 1]?.time ?? Infinity);
    if (step > 0) steps.push(step);
  }
  return steps.length === 0 ? 1000 : median(steps);
}

function median(values: readonly number[]): number {
  // Many times as fast as a list with a comparison.
  return Float64Array.from(values).sort()[values.length >> 1] ?? 0;
}
