/**
 * What a text says of a time. Milliseconds: since 1970 in UTC, of a `clock` since midnight. A time without a zone is
 * taken for UTC, so that it means the same on every computer; a drive needs only what lies between two times.
 */
export interface Stamp {
  /** `date` has no time of day, `clock` has no date, `number` counts from a beginning that it does not say. */
  kind: 'time' | 'date' | 'clock' | 'number';
  ms: number;
  /** The other reading of a date such as 03/04/2024, with the month first. */
  monthFirst?: number;
  /** If the date can be read in one order only, because the other has no such month. */
  order?: 'dayFirst' | 'monthFirst';
  /**
   * If a clock has two parts: `minutes` and seconds for sure, or `perhaps`, if not hours and minutes. `ms` is always that
   * of hours and minutes, sixty times as much.
   */
  twoParts?: 'minutes' | 'perhaps';
  /** What digits such as 063000, or the date 06.10.00, are as a time of day. */
  clock?: number;
  /**
   * Of a number: milliseconds of its unit, as the header says; of a time, as follows from when it would be.
   */
  unit?: number;
}

/** What the name of a column says of the times in it. */
export interface StampContext {
  /** Milliseconds of one unit of a number. */
  unit?: number | undefined;
  /** Whether they count from a beginning. */
  isElapsed?: boolean;
}
