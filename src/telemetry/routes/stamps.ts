import type { Findings } from './findings.ts';
import type { ReadPoint } from './readPoint.ts';
import type { Where } from './routeInvalid.ts';
import type { Stamp } from './timeText.ts';

/** Values that a spreadsheet has for days since 1899-12-30, from 1954 to 2119. */
const SHEET_DAYS = { from: 20_000, to: 80_000 };
const DAY_MS = 86_400_000;

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
  #others = 0;
  #least = Infinity;
  #most = -Infinity;
  #ambiguous: Where | undefined;
  #ambiguousText = '';
  #firstNumber: Where | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Gives a point what a text says of its time. */
  set(point: ReadPoint, text: string, stamp: Stamp | undefined, where: Where): void {
    if (stamp === undefined) {
      this.#findings.count('unreadTime', where, { text });
      return;
    }
    if (stamp.kind === 'date') {
      this.#findings.count('dateOnly', where, { text });
      return;
    }
    if (stamp.kind === 'number') {
      this.#numbers++;
      this.#firstNumber ??= where;
      this.#least = Math.min(this.#least, stamp.ms / 1000);
      this.#most = Math.max(this.#most, stamp.ms / 1000);
    } else {
      this.#others++;
      if (stamp.kind === 'clock') this.#clocks++;
    }
    if (stamp.order === 'dayFirst') this.#dayFirst++;
    if (stamp.order === 'monthFirst') this.#monthFirst++;
    if (stamp.monthFirst !== undefined && this.#ambiguous === undefined) {
      this.#ambiguous = where;
      this.#ambiguousText = text;
    }
    point.time = stamp.ms;
    point.monthFirst = stamp.monthFirst;
  }

  /** Decides for all points of the file. `eachPoint` visits them in the order of the file, as often as it is called. */
  async settle(eachPoint: (visit: (point: ReadPoint) => void) => Promise<void>): Promise<void> {
    if (this.#numbers > 0) await this.#settleNumbers(eachPoint);
    if (this.#clocks > 0 && this.#clocks === this.#others) await this.#settleClocks(eachPoint);
    if (this.#ambiguous === undefined) return;
    const monthFirst = await this.#isMonthFirst(eachPoint);
    if (monthFirst) {
      await eachPoint((point) => {
        point.time = point.monthFirst ?? point.time;
      });
    }
    if (this.#dayFirst + this.#monthFirst > 0 && (this.#dayFirst === 0 || this.#monthFirst === 0)) return;
    this.#findings.count(monthFirst ? 'readMonthFirst' : 'readDayFirst', this.#ambiguous, {
      text: this.#ambiguousText,
    });
  }

  /** What other dates of the file say; else the reading in which times go back less and span less. */
  async #isMonthFirst(eachPoint: (visit: (point: ReadPoint) => void) => Promise<void>): Promise<boolean> {
    if (this.#dayFirst !== this.#monthFirst) return this.#monthFirst > this.#dayFirst;
    const ways = [0, 0];
    const last: (number | undefined)[] = [undefined, undefined];
    await eachPoint(({ time, monthFirst }) => {
      for (const [i, reading] of [time, monthFirst ?? time].entries()) {
        const before = last[i];
        if (reading === undefined) continue;
        if (before !== undefined) ways[i] = (ways[i] ?? 0) + Math.abs(reading - before);
        last[i] = reading;
      }
    });
    const [dayFirst = 0, monthFirst = 0] = ways;
    return monthFirst < dayFirst;
  }

  /** Times of day without a date begin again at midnight. */
  async #settleClocks(eachPoint: (visit: (point: ReadPoint) => void) => Promise<void>): Promise<void> {
    let days = 0;
    let last = 0;
    await eachPoint((point) => {
      if (point.time === undefined) return;
      if (point.time < last - DAY_MS / 2) days++;
      last = point.time;
      point.time += days * DAY_MS;
    });
  }

  async #settleNumbers(eachPoint: (visit: (point: ReadPoint) => void) => Promise<void>): Promise<void> {
    const where = this.#firstNumber ?? {};
    if (this.#others > 0) {
      // A number among dates says nothing.
      this.#findings.count('unreadTime', where, { number: this.#numbers });
      await eachPoint((point) => {
        if (point.time !== undefined && Math.abs(point.time) < 1e11) point.time = undefined;
      });
      return;
    }
    const step = (this.#most - this.#least) / Math.max(1, this.#numbers - 1);
    const isDays = this.#least >= SHEET_DAYS.from && this.#most <= SHEET_DAYS.to && step < 0.02;
    this.#findings.count(isDays ? 'sheetDays' : 'secondsFromStart', where);
    if (!isDays) return;
    await eachPoint((point) => {
      if (point.time !== undefined) point.time = Math.round((point.time / 1000) * DAY_MS);
    });
  }
}
