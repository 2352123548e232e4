import { roughDistance } from '../drive/position.ts';

/** Values of a column; one with more numbers its rows or measures something. */
const MOST_VALUES = 5_000;
/** Columns that are looked at. */
const MOST_COLUMNS = 32;
/** Meters. Less is gained by chance. */
const LEAST_SAVED = 1_000;
/** The way in rows of each value is shorter than the way through all rows by so much, where vehicles take turns. */
const SHORTER = { surely: 0.5, perhaps: 0.8 };
/** A leap is that much longer than the usual leg, and longer than `LEAST_SAVED`. */
const LEAP = 50;
/** Milliseconds. */
const GOES_BACK = 60_000;

interface Place {
  latitude: number;
  longitude: number;
  time: number | undefined;
}

interface Candidate {
  index: number;
  values: Map<string, number>;
  /** The number of the value of each row. */
  groups: Uint16Array;
  last: Place[];
  /** The way in the rows of each value. */
  way: number;
  changes: number;
  /** Legs between rows of different values, and how many of them go back in time. */
  boundaries: number[];
  back: number;
  group: number;
}

/** A column that tells vehicles or trips apart. */
export interface GuessedTracks {
  /** The column. */
  index: number;
  names: readonly string[];
  /** Which name each row has, in the order of the rows. */
  groups: Uint16Array;
  /** Whether nothing else explains how the positions leap. */
  isSure: boolean;
}

/**
 * Looks for a column that tells vehicles or trips apart, whatever its name: one with few values that repeat, so that
 * the way in rows of one value is much shorter than the way through all, or that changes only where the positions leap.
 */
export class TrackGuess {
  #candidates: Candidate[];
  #rows = 0;
  #way = 0;
  /** Rows that go back in time. */
  #backs = 0;
  #before: Place | undefined;

  constructor(columns: readonly number[]) {
    this.#candidates = columns.slice(0, MOST_COLUMNS).map((index) => ({
      index,
      values: new Map(),
      groups: new Uint16Array(64),
      last: [],
      way: 0,
      changes: 0,
      boundaries: [],
      back: 0,
      group: -1,
    }));
  }

  add(cells: readonly string[], place: Place): void {
    const before = this.#before;
    const leg = before === undefined ? 0 : roughDistance(before, place);
    const goesBack = (place.time ?? Infinity) < (before?.time ?? -Infinity) - GOES_BACK;
    if (goesBack) this.#backs++;
    let hasLost = false;
    for (const candidate of this.#candidates) {
      const value = (cells[candidate.index] ?? '').slice(0, 80);
      const known = candidate.values.get(value);
      const group = known ?? candidate.values.size;
      if (known === undefined) {
        // What has a fraction is measured.
        if (candidate.values.size >= MOST_VALUES || /^\s*[-+]?\d*[.,]\d+\s*$/.test(value)) {
          candidate.index = -1;
          hasLost = true;
          continue;
        }
        candidate.values.set(value, group);
      }
      if (candidate.groups.length <= this.#rows) candidate.groups = grown(candidate.groups);
      candidate.groups[this.#rows] = group;
      if (group === candidate.group) candidate.way += leg;
      else if (before !== undefined) {
        candidate.changes++;
        const last = candidate.last[group];
        if (last !== undefined) candidate.way += roughDistance(last, place);
        if (candidate.boundaries.length < MOST_VALUES) candidate.boundaries.push(leg);
        if (goesBack) candidate.back++;
      }
      candidate.group = group;
      candidate.last[group] = place;
    }
    if (hasLost) this.#candidates = this.#candidates.filter(({ index }) => index >= 0);
    this.#way += leg;
    this.#before = place;
    this.#rows++;
  }

  /** The column that explains most; undefined if there is none. */
  best(): GuessedTracks | undefined {
    const found = this.#candidates
      .filter(({ values }) => values.size > 1 && values.size * 2 <= this.#rows)
      .map((candidate) => ({ candidate, isSure: this.#isSure(candidate) }))
      .filter(({ candidate, isSure }) => isSure || this.#saves(candidate, SHORTER.perhaps))
      // Columns that say the same in other words are equally good; the first one is taken.
      .toSorted((a, b) => Number(b.isSure) - Number(a.isSure) || a.candidate.way - b.candidate.way);
    const [first] = found;
    if (first === undefined) return undefined;
    const { candidate, isSure } = first;
    return {
      index: candidate.index,
      names: [...candidate.values.keys()],
      groups: candidate.groups.subarray(0, this.#rows),
      isSure,
    };
  }

  #isSure(candidate: Candidate): boolean {
    if (this.#saves(candidate, SHORTER.surely)) return true;
    const { boundaries, back, changes, way, values } = candidate;
    if (changes > boundaries.length) return false;
    const usual = way / Math.max(1, this.#rows - values.size);
    const least = Math.max(LEAST_SAVED, LEAP * usual);
    // Time goes back where one vehicle's rows end and the next one's begin, and nowhere else.
    return boundaries.every((leg) => leg > least) || (back === changes && back === this.#backs);
  }

  #saves({ way }: Candidate, part: number): boolean {
    return way < part * this.#way && this.#way - way > LEAST_SAVED;
  }
}

function grown(values: Uint16Array): Uint16Array {
  const more = new Uint16Array(values.length * 2);
  more.set(values);
  return more;
}
