import { numberOf } from './numbers.ts';

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
  /** Of a number: milliseconds of its unit, as the header says or as follows from when it would be. */
  unit?: number;
}

/** What the name of a column says of the times in it. */
export interface StampContext {
  /** Milliseconds of one unit of a number. */
  unit?: number | undefined;
  /** Whether they count from a beginning. */
  isElapsed?: boolean;
}

const LONGEST = 80;
/** The way most files write it, which the engine reads fastest. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
/** Devices with GPS are not older, and no date in a file of a drive lies beyond. */
const YEARS = { from: 1980, to: 2100 };
/** Numbers that count from 1970 are of this time; earlier ones would be milliseconds of a week, as receivers count. */
const SINCE_1970 = { from: Date.UTC(1990, 0), to: Date.UTC(2100, 0) };
/** Seconds, milli-, micro- and nanoseconds, in milliseconds. */
const NUMBER_UNITS = [1000, 1, 1e-3, 1e-6];

const CLOCK =
  /(\d{1,2})\s?[:h時时点시]\s?(\d{1,2})(?:\s?[:m分분']\s?(\d{1,2})(?:[.,:](\d{1,12}))?\s?(?:s|秒|초|'')?|\s?[分분]?)(?![\d:])/iu;
/** `06.30.00`, where nothing else is, or a date before it. */
const DOTTED_CLOCK = /^\s*(\d{1,2})\.([0-5]\d)\.([0-5]\d)(?:[.,](\d{1,12}))?(?=\s|$)/;
const DOTTED_INSIDE = /(?<![\d.])\d{1,2}\.[0-5]\d\.[0-5]\d(?:[.,]\d{1,12})?(?!\d)/;
/** `75:30` and `13:02.5`, as sheets show minutes and seconds. */
const MINUTES = /^(\d{1,3}):([0-5]\d)(?:[.,](\d{1,6}))?$/;
const HALF = /(?:^|[\s\d])([ap])\.?\s?m\.?(?![\p{L}])/iu;
/** As Japanese, Chinese and Korean put it before the clock. */
const AFTERNOON = /午後|午后|下午|晚上|오후/;
const FORENOON = /午前|上午|早上|凌晨|오전/;
const OFFSET = /(?:(?:gmt|utc)\s?)?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d|:)/i;
/** Year, month and day in this order; in Japanese with their names. */
const YEAR_FIRST = /^(\d{4})\s?[-/.:年년]\s?(\d{1,2})\s?[-/.:月월]\s?(\d{1,2})[日일]?(?=$|[^\d])/u;
const YEAR_LAST = /^(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?(?=$|[^\d])/u;
/** What may stand around a date and a clock: names of days, zones and words between them. */
const WORDS = /^[\p{L}\p{M}.,;:_\s()[\]/'-]*$/u;

export function readTime(text: string, context: StampContext = {}): Stamp | undefined {
  if (ISO.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return { kind: 'time', ms };
  }
  const trimmed = text.normalize('NFKC').trim();
  if (trimmed === '' || trimmed.length > LONGEST) return undefined;
  const number = numberOf(trimmed);
  if (!Number.isNaN(number)) return ofNumber(trimmed, number, context.unit);
  const minutes = minutesOf(trimmed, context.isElapsed === true);
  if (minutes !== undefined) return minutes;
  const compact = /^(\d{8})[T_ -](\d{4}|\d{6})(?:[.,](\d{1,12}))?(Z|[+-]\d{2}:?\d{2})?$/.exec(trimmed);
  if (compact !== null) {
    const [, date = '', time = '', fraction = '', zone = ''] = compact;
    const base = ofDigits(date + time.padEnd(6, '0'));
    if (base === undefined) return undefined;
    const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
    return { kind: 'time', ms: base.ms + fractionMs(fraction) - offsetMs(offset) };
  }
  const numeric = numericDate(trimmed);
  const date = numeric ?? namedDate(trimmed);
  const rest = date === undefined ? trimmed : date.rest;
  const clock = clockOf(rest);
  if (clock === undefined) {
    if (date === undefined || !WORDS.test(rest)) return undefined;
    const dotted = clockOf(trimmed)?.ms;
    return { ...date.stamp, kind: 'date', ...(dotted === undefined ? {} : { clock: dotted }) };
  }
  if (date !== undefined) return shifted({ ...date.stamp, kind: 'time' }, clock.ms);
  if (/\d{3}/.test(clock.rest)) return undefined;
  const twoParts = /^\d{1,2}:\d{2}$/.test(trimmed) ? { twoParts: 'perhaps' as const } : {};
  return { kind: 'clock', ms: clock.ms, ...twoParts };
}

/** Minutes and seconds: with a fraction, with more minutes than a day has hours, or where time is counted from a start. */
function minutesOf(text: string, isElapsed: boolean): Stamp | undefined {
  const [, minutes, seconds, fraction = ''] = MINUTES.exec(text) ?? [];
  if (minutes === undefined || !(isElapsed || fraction !== '' || Number(minutes) > 24)) return undefined;
  const ms = (Number(minutes) * 60 + Number(seconds)) * 1000 + fractionMs(fraction);
  return { kind: 'clock', ms: ms * 60, twoParts: 'minutes' };
}

/** A date and a time of day from two places. Digits may stand without anything between them, as loggers write them. */
export function joinTime(date: string, clock: string): Stamp | undefined {
  const day = readTime(date) ?? sixDigits(date);
  const isDay = day?.kind === 'date';
  const six = day?.kind === 'number' ? sixDigits(date) : undefined;
  const from = isDay ? day : six;
  const time = digitsOfClock(clock) ?? dottedClock(clock) ?? readTime(clock);
  // Without its hours a time of day belongs to no date.
  if (time?.twoParts === 'minutes') return time;
  // Either of the two may hold all of it.
  if (day?.kind === 'time' && !(time?.kind === 'time')) return day;
  if (time?.kind === 'time') return time;
  if (from === undefined || time?.kind !== 'clock') return from ?? time ?? day;
  return shifted({ ...from, kind: 'time' }, time.ms);
}

function ofNumber(text: string, number: number, unit: number | undefined): Stamp {
  const isSince1970 = (ms: number) => ms >= SINCE_1970.from && ms < SINCE_1970.to;
  if (unit !== undefined) {
    const ms = number * unit;
    return { kind: isSince1970(ms) ? 'time' : 'number', ms, unit };
  }
  const digits = /^\d{8}(?:\d{4}|\d{6}|\d{9})?$/.test(text) ? ofDigits(text) : undefined;
  if (digits !== undefined) return digits;
  const since1970 = NUMBER_UNITS.find((ms) => isSince1970(number * ms));
  // A division keeps more than a product with what is no binary fraction.
  if (since1970 !== undefined) {
    const ms = since1970 >= 1 ? number * since1970 : number / Math.round(1 / since1970);
    return { kind: 'time', ms, unit: since1970 };
  }
  const clock = /^\d{5,6}(?:\.\d{1,9})?$/.test(text) ? digitsOfClock(text)?.ms : undefined;
  return { kind: 'number', ms: number * 1000, ...(clock === undefined ? {} : { clock }) };
}

/** `20240514`, `202405140630`, `20240514063000` and with milliseconds. */
function ofDigits(digits: string): Stamp | undefined {
  const part = (from: number, to: number) => Number(digits.slice(from, to) || '0');
  if (part(0, 4) < YEARS.from || part(0, 4) > YEARS.to) return undefined;
  const day = dateMs(part(0, 4), part(4, 6), part(6, 8));
  const clock = clockMs(part(8, 10), part(10, 12), part(12, 14));
  if (day === undefined || clock === undefined) return undefined;
  return { kind: digits.length > 8 ? 'time' : 'date', ms: day + clock + part(14, 17) };
}

/** `240514` or `140524`: year or day first. */
function sixDigits(text: string): Stamp | undefined {
  const [, a = '', b = '', c = ''] = /^\s*(\d{2})(\d{2})(\d{2})\s*$/.exec(text) ?? [];
  const yearFirst = a === '' ? undefined : dateMs(2000 + Number(a), Number(b), Number(c));
  const yearLast = a === '' ? undefined : dateMs(2000 + Number(c), Number(b), Number(a));
  const ms = yearFirst ?? yearLast;
  if (ms === undefined) return undefined;
  return yearLast === undefined || yearFirst === undefined
    ? { kind: 'date', ms }
    : { kind: 'date', ms, monthFirst: yearLast };
}

/** `63000`, `063000.25`: hours, minutes and seconds as loggers and NMEA write them; a spreadsheet drops the zero. */
function digitsOfClock(text: string): Stamp | undefined {
  const [, digits, fraction = ''] = /^\s*(\d{1,6})(?:[.,](\d{1,9}))?\s*$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const all = digits.padStart(6, '0');
  const ms = clockMs(Number(all.slice(0, 2)), Number(all.slice(2, 4)), Number(all.slice(4)));
  return ms === undefined ? undefined : { kind: 'clock', ms: ms + fractionMs(fraction) };
}

function dottedClock(text: string): Stamp | undefined {
  const clock = DOTTED_CLOCK.test(text) ? clockOf(text) : undefined;
  return clock && { kind: 'clock', ms: clock.ms };
}

function numericDate(text: string): { stamp: Stamp; rest: string } | undefined {
  const first = YEAR_FIRST.exec(text);
  if (first !== null) {
    const ms = dateMs(Number(first[1]), Number(first[2]), Number(first[3]));
    return ms === undefined
      ? undefined
      : { stamp: { kind: 'date', ms }, rest: text.slice(first[0].length).replace(/^T/i, ' ') };
  }
  const last = YEAR_LAST.exec(text);
  if (last === null) return undefined;
  const [all, a, separator, b, written = ''] = last;
  const year = written.length === 2 ? 2000 + Number(written) : Number(written);
  const dayFirst = dateMs(year, Number(b), Number(a));
  const monthFirst = separator === '.' ? undefined : dateMs(year, Number(a), Number(b));
  const ms = dayFirst ?? monthFirst;
  if (ms === undefined) return undefined;
  const stamp: Stamp = { kind: 'date', ms };
  if (dayFirst !== undefined && monthFirst !== undefined) {
    if (dayFirst !== monthFirst) stamp.monthFirst = monthFirst;
  } else if (separator !== '.') stamp.order = dayFirst === undefined ? 'monthFirst' : 'dayFirst';
  return { stamp, rest: text.slice(all.length) };
}

/** Dates with the name of the month, such as `Tue, 14 May 2024` and `May 14 06:30:00 GMT+01:00 2024`. */
function namedDate(text: string): { stamp: Stamp; rest: string } | undefined {
  if (!/\p{L}{3}/u.test(text)) return undefined;
  const clock = (CLOCK.exec(text) ?? DOTTED_INSIDE.exec(text))?.[0] ?? '';
  // An offset stands behind the time of day; a hyphen before it belongs to the date.
  const tail = clock === '' ? '' : text.slice(text.indexOf(clock) + clock.length);
  const offset = OFFSET.exec(tail)?.[0] ?? '';
  const others = text.replace(clock, ' : ').replace(offset, ' ');
  const [yearText] = /(?<!\d)\d{4}(?!\d)/.exec(others) ?? [];
  // "14-May-24": the day comes first, as in all languages that write it so.
  const short = yearText === undefined ? DAY_MONTH_YEAR.exec(others) : null;
  if (short !== null) return ofShortDate(short, others, { clock, offset });
  const [dayText] = /(?<!\d)\d{1,2}(?!\d)/.exec(others.replace(yearText ?? '', ' ')) ?? [];
  const named = [...others.matchAll(/\p{L}[\p{L}\p{M}]{2,}/gu)].filter(([word]) => monthOf(word) > 0);
  // "mar. 14 mai": Tuesday in French, Spanish and Italian, where there is a month besides.
  const [word] = named.find(([it]) => named.length === 1 || it.toLowerCase() !== 'mar') ?? [];
  const month = word === undefined ? undefined : monthOf(word);
  if (yearText === undefined || dayText === undefined || month === undefined) return undefined;
  const left = others.replace(yearText, ' ').replace(dayText, ' ');
  if (/\d/.test(left)) return undefined;
  const ms = dateMs(Number(yearText), month, Number(dayText));
  if (ms === undefined) return undefined;
  const half = HALF.exec(others)?.[0] ?? '';
  return { stamp: { kind: 'date', ms }, rest: clock === '' ? '' : `${clock} ${half} ${offset}` };
}

const DAY_MONTH_YEAR = /(?<!\d)(\d{1,2})[-\s/.]+(\p{L}[\p{L}\p{M}]{2,})\.?[-\s/.,]+(\d{2})(?!\d)/u;

function ofShortDate(
  [all, day, word = '', year]: RegExpExecArray,
  text: string,
  { clock, offset }: { clock: string; offset: string },
): { stamp: Stamp; rest: string } | undefined {
  const month = monthOf(word);
  const left = text.replace(all, ' ');
  const ms = month === 0 || /\d/.test(left) ? undefined : dateMs(2000 + Number(year), month, Number(day));
  if (ms === undefined) return undefined;
  const half = HALF.exec(left)?.[0] ?? '';
  return { stamp: { kind: 'date', ms }, rest: clock === '' ? '' : `${clock} ${half} ${offset}` };
}

let months: ReadonlyMap<string, number> | undefined;

/** 1 to 12, or 0. The names are those of the languages that spreadsheets of Europe and America write. */
function monthOf(word: string): number {
  months ??= monthNames();
  return months.get(word.toLowerCase()) ?? 0;
}

function monthNames(): Map<string, number> {
  const names = new Map<string, number>();
  for (const locale of ['en', 'de', 'de-AT', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'sv', 'da', 'cs']) {
    for (const style of ['long', 'short'] as const) {
      const format = new Intl.DateTimeFormat(locale, { month: style, day: 'numeric', timeZone: 'UTC' });
      for (let month = 0; month < 12; month++) {
        const parts = format.formatToParts(Date.UTC(2024, month, 15));
        const name =
          parts
            .find(({ type }) => type === 'month')
            ?.value.toLowerCase()
            .replaceAll('.', '') ?? '';
        if (/\p{L}{3}/u.test(name) && !names.has(name)) names.set(name, month + 1);
      }
    }
  }
  return names;
}

function clockOf(text: string): { ms: number; rest: string } | undefined {
  const found = CLOCK.exec(text) ?? DOTTED_CLOCK.exec(text.replace(/^\s*T/i, ' '));
  if (found === null) return undefined;
  const [all, hours = '', minutes = '', seconds = '0', fraction = ''] = found;
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + all.length);
  const half = AFTERNOON.test(before)
    ? 'p'
    : FORENOON.test(before)
      ? 'a'
      : HALF.exec(after)?.[1]?.toLowerCase();
  let hour = Number(hours);
  if (half !== undefined && hour <= 12) hour = (hour % 12) + (half === 'p' ? 12 : 0);
  const ms = clockMs(hour, Number(minutes), Number(seconds));
  if (ms === undefined) return undefined;
  const offset = OFFSET.exec(after);
  const rest = `${before}${offset === null ? after : after.replace(offset[0], ' ')}`;
  // What is left must be words: a zone's name, "Uhr". Digits would be something that was not understood.
  if (!WORDS.test(rest)) return undefined;
  return { ms: ms + fractionMs(fraction) - offsetMs(offset), rest };
}

function fractionMs(digits: string): number {
  return digits === '' ? 0 : Math.round(Number(`0.${digits}`) * 1e6) / 1000;
}

function offsetMs(offset: RegExpExecArray | null): number {
  if (offset === null) return 0;
  const [, sign, hours, minutes = '0'] = offset;
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -ms : ms;
}

function clockMs(hours: number, minutes: number, seconds: number): number | undefined {
  // A leap second is the sixty-first of its minute.
  if (hours > 24 || minutes > 59 || seconds > 60) return undefined;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** Midnight in UTC; undefined if the calendar has no such day. The year 0 of a clock that was not set is a year. */
function dateMs(year: number, month: number, day: number): number | undefined {
  const ms = new Date(0).setUTCFullYear(year, month - 1, day);
  const date = new Date(ms);
  if (year < 1900 && month <= 1 && day <= 1) return new Date(0).setUTCFullYear(year, 0, 1);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : undefined;
}

function shifted(stamp: Stamp, ms: number): Stamp {
  const { monthFirst } = stamp;
  return {
    ...stamp,
    ms: stamp.ms + ms,
    ...(monthFirst === undefined ? {} : { monthFirst: monthFirst + ms }),
  };
}
