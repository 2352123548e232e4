import { CLOCK, dateMs, HALF, namedDate, numericDate, OFFSET } from './dateText.ts';
import { numberOf } from './numbers.ts';
import type { Stamp, StampContext } from './stamp.ts';

export type { Stamp, StampContext } from './stamp.ts';

const LONGEST = 80;
/** The way most files write it, which the engine reads fastest. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
/** Devices with GPS are not older, and no date in a file of a drive lies beyond. */
const YEARS = { from: 1980, to: 2100 };
/** Numbers that count from 1970 are of this time; earlier ones would be milliseconds of a week, as receivers count. */
const SINCE_1970 = { from: Date.UTC(1990, 0), to: Date.UTC(2100, 0) };
/** Seconds, milli-, micro- and nanoseconds, in milliseconds. */
const NUMBER_UNITS = [1000, 1, 1e-3, 1e-6];

/** `06.30.00`, where nothing else is, or a date before it. */
const DOTTED_CLOCK = /^\s*(\d{1,2})\.([0-5]\d)\.([0-5]\d)(?:[.,](\d{1,12}))?(?=\s|$)/;
/** `75:30` and `13:02.5`, as sheets show minutes and seconds. */
const MINUTES = /^(\d{1,3}):([0-5]\d)(?:[.,](\d{1,6}))?$/;
/** As Japanese, Chinese and Korean put it before the clock. */
const AFTERNOON = /午後|午后|下午|晚上|오후/;
const FORENOON = /午前|上午|早上|凌晨|오전/;
/** What may stand around a date and a clock: names of days, zones and words between them. */
const WORDS = /^[\p{L}\p{M}.,;:_\s()[\]/'-]*$/u;

export function readTime(text: string, context: StampContext = {}): Stamp | undefined {
  if (ISO.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return { kind: 'time', ms };
  }
  const trimmed = text.normalize('NFKC').trim();
  if (trimmed === '' || trimmed.length > LONGEST) return undefined;
  // JSON of .NET; the zone is that of the clock on the wall, not of the number.
  const [, sinceEpoch] = /^\\?\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?\/$/.exec(trimmed) ?? [];
  if (sinceEpoch !== undefined) return { kind: 'time', ms: Number(sinceEpoch) };
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
    const ms = unit >= 1 ? number * unit : number / Math.round(1 / unit);
    // There is nothing to find out where the header says the unit.
    return isSince1970(ms) ? { kind: 'time', ms } : { kind: 'number', ms, unit };
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

function shifted(stamp: Stamp, ms: number): Stamp {
  const { monthFirst } = stamp;
  return {
    ...stamp,
    ms: stamp.ms + ms,
    ...(monthFirst === undefined ? {} : { monthFirst: monthFirst + ms }),
  };
}
