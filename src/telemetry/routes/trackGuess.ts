import { roughDistance, type Position } from '../drive/position.ts';
import type { Where } from './routeInvalid.ts';
import type { Stamp } from './stamp.ts';

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
/** A time of day without a date that goes back by more has passed midnight. */
const HALF_DAY = 43_200_000;
/** Meters. What stays within them is one place, such as a stop. */
const ONE_PLACE = 200;
/** Meters per second. One vehicle does not get so fast from the row of one value to that of another. */
const TOO_FAST = 60;

interface Place extends Position {
  time: number | undefined;
}

interface Candidate {
  index: number;
  values: Map<string, number>;
  /** The number of the value of each row. */
  groups: Uint16Array;
  /** By the number of the value. */
  first: Place[];
  last: Place[];
  /** Those that came back after others. */
  returned: Set<number>;
  /** Those that have been at more than one place. */
  moved: Set<number>;
  /** The way in the rows of each value, and into each new one. */
  way: number;
  /** The part of it that leads into new values. */
  entered: number;
  changes: number;
  /** The row of the first change. */
  changed: Where;
  /** Changes between rows with times, and those of them that no vehicle could drive. */
  timed: number;
  tooFast: number;
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
  /** The first row with another name than the one before. */
  changed: Where;
  /** Whether nothing else explains how the positions leap. */
  isSure: boolean;
}

/**
 * Looks for a column that tells vehicles or trips apart, whatever its name: one with few values that come back, so that
 * the way in rows of one value is much shorter than the way through all, or that changes only where the times go back.
 * Many columns follow the position of one vehicle, such as the name of a town or what a battery holds: it is sure only
 * if one vehicle could not have driven so.
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
      first: [],
      last: [],
      returned: new Set(),
      moved: new Set(),
      way: 0,
      entered: 0,
      changes: 0,
      changed: {},
      timed: 0,
      tooFast: 0,
      boundaries: [],
      back: 0,
      group: -1,
    }));
  }

  /** @param position undefined if a device had none; the row counts as one of its value nevertheless */
  add(
    cells: readonly string[],
    position: Position | undefined,
    stamp: Stamp | undefined,
    where: Where,
  ): void {
    const place = position && {
      latitude: position.latitude,
      longitude: position.longitude,
      time: stamp?.ms,
    };
    const before = this.#before;
    const leg = before === undefined || place === undefined ? 0 : roughDistance(before, place);
    const gone = (place?.time ?? NaN) - (before?.time ?? NaN);
    const isMidnight = stamp?.kind === 'clock' && gone < -HALF_DAY;
    const goesBack = gone < -GOES_BACK && !isMidnight;
    if (goesBack) this.#backs++;
    const row = place && { place, where, hasBegun: before !== undefined, leg, gone, goesBack };
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
      if (row !== undefined) visit(candidate, group, row);
    }
    if (hasLost) this.#candidates = this.#candidates.filter(({ index }) => index >= 0);
    this.#way += leg;
    this.#before = place ?? before;
    this.#rows++;
  }

  /** The column that explains most; undefined if there is none. */
  best(): GuessedTracks | undefined {
    const found = this.#candidates
      .filter(({ values }) => values.size > 1 && values.size * 2 <= this.#rows)
      .map((candidate) => ({ candidate, isSure: this.#isSure(candidate) }))
      .filter(({ candidate, isSure }) => isSure || this.#mayBe(candidate))
      // Columns that say the same in other words are equally good; the first one is taken.
      .toSorted((a, b) => Number(b.isSure) - Number(a.isSure) || a.candidate.way - b.candidate.way);
    const [first] = found;
    if (first === undefined) return undefined;
    const { candidate, isSure } = first;
    return {
      index: candidate.index,
      names: [...candidate.values.keys()],
      groups: candidate.groups.subarray(0, this.#rows),
      changed: candidate.changed,
      isSure,
    };
  }

  #isSure(candidate: Candidate): boolean {
    const { first, returned, moved, timed, tooFast, changes } = candidate;
    // Values in rows without a position have no first place.
    if (moved.size < first.filter((place: Place | undefined) => place !== undefined).length) return false;
    if (this.#goesBackWith(candidate)) return changes > 1 || this.#leapsWith(candidate);
    const takesTurns = returned.size * 2 > first.length;
    const isImpossible = timed > 0 ? tooFast * 2 > timed : changes * 2 >= this.#rows;
    return takesTurns && isImpossible && this.#saves(candidate, SHORTER.surely);
  }

  /** Whether one may tell vehicles apart, so that it is worth a note. */
  #mayBe(candidate: Candidate): boolean {
    return (
      this.#saves(candidate, SHORTER.perhaps) || this.#goesBackWith(candidate) || this.#leapsWith(candidate)
    );
  }

  /** Time goes back where one vehicle's rows end and the next one's begin, and nowhere else. */
  #goesBackWith({ back, changes }: Candidate): boolean {
    return changes > 0 && back === changes && back === this.#backs;
  }

  /** Whether the positions leap wherever the value changes. */
  #leapsWith({ boundaries, changes, way, entered, first }: Candidate): boolean {
    if (changes === 0 || changes > boundaries.length) return false;
    const usual = (way - entered) / Math.max(1, this.#rows - first.length);
    const least = Math.max(LEAST_SAVED, LEAP * usual);
    return boundaries.every((leg) => leg > least);
  }

  #saves({ way }: Candidate, part: number): boolean {
    return way < part * this.#way && this.#way - way > LEAST_SAVED;
  }
}

/** A row with the value of that number, `gone` milliseconds and a `leg` of meters after the row before. */
function visit(
  candidate: Candidate,
  group: number,
  row: { place: Place; where: Where; hasBegun: boolean; leg: number; gone: number; goesBack: boolean },
): void {
  const { place, where, hasBegun, leg, gone, goesBack } = row;
  const last = candidate.last[group];
  if (group === candidate.group) candidate.way += leg;
  else if (hasBegun) {
    if (candidate.changes++ === 0) candidate.changed = where;
    candidate.way += last === undefined ? leg : roughDistance(last, place);
    if (last === undefined) candidate.entered += leg;
    else candidate.returned.add(group);
    if (candidate.boundaries.length < MOST_VALUES) candidate.boundaries.push(leg);
    if (goesBack) candidate.back++;
    if (!Number.isNaN(gone)) {
      candidate.timed++;
      if (leg > TOO_FAST * Math.max(1, Math.abs(gone) / 1000)) candidate.tooFast++;
    }
  }
  const first = (candidate.first[group] ??= place);
  if (!candidate.moved.has(group) && roughDistance(first, place) > ONE_PLACE) candidate.moved.add(group);
  candidate.group = group;
  candidate.last[group] = place;
}

function grown(values: Uint16Array): Uint16Array {
  const more = new Uint16Array(values.length * 2);
  more.set(values);
  return more;
}
