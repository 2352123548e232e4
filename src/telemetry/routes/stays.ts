import { wrapLongitude } from '../drive/position.ts';
import type { ReadPoint } from './readPoint.ts';
import type { Turns } from './turns.ts';

/** Points from index `from` up to and with `to`, during which the vehicle stood at one place. */
export interface Stay {
  from: number;
  to: number;
  latitude: number;
  longitude: number;
}

/** Meters that the positions of one stop may lie apart, from bad reception to good. */
const EXTENTS = [100, 50, 25, 12, 6, 2.5];
/** Seconds. */
const SHORTEST_STAY = 5;
/** Meters per second: who needs longer from one end of the wandering to the other stood. */
const SLOWEST = 0.5;
/** A vehicle that moves covers about as much way as its positions lie apart; wandering covers more. */
const WANDERS = 2;
/**
 * Positions wander slowly, or turn with each step. A vehicle that drives in circles (a car park) does neither: the
 * mean cosine between its steps is near 1.
 */
const SLOW_WANDER = 0.7;
const ERRATIC = 0.3;
/** Meters. Nearer to the place than this, or than three times as far as most, is at the place. */
const AT_PLACE = 1;
/** Meters that the way must get shorter by, for another point to belong to a stay. */
const SAVES = 0.5;
/** Seconds beyond a stay in which its positions may go out and come back. */
const LOOK_AHEAD = 10;
const METERS_PER_DEGREE = 111_195;

interface Walk {
  x: Float64Array;
  y: Float64Array;
  /** Seconds. */
  time: Float64Array;
  /** Sums up to each point: the way, products of steps that follow each other, and products of their lengths. */
  way: Float64Array;
  turns: Float64Array;
  lengths: Float64Array;
}

/**
 * Where a recorded vehicle stood while its positions wandered. Seen over a window of time: a second of it looks like
 * driving slowly. From wide windows to narrow ones, so that one stop is one stay.
 * @param points in the order of their times; without times there are no stays
 */
export async function staysIn(points: readonly ReadPoint[], turns: Turns): Promise<Stay[]> {
  if (!points.some(({ time }) => time !== undefined)) return [];
  const walk = walkOf(points);
  const taken = new Uint8Array(points.length);
  const stays: Stay[] = [];
  for (const extent of EXTENTS) {
    await turns.take();
    for (const [from, to] of windowsOf(walk, extent, taken)) {
      const rough = settled(points, walk, [from, to], taken);
      // Its middle is known better now than when the way into it was a part of it.
      const stay = rough && settled(points, walk, [rough.from, rough.to], taken);
      if (stay === undefined) continue;
      taken.fill(1, stay.from, stay.to + 1);
      stays.push(stay);
    }
  }
  return stays.toSorted((a, b) => a.from - b.from);
}

function walkOf(points: readonly ReadPoint[]): Walk {
  const array = () => new Float64Array(points.length);
  const walk: Walk = {
    x: array(),
    y: array(),
    time: array(),
    way: array(),
    turns: array(),
    lengths: array(),
  };
  const { x, y, time, way, turns, lengths } = walk;
  let known = points.find((point) => point.time !== undefined)?.time ?? 0;
  let [stepX, stepY, length] = [0, 0, 0];
  for (const [i, point] of points.entries()) {
    known = point.time ?? known;
    time[i] = known / 1000;
    const before = points[i - 1];
    if (before === undefined) continue;
    const [lastX, lastY] = [stepX, stepY];
    stepY = (point.latitude - before.latitude) * METERS_PER_DEGREE;
    stepX =
      wrapLongitude(point.longitude - before.longitude) *
      METERS_PER_DEGREE *
      Math.cos((point.latitude * Math.PI) / 180);
    x[i] = of(x, i - 1) + stepX;
    y[i] = of(y, i - 1) + stepY;
    const lastLength = length;
    length = lengthOf(stepX, stepY);
    way[i] = of(way, i - 1) + length;
    turns[i] = of(turns, i - 1) + stepX * lastX + stepY * lastY;
    lengths[i] = of(lengths, i - 1) + length * lastLength;
  }
  return walk;
}

/** Windows of at most this extent in which the vehicle stood, one behind the other, none with a point that is taken. */
function* windowsOf(walk: Walk, extent: number, taken: Uint8Array): Generator<[from: number, to: number]> {
  const { x, y, time, way, turns, lengths } = walk;
  const [wide, high] = [new Range(x), new Range(y)];
  const count = x.length;
  // Who stands in a smaller place is found in the windows of that.
  const smaller = EXTENTS.find((it) => it < extent) ?? 0;
  const shortest = Math.max(SHORTEST_STAY, smaller / SLOWEST);
  let later = 0;
  let to = -1;
  for (let from = 0; from < count;) {
    while (later < count && of(time, later) - of(time, from) < shortest) later++;
    if (later >= count) return;
    // Most points are left behind so fast that nothing else need be looked at.
    const left = lengthOf(of(x, later) - of(x, from), of(y, later) - of(y, from)) > extent;
    if (left || taken[from] === 1) {
      from++;
      continue;
    }
    wide.leave(from);
    high.leave(from);
    to = Math.max(to, from - 1);
    while (to + 1 < count && taken[to + 1] === 0) {
      if (lengthOf(wide.widthWith(to + 1), high.widthWith(to + 1)) > extent) break;
      to++;
      wide.add(to);
      high.add(to);
    }
    const seconds = of(time, to) - of(time, from);
    const apart = lengthOf(wide.width, high.width);
    const covered = of(way, to) - of(way, from);
    const straightness = (of(turns, to) - of(turns, from)) / (of(lengths, to) - of(lengths, from));
    const stands =
      seconds >= Math.max(SHORTEST_STAY, apart / SLOWEST) &&
      covered > WANDERS * apart &&
      (covered / seconds <= SLOW_WANDER || straightness < ERRATIC);
    if (stands) yield [from, to];
    // A stay that was found may reach further than its window; that part is taken now.
    from = stands ? to + 1 : from + 1;
  }
}

