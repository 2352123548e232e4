import { l10n, type Message } from '../../core/message.ts';
import type { Where } from './routeInvalid.ts';

/** What a reader noticed at single points, counted over the file; each kind becomes one note, with its first place. */
export type FindingKind = keyof typeof SENTENCES;

interface Finding {
  count: number;
  where: Where;
  text: string;
  number: number;
}

interface More {
  /** What stood there the first time. */
  text?: string;
  /** How many there are; 1 without it. */
  number?: number;
  /** The biggest value is kept. */
  most?: number;
}

/** The international mile. */
const KILOMETERS_A_MILE = 1.609344;
/** Characters of a cell that are shown. */
const SHOWN = 40;

export class Findings {
  readonly #found = new Map<FindingKind, Finding>();

  count(kind: FindingKind, where: Where, { text = '', number = 1, most = 0 }: More = {}): void {
    const known = this.#found.get(kind);
    if (known === undefined)
      this.#found.set(kind, { count: number, where, text: text.slice(0, SHOWN), number: most });
    else {
      known.count += number;
      known.number = Math.max(known.number, most);
    }
  }

  notes(): Message[] {
    return [...this.#found].map(([kind, finding]) =>
      SENTENCES[kind]({ ...finding, place: placeOf(finding.where) }),
    );
  }
}

/** "line 4", or the name of an element where lines mean nothing. */
export function placeOf({ line, element, index }: Where): Message {
  if (line !== undefined) return l10n.t('line {line}', { line });
  return l10n.verbatim(index === undefined ? (element ?? '?') : `${element ?? ''}[${index}]`);
}

type Shown = Omit<Finding, 'where'> & { place: Message };

const points = (count: number) => l10n.plural(count, l10n.t('1 point'), l10n.t('{count} points', { count }));
const times = (count: number) => l10n.plural(count, l10n.t('1 time'), l10n.t('{count} times', { count }));
const places = (count: number) => l10n.plural(count, l10n.t('1 place'), l10n.t('{count} places', { count }));
/** `ms` as days, hours, minutes or seconds, whichever is a number that one can read. */
function span(ms: number): Message {
  const [days, hours, minutes, seconds] = [86_400_000, 3_600_000, 60_000, 1000].map((unit) =>
    Math.round(ms / unit),
  );
  if ((days ?? 0) > 2) return l10n.t('{count} days', { count: days ?? 0 });
  if ((hours ?? 0) >= 3) return l10n.t('{count} hours', { count: hours ?? 0 });
  if ((minutes ?? 0) >= 10) return l10n.t('{count} minutes', { count: minutes ?? 0 });
  return l10n.t('{count} seconds', { count: seconds ?? 0 });
}

const UNITS_OF_TIME: Readonly<Record<string, () => Message>> & { seconds: () => Message } = {
  hours: () => l10n.t('hours'),
  minutes: () => l10n.t('minutes'),
  seconds: () => l10n.t('seconds'),
  milliseconds: () => l10n.t('milliseconds'),
  microseconds: () => l10n.t('microseconds'),
  nanoseconds: () => l10n.t('nanoseconds'),
};

