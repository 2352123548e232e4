import type { Findings } from './findings.ts';
import type { ReadPoint } from './readPoint.ts';
import type { Where } from './routeInvalid.ts';
import { driveSpeeds, isDriven, isDrivenSurely } from './speeds.ts';
import type { Stamp } from './timeText.ts';

/** Values that a spreadsheet has for days since 1899-12-30, from 1954 to 2119. */
const SHEET_DAYS = { from: 20_000, to: 80_000 };
/** Julian dates, the days of astronomers, from 1968 to 2105. */
const JULIAN_DAYS = { from: 2_440_000, to: 2_490_000 };
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Minutes and seconds since the start begin below this, in milliseconds. */
const START_MS = 120_000;
/** Milliseconds. What counts how long it has been on writes more often. */
const LOG_STEP = 10_000;
/** The part of the steps that are one second, where each second has a row. */
const EACH_SECOND = 0.8;

/**
 * The times of a file, which are understood together: whether the day stands before the month, and what numbers
 * without a beginning count.
 */
export class Stamps {
  readonly #findings: Findings;
  #dayFirst = 0;
  #monthFirst = 0;
  #numbers = 0;
  #clocks = 0;
  /** Clocks of two parts, and those of them that are minutes and seconds for sure. */
  #twoParts = 0;
  #minutes = 0;
  #firstMinutes: Where | undefined;
  /** Numbers that can be a time of day in digits, and those whose unit the header says. */
  #digits = 0;
  #unit: number | undefined;
  /** Times that are numbers since 1970, in which unit. */
  #since1970 = 0;
  #others = 0;
  #least = Infinity;
  #most = -Infinity;
  #ambiguous: Where | undefined;
  #ambiguousText = '';
  #firstNumber: Where | undefined;
  #firstText = '';

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Gives a point what a text says of its time. */
  set(point: ReadPoint, text: string, stamp: Stamp | undefined, where: Where): void {
    if (stamp === undefined) {
      this.#findings.count('unreadTime', where, { text });
      return;
    }
    if (stamp.kind === 'date' && stamp.clock !== undefined) {
      // A date without a time of day is no time; "06.10.00" is one in some countries.
      this.set(point, text, { kind: 'clock', ms: stamp.clock }, where);
      return;
    }
    if (stamp.kind === 'date') {
      this.#findings.count('dateOnly', where, { text });
      return;
    }
    if (stamp.kind === 'number') {
      this.#numbers++;
      if (this.#firstNumber === undefined) this.#firstText = text;
      this.#firstNumber ??= where;
      this.#least = Math.min(this.#least, stamp.ms / 1000);
      this.#most = Math.max(this.#most, stamp.ms / 1000);
      if (stamp.clock !== undefined) this.#digits++;
      this.#unit = stamp.unit;
    } else {
      this.#others++;
      if (stamp.kind === 'clock') this.#clocks++;
      if (stamp.twoParts !== undefined) this.#twoParts++;
      if (stamp.twoParts === 'minutes') this.#minutes++;
      if (stamp.twoParts !== undefined) this.#firstMinutes ??= where;
      if (stamp.unit !== undefined) {
        this.#since1970++;
        this.#firstNumber ??= where;
        this.#unit = stamp.unit;
      }
    }
    if (stamp.order === 'dayFirst') this.#dayFirst++;
    if (stamp.order === 'monthFirst') this.#monthFirst++;
    if (stamp.monthFirst !== undefined && this.#ambiguous === undefined) {
      this.#ambiguous = where;
      this.#ambiguousText = text;
    }
    point.time = stamp.ms;
    point.otherTime = stamp.twoParts === undefined ? stamp.monthFirst : stamp.ms / 60;
  }

  /** Decides for all points of the file. `eachPoint` visits them in the order of the file, as often as it is called. */
  async settle(eachPoint: EachPoint): Promise<void> {
    if (this.#numbers > 0) await this.#settleNumbers(eachPoint);
    if (this.#clocks > 0 && this.#clocks === this.#others) await this.#settleClocks(eachPoint);
    if (this.#since1970 > 0 && this.#since1970 === this.#others) await this.#settleSince1970(eachPoint);
    if (this.#ambiguous === undefined) return;
    const monthFirst = await this.#isMonthFirst(eachPoint);
    if (monthFirst) {
      await eachPoint((point) => {
        point.time = point.otherTime ?? point.time;
      });
    }
    if (this.#dayFirst + this.#monthFirst > 0 && (this.#dayFirst === 0 || this.#monthFirst === 0)) return;
    this.#findings.count(monthFirst ? 'readMonthFirst' : 'readDayFirst', this.#ambiguous, {
      text: this.#ambiguousText,
    });
  }

  /** What other dates of the file say; else the reading in which times go back less and span less. */
  async #isMonthFirst(eachPoint: EachPoint): Promise<boolean> {
    if (this.#dayFirst !== this.#monthFirst) return this.#monthFirst > this.#dayFirst;
    const [dayFirst, monthFirst] = await spans(eachPoint);
    return monthFirst < dayFirst;
  }

  /** Times of day without a date begin again at midnight; minutes and seconds, with the hour. */
  async #settleClocks(eachPoint: EachPoint): Promise<void> {
    const isMinutes = await this.#areMinutes(eachPoint);
    if (isMinutes) this.#findings.count('minutesAndSeconds', this.#firstMinutes ?? {});
    // Beside hours, minutes and seconds do not begin again with the hour.
    const round = isMinutes && this.#twoParts === this.#clocks ? HOUR_MS : DAY_MS;
    let rounds = 0;
    let last = 0;
    await eachPoint((point) => {
      if (point.time === undefined) return;
      const time = isMinutes ? (point.otherTime ?? point.time) : point.time;
      if (time < last - round / 2) rounds++;
      last = time;
      point.time = time + rounds * round;
    });
  }

  /** Whether clocks of two parts are minutes and seconds. */
  async #areMinutes(eachPoint: EachPoint): Promise<boolean> {
    if (this.#twoParts === 0) return false;
    if (this.#twoParts < this.#clocks) {
      // "59:59" before "1:00:00", or "06:30" among "06:30:05" where seconds of zero are not written.
      const [hours, minutes] = await spans(eachPoint);
      return minutes < hours;
    }
    if (this.#minutes > 0) return true;
    if (!isDrivenSurely(await driveSpeeds(eachPoint), 60)) return false;
    let first: number | undefined;
    let [steps, seconds] = [0, 0];
    let last: number | undefined;
    await eachPoint(({ otherTime }) => {
      if (otherTime === undefined) return;
      first ??= otherTime;
      if (last !== undefined) steps++;
      if (last !== undefined && Math.round(otherTime - last) === 1000) seconds++;
      last = otherTime;
    });
    return (first ?? Infinity) < START_MS || seconds > EACH_SECOND * steps;
  }

  /** How long a device has been on, in a unit in which it looks like a time since 1970 in the next bigger one. */
  async #settleSince1970(eachPoint: EachPoint): Promise<void> {
    const unit = (this.#unit ?? 1000) / 1000;
    if (
      UNIT_NAMES.get(unit) === undefined ||
      !(await isLogged(eachPoint, 1000 * LOG_STEP)) ||
      !isDrivenSurely(await driveSpeeds(eachPoint), 1000)
    )
      return;
    this.#findings.count('numbersFromStart', this.#firstNumber ?? {}, { text: UNIT_NAMES.get(unit) ?? '' });
    await eachPoint((point) => {
      if (point.time !== undefined) point.time /= 1000;
    });
  }

  async #settleNumbers(eachPoint: EachPoint): Promise<void> {
    const where = this.#firstNumber ?? {};
    if (this.#others > 0) {
      // A number among dates says nothing.
      this.#findings.count('unreadTime', where, { number: this.#numbers });
      await eachPoint((point) => {
        if (point.time !== undefined && Math.abs(point.time) < 1e11) point.time = undefined;
      });
      return;
    }
    const say = (unit: string) => this.#findings.count('numbersFromStart', where, { text: unit });
    if (this.#unit !== undefined) {
      say(UNIT_NAMES.get(this.#unit) ?? 'seconds');
      return;
    }
    if (this.#digits === this.#numbers) {
      this.#findings.count('digitsOfClock', where);
      await eachPoint((point) => {
        if (point.time === undefined) return;
        const digits = point.time / 1000;
        const seconds =
          Math.floor(digits / 10_000) * 3600 + (Math.floor(digits / 100) % 100) * 60 + (digits % 100);
        point.time = Math.round(seconds * 1e6) / 1e3;
      });
      this.#twoParts = 0;
      this.#clocks = 1;
      await this.#settleClocks(eachPoint);
      this.#clocks = 0;
      return;
    }
    if (await goesToAndFro(eachPoint)) {
      // A temperature under a name that means times in another language.
      this.#findings.count('unreadTime', where, { number: this.#numbers, text: this.#firstText });
      await eachPoint((point) => {
        point.time = undefined;
      });
      return;
    }
    const step = (this.#most - this.#least) / Math.max(1, this.#numbers - 1);
    const isWithin = ({ from, to }: typeof SHEET_DAYS) =>
      this.#least >= from && this.#most <= to && step < 0.02;
    const days = isWithin(SHEET_DAYS) ? 'sheetDays' : isWithin(JULIAN_DAYS) ? 'julianDays' : undefined;
    if (days !== undefined) {
      this.#findings.count(days, where);
      await eachPoint((point) => {
        if (point.time !== undefined) point.time = Math.round((point.time / 1000) * DAY_MS);
      });
      return;
    }
    const speeds = await driveSpeeds(eachPoint);
    const smaller = [1, 1e-3, 1e-6].find((unit) => isDrivenSurely(speeds, 1000 / unit));
    const unit = isDriven(speeds.fast) ? 1000 : (smaller ?? 1000);
    say(UNIT_NAMES.get(unit) ?? 'seconds');
    if (unit === 1000) return;
    const divisor = Math.round(1000 / unit);
    await eachPoint((point) => {
      if (point.time !== undefined) point.time /= divisor;
    });
  }
}

export type EachPoint = (visit: (point: ReadPoint) => void) => Promise<void>;

/** How far times go to and fro, in the first and in the other reading. */
async function spans(eachPoint: EachPoint): Promise<[first: number, other: number]> {
  const ways: [number, number] = [0, 0];
  const last: [number | undefined, number | undefined] = [undefined, undefined];
  await eachPoint(({ time, otherTime }) => {
    for (const i of [0, 1] as const) {
      const reading = i === 0 ? time : (otherTime ?? time);
      const before = last[i];
      if (reading === undefined) continue;
      if (before !== undefined) ways[i] += Math.abs(reading - before);
      last[i] = reading;
    }
  });
  return ways;
}

/** By milliseconds of the unit; the words are keys of the sentences that say it. */
const UNIT_NAMES: ReadonlyMap<number, string> = new Map([
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1000, 'seconds'],
  [1, 'milliseconds'],
  [1e-3, 'microseconds'],
  [1e-6, 'nanoseconds'],
]);

/** Parts of the steps that go back: more and fewer than between these, and points are in some order of their times. */
const TO_AND_FRO = { from: 0.2, to: 0.8 };
/** Steps that show it. */
const LEAST_STEPS = 10;

/** Whether most points follow the one before within so many milliseconds. */
async function isLogged(eachPoint: EachPoint, within: number): Promise<boolean> {
  let [steps, short] = [0, 0];
  let last: number | undefined;
  await eachPoint(({ time }) => {
    if (time === undefined) return;
    if (last !== undefined) steps++;
    if (last !== undefined && Math.abs(time - last) <= within) short++;
    last = time;
  });
  return short * 2 > steps;
}

async function goesToAndFro(eachPoint: EachPoint): Promise<boolean> {
  let [steps, back] = [0, 0];
  let last: number | undefined;
  await eachPoint(({ time }) => {
    if (time === undefined) return;
    if (last !== undefined && time !== last) {
      steps++;
      if (time < last) back++;
    }
    last = time;
  });
  return steps >= LEAST_STEPS && back > TO_AND_FRO.from * steps && back < TO_AND_FRO.to * steps;
}