/** The smallest and the biggest value of a window that only moves forwards, each found at once. */
class Range {
  readonly #values: Float64Array;
  #low: number[] = [];
  #high: number[] = [];
  #lowFrom = 0;
  #highFrom = 0;

  constructor(values: Float64Array) {
    this.#values = values;
  }

  add(index: number): void {
    const value = of(this.#values, index);
    while (this.#low.length > this.#lowFrom && of(this.#values, this.#low.at(-1) ?? 0) >= value)
      this.#low.pop();
    while (this.#high.length > this.#highFrom && of(this.#values, this.#high.at(-1) ?? 0) <= value)
      this.#high.pop();
    this.#low.push(index);
    this.#high.push(index);
  }

  /** Values before this index leave the window. */
  leave(index: number): void {
    while (this.#lowFrom < this.#low.length && (this.#low[this.#lowFrom] ?? 0) < index) this.#lowFrom++;
    while (this.#highFrom < this.#high.length && (this.#high[this.#highFrom] ?? 0) < index) this.#highFrom++;
  }

  get width(): number {
    const low = this.#low[this.#lowFrom];
    const high = this.#high[this.#highFrom];
    return low === undefined || high === undefined ? 0 : of(this.#values, high) - of(this.#values, low);
  }

  /** The width if this one were added. */
  widthWith(index: number): number {
    const value = of(this.#values, index);
    const low = this.#low[this.#lowFrom];
    const high = this.#high[this.#highFrom];
    if (low === undefined || high === undefined) return 0;
    return Math.max(of(this.#values, high), value) - Math.min(of(this.#values, low), value);
  }
}

/** Without the way into the place and out of it, and with all that is at the place, also beyond the window. */
function settled(
  points: readonly ReadPoint[],
  walk: Walk,
  [begin, end]: readonly [from: number, to: number],
  taken: Uint8Array,
): Stay | undefined {
  const { x, y, time } = walk;
  const middle = { x: median(x.slice(begin, end + 1)), y: median(y.slice(begin, end + 1)) };
  const away = (i: number) => lengthOf(of(x, i) - middle.x, of(y, i) - middle.y);
  const usual = median(Float64Array.from({ length: end - begin + 1 }, (_, i) => away(begin + i)));
  const near = Math.max(AT_PLACE, 3 * usual);
  let [from, to] = [begin, end];
  while (from < to && away(from) > near) from++;
  while (to > from && away(to) > near) to--;
  from = lastAtPlace(from, -1);
  to = lastAtPlace(to, 1);
  const first = points[from];
  if (of(time, to) - of(time, from) < SHORTEST_STAY || first === undefined) return undefined;
  const north = mean(y.subarray(from, to + 1)) - of(y, from);
  const east = mean(x.subarray(from, to + 1)) - of(x, from);
  const perDegree = METERS_PER_DEGREE * Math.cos((first.latitude * Math.PI) / 180);
  const latitude = first.latitude + north / METERS_PER_DEGREE;
  if (Math.abs(latitude) > 90 || perDegree <= 0) return undefined;
  return { from, to, latitude, longitude: wrapLongitude(first.longitude + east / perDegree) };

  /** Goes on from an end of the stay, forwards or backwards, a few seconds at a time. */
  function lastAtPlace(start: number, step: 1 | -1): number {
    let last = start;
    for (let i = start + step; isClose(i, last); i += step) if (away(i) <= near) last = i;
    return wandersTo(last, step);
  }

  function isClose(i: number, last: number): boolean {
    if (i < 0 || i >= points.length || taken[i] === 1 || away(i) > 3 * near) return false;
    return Math.abs(of(time, i) - of(time, last)) <= LOOK_AHEAD;
  }

  /**
   * Positions that wander make the way longer than it is from the place itself; those of a vehicle that drives away do
   * not, and are kept.
   */
  function wandersTo(start: number, step: 1 | -1): number {
    let end = start;
    while (isClose(end + step, start)) end += step;
    const wayFrom = (i: number) =>
      i === end ? 0 : away(i + step) + Math.abs(of(walk.way, end) - of(walk.way, i + step));
    let last = start;
    for (let i = start; i !== end; i += step) if (wayFrom(i) < wayFrom(last) - SAVES) last = i;
    return last;
  }
}

/** Many times as fast as Math.hypot, which minds numbers that no place has. */
function lengthOf(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function of(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: Float64Array): number {
  return of(values.toSorted(), values.length >> 1);
}