const SENTENCES = {
  altitude: ({ count, place }: Shown) =>
    l10n.t('Left out because they are not numbers: {altitudes}, the first in {place}.', {
      altitudes: l10n.plural(count, l10n.t('1 altitude'), l10n.t('{count} altitudes', { count })),
      place,
    }),
  noAltitude: ({ count, place, text }: Shown) =>
    l10n.t('Left out because "{text}" is not an altitude in meters: {altitudes}, the first in {place}.', {
      altitudes: l10n.plural(count, l10n.t('1 altitude'), l10n.t('{count} altitudes', { count })),
      place,
      text,
    }),
  noPosition: ({ count, place }: Shown) =>
    l10n.t('Left out because there is no position: {points}, the first in {place}.', {
      points: points(count),
      place,
    }),
  noFix: ({ count, place, text }: Shown) =>
    l10n.t('Left out because "{text}" is not a real position: {points}, the first in {place}.', {
      points: points(count),
      place,
      text,
    }),
  invalidFix: ({ count, place, text }: Shown) =>
    l10n.t(
      'Left out because the file marks the position as invalid ("{text}"): {points}, the first in {place}.',
      {
        points: points(count),
        place,
        text,
      },
    ),
  units: ({ place }: Shown) => l10n.t('Left out: the units in {place}.', { place }),
  header: ({ count, place }: Shown) =>
    l10n.plural(
      count,
      l10n.t('Left out: the header, which is repeated in {place}.', { place }),
      l10n.t('Left out: the header, which is repeated {count} times, the first in {place}.', {
        count,
        place,
      }),
    ),
  semicircles: ({ place }: Shown) =>
    l10n.t('The coordinates in {place} are whole numbers: read as semicircles, as FIT has them.', { place }),
  e7: ({ place }: Shown) =>
    l10n.t('The coordinates in {place} are whole numbers: read as degrees times 10,000,000.', { place }),
  otherRows: ({ count, place, text }: Shown) =>
    l10n.t(
      'Left out because they do not begin with "{text}", as the header does: {rows}, the first in {place}.',
      {
        rows: l10n.plural(count, l10n.t('1 row'), l10n.t('{count} rows', { count })),
        place,
        text,
      },
    ),
  timeColumn: ({ text }: Shown) =>
    l10n.t('No header says where the times are: they are read from the column "{text}".', { text }),
  perhapsTimes: ({ text }: Shown) =>
    l10n.t(
      'No header says where the times are. If the numbers in the column "{text}" count from 1970, call it timestamp.',
      { text },
    ),
  eachRowNamed: ({ text }: Shown) =>
    l10n.t('The column "{text}" differs in every row: all rows are one route.', { text }),
  letterOEast: ({ place, text }: Shown) =>
    l10n.t(
      'The letter O is read as east, as in German, the first in {place} ("{text}"). Write E or W if it is not.',
      {
        place,
        text,
      },
    ),
  letterOWest: ({ place, text }: Shown) =>
    l10n.t(
      'The letter O is read as west, as in French, Spanish and Italian, the first in {place} ("{text}"). Write E or W if it is not.',
      { place, text },
    ),
  unreadTime: ({ count, place, text }: Shown) =>
    l10n.t('Left out because they could not be read: {times}, the first in {place} ("{text}").', {
      times: times(count),
      place,
      text,
    }),
  dateOnly: ({ count, place, text }: Shown) =>
    l10n.t('Left out because there is no time of day: {times}, the first in {place} ("{text}").', {
      times: times(count),
      place,
      text,
    }),
  readDayFirst: ({ place, text }: Shown) =>
    l10n.t(
      'Some dates can be read two ways. They were read with the day first, such as "{text}" in {place}.',
      {
        place,
        text,
      },
    ),
  readMonthFirst: ({ place, text }: Shown) =>
    l10n.t(
      'Some dates can be read two ways. They were read with the month first, such as "{text}" in {place}.',
      {
        place,
        text,
      },
    ),
  numbersFromStart: ({ place, text }: Shown) =>
    l10n.t('The times are numbers without a date, the first in {place}: read as {unit}.', {
      place,
      unit: (UNITS_OF_TIME[text] ?? UNITS_OF_TIME.seconds)(),
    }),
  digitsOfClock: ({ place }: Shown) =>
    l10n.t('The times are digits without a date, the first in {place}: read as hours, minutes and seconds.', {
      place,
    }),
  minutesAndSeconds: ({ place }: Shown) =>
    l10n.t('The times have two parts, the first in {place}: read as minutes and seconds.', { place }),
  sheetDays: ({ place }: Shown) =>
    l10n.t('The times are numbers, the first in {place}: read as the days that a spreadsheet counts.', {
      place,
    }),
  julianDays: ({ place }: Shown) =>
    l10n.t('The times are numbers, the first in {place}: read as Julian dates.', { place }),
  unpaired: ({ count, place }: Shown) =>
    l10n.plural(
      count,
      l10n.t('The numbers of times and positions differ in {place}: paired in order.', { place }),
      l10n.t(
        'The numbers of times and positions differ in {count} lines, the first in {place}: paired in order.',
        { count, place },
      ),
    ),
  absurdTime: ({ count, place }: Shown) =>
    l10n.t('Left out because they do not fit the times around them: {times}, the first in {place}.', {
      times: times(count),
      place,
    }),
  backwards: ({ place }: Shown) =>
    l10n.t('The file begins with the newest point, in {place}: driven in the order of the times.', { place }),
  unsorted: ({ count, place }: Shown) =>
    l10n.t(
      'Not in the order of their times: {points}, the first in {place}. Driven in the order of the times.',
      {
        points: points(count),
        place,
      },
    ),
  clockBack: ({ count, place, number }: Shown) =>
    l10n.t(
      'The clock jumps back at {places}, the first in {place}, by {span}: read as if it had kept running.',
      {
        places: places(count),
        place,
        span: span(number),
      },
    ),
  equalTimes: ({ count, place }: Shown) =>
    l10n.t('Equal times were spread evenly up to the next one: {points}, the first in {place}.', {
      points: points(count),
      place,
    }),
  allEqualTimes: ({ place }: Shown) =>
    l10n.t('All times are the same, the first in {place}: the route is driven as if it had no times.', {
      place,
    }),
  withoutTime: ({ count, place }: Shown) =>
    l10n.t(
      'No time, between points that have one: {points}, the first in {place}. Driven at an even speed in between.',
      {
        points: points(count),
        place,
      },
    ),
  gap: ({ count, place, number }: Shown) =>
    l10n.plural(
      count,
      l10n.t(
        'No point for {span} after {place}: the pause was cut to the time it takes to drive to the next point.',
        {
          place,
          span: span(number),
        },
      ),
      l10n.t(
        'No point for more than 10 minutes at {count} places, the first after {place}, the longest for {span}: the pauses were cut to the time it takes to drive to the next point.',
        { count, place, span: span(number) },
      ),
    ),
  stay: ({ count, place, number }: Shown) =>
    l10n.t(
      'The position drifted while the vehicle stood still: {points} were merged into stops, the first in {place}. The longest stop is {span}.',
      { points: points(count), place, span: span(number) },
    ),
  tooFast: ({ count, place, number }: Shown) =>
    l10n.t(
      'Faster than 250 km/h (155 mph) on the way to {points}, the first in {place}, up to {speed} km/h ({mph} mph). Driven as recorded.',
      {
        points: points(count),
        place,
        speed: Math.round(number),
        mph: Math.round(number / KILOMETERS_A_MILE),
      },
    ),
  farApart: ({ count, place, number }: Shown) =>
    l10n.t(
      'Far from the previous point: {points}, the first in {place}, up to {distance} km ({miles} mi). Driven in a straight line.',
      {
        points: points(count),
        place,
        distance: Math.round(number),
        miles: Math.round(number / KILOMETERS_A_MILE),
      },
    ),
} as const;
