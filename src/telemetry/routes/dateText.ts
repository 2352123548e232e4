import type { Stamp } from './stamp.ts';

/** A time of day. */
export const CLOCK =
  /(\d{1,2})\s?[:h時时点시]\s?(\d{1,2})(?:\s?[:m分분']\s?(\d{1,2})(?:[.,:](\d{1,12}))?\s?(?:s|秒|초|'')?|\s?[分분]?)(?![\d:])/iu;
const DOTTED_INSIDE = /(?<![\d.])\d{1,2}\.[0-5]\d\.[0-5]\d(?:[.,]\d{1,12})?(?!\d)/;
/** Before or after noon, in English. */
export const HALF = /(?:^|[\s\d])([ap])\.?\s?m\.?(?![\p{L}])/iu;
/** From UTC. */
export const OFFSET = /(?:(?:gmt|utc)\s?)?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d|:)/i;
/** Year, month and day in this order; in Japanese with their names. */
const YEAR_FIRST = /^(\d{4})\s?[-/.:年년]\s?(\d{1,2})\s?[-/.:月월]\s?(\d{1,2})[日일]?(?=$|[^\d])/u;
const YEAR_LAST = /^(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?(?=$|[^\d])/u;

/** A date of digits at the beginning of a text, and what stands behind it. */
export function numericDate(text: string): { stamp: Stamp; rest: string } | undefined {
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
export function namedDate(text: string): { stamp: Stamp; rest: string } | undefined {
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

/** Midnight in UTC; undefined if the calendar has no such day. The year 0 of a clock that was not set is a year. */
export function dateMs(year: number, month: number, day: number): number | undefined {
  const ms = new Date(0).setUTCFullYear(year, month - 1, day);
  const date = new Date(ms);
  if (year < 1900 && month <= 1 && day <= 1) return new Date(0).setUTCFullYear(year, 0, 1);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : undefined;
}
