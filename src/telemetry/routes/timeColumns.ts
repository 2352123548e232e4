import type { Columns } from './csvColumns.ts';
import { NAMES } from './csvNames.ts';
import { isNothing } from './numbers.ts';
import { joinTime, readTime, type Stamp, type StampContext } from './timeText.ts';

/** What a row says of its time. */
export interface RowTime {
  text: string;
  stamp: Stamp | undefined;
}

type Found = { time: number; date?: number } | 'parts';

/** Finds the times of rows: what stands in the columns decides, not their names alone. */
export class TimeColumns {
  #columns: Columns;
  #found: Found | undefined;
  /** The column that was found by what stands in it. */
  #guessed: number | undefined;
  #perhaps: number | undefined;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Whether a name says where the times are. */
  get isNamed(): boolean {
    const { times, timeParts } = this.#columns;
    return times.length > 0 || timeParts !== undefined;
  }

  /** The name of a column that no name but its content shows to be that of the times. */
  get guessed(): string | undefined {
    return this.#guessed === undefined ? undefined : this.#columns.header?.[this.#guessed];
  }

  /** The name of one with numbers that may be times since 1970, or count something else. */
  get perhaps(): string | undefined {
    return this.#perhaps === undefined ? undefined : this.#columns.header?.[this.#perhaps];
  }

  /** A column whose time never changes tells when the file was written, if there is another whose does. */
  passOver(rows: readonly (readonly string[])[]): void {
    const { times } = this.#columns;
    const isWhole = (index: number) => rows.every((row) => readTime(row[index] ?? '')?.kind === 'time');
    const changes = (index: number) => new Set(rows.map((row) => row[index])).size > 1;
    const [first] = times;
    if (first === undefined || rows.length < 3 || !isWhole(first) || changes(first)) return;
    const better = times.find((index) => isWhole(index) && changes(index));
    if (better !== undefined)
      this.#columns = { ...this.#columns, times: [better, ...times.filter((index) => index !== better)] };
  }

  /** Looks at the first rows of a table whose header names no times. */
  guess(rows: readonly (readonly string[])[]): void {
    const { others, dates } = this.#columns;
    // What is called a date may be all of a time.
    if (dates.some((index) => rows.some((cells) => readTime(cells[index] ?? '')?.kind === 'time'))) return;
    const kinds = new Map<'time' | 'clock', number>();
    for (const index of others) {
      const kind = advancingKind(
        rows.map((cells) => cells[index]),
        this.#isCalledTime(index),
      );
      if (kind !== undefined && !kinds.has(kind)) kinds.set(kind, index);
    }
    const time = kinds.get('time') ?? kinds.get('clock');
    if (time === undefined) {
      this.#perhaps = others.find(
        (index) =>
          advancingKind(
            rows.map((cells) => cells[index]),
            true,
          ) === 'time',
      );
      return;
    }
    const isDate = (index: number) => rows.every((row) => readTime(row[index] ?? '')?.kind === 'date');
    const date = kinds.has('time') ? undefined : [...dates, ...others].find(isDate);
    this.#found = date === undefined ? { time } : { time, date };
    this.#guessed = time;
  }

  /** Undefined if the row has no time. */
  of(cells: readonly string[]): RowTime | undefined {
    // A column with the name of a time may be filled from a later row on.
    if (this.#guessed !== undefined && this.#columns.times.some((index) => !isNothing(cells[index]))) {
      this.#guessed = undefined;
      this.#found = undefined;
    }
    this.#found ??= this.#find(cells);
    if (this.#found === undefined) return undefined;
    const { day, clock } = this.#texts(this.#found, cells);
    if (day === undefined) {
      if (isNothing(clock)) return undefined;
      return { text: clock, stamp: this.#isDates() ? dateAlone(clock) : readTime(clock, this.#context()) };
    }
    if (isNothing(clock) && isNothing(day)) return undefined;
    return { text: `${day} ${clock}`, stamp: joinTime(day, clock) };
  }

  /** Whether a name that says something else speaks of a time, such as "time zone Europe/Berlin". */
  #isCalledTime(index: number): boolean {
    const words = this.#columns.header?.[index]?.toLowerCase().match(/\p{L}+/gu) ?? [];
    return words.some((word) => NAMES.time.includes(word));
  }

  /** Whether the only column that may hold times is called a date. */
  #isDates(): boolean {
    if (this.#found === undefined || this.#found === 'parts') return false;
    const { dates, times } = this.#columns;
    return dates.includes(this.#found.time) && !times.includes(this.#found.time);
  }

  #context(): StampContext {
    if (this.#found === undefined || this.#found === 'parts') return {};
    const { timeUnits, elapsed } = this.#columns;
    const { time } = this.#found;
    return { unit: timeUnits?.get(time), isElapsed: elapsed?.has(time) === true };
  }

  #texts(found: Found, cells: readonly string[]): { day: string | undefined; clock: string } {
    const cell = (index: number | undefined) => (index === undefined ? '' : (cells[index]?.trim() ?? ''));
    if (found !== 'parts') {
      return { day: found.date === undefined ? undefined : cell(found.date), clock: cell(found.time) };
    }
    const { timeParts: parts, dates } = this.#columns;
    const clock = [parts?.hour, parts?.minute, parts?.second]
      .map((index) => (index === undefined ? '00' : cell(index)))
      .map((text) => text.replace(/^(\d)(?=[.,]|$)/, '0$1').replace(/[.,]0*$/, ''))
      .join(':');
    if (clock === '::') return { day: '', clock: '' };
    if (parts?.year !== undefined && parts.month !== undefined && parts.day !== undefined) {
      const year = cell(parts.year);
      const fourDigits = /^\d\d$/.test(year) ? `20${year}` : year;
      return { day: `${fourDigits}-${cell(parts.month)}-${cell(parts.day)}`, clock };
    }
    const [date] = dates.filter((index) => index !== parts?.day);
    return { day: date === undefined ? undefined : cell(date), clock };
  }

  /** TIME may be a time of day, and DATE all of it. */
  #find(cells: readonly string[]): Found | undefined {
    const { times, dates, timeParts } = this.#columns;
    const filled = [...times, ...dates].filter((index) => !isNothing(cells[index]));
    const kindOf = (index: number) => readTime(cells[index] ?? '')?.kind;
    const whole = filled.find((index) => kindOf(index) === 'time');
    if (whole !== undefined) return { time: whole };
    if (timeParts !== undefined && cells[timeParts.hour] !== undefined) return 'parts';
    for (const time of times.filter((index) => filled.includes(index))) {
      const date = dates.find(
        (index) => index !== time && joinTime(cells[index] ?? '', cells[time] ?? '')?.kind === 'time',
      );
      if (date !== undefined) return { time, date };
    }
    const next =
      filled.find((index) => kindOf(index) === 'clock') ?? filled.find((index) => kindOf(index) === 'number');
    const rest = next ?? filled[0];
    return rest === undefined ? undefined : { time: rest };
  }
}

/** What stands in a column of dates: "14.05.24" and "140524" are no times of day there. */
function dateAlone(text: string): Stamp | undefined {
  const stamp = joinTime(text, '');
  if (stamp?.kind !== 'date') return stamp;
  const date = { ...stamp };
  delete date.clock;
  return date;
}

/**
 * The kind of the times in a column, if all that stands there is one and they do not go to and fro. Numbers may as well
 * count messages, unless a name speaks of times.
 */
function advancingKind(
  cells: readonly (string | undefined)[],
  areNumbers = false,
): 'time' | 'clock' | undefined {
  const filled = cells.filter((cell): cell is string => !isNothing(cell));
  if (filled.length < 2 || filled.length * 2 < cells.length) return undefined;
  const stamps = filled.map((cell) => readTime(cell));
  if (!areNumbers && stamps.some((stamp) => stamp?.unit !== undefined)) return undefined;
  const [first] = stamps;
  const kind = first?.kind;
  if (kind !== 'time' && kind !== 'clock') return undefined;
  const steps = stamps
    .slice(1)
    .map((stamp, i) => (stamp?.kind === kind ? stamp.ms - (stamps[i]?.ms ?? NaN) : NaN));
  const isSorted = steps.every((step) => step >= 0) || steps.every((step) => step <= 0);
  return isSorted && steps.some((step) => step !== 0) ? kind : undefined;
}
