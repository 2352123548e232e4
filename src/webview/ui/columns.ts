import type { MapScene } from '../../protocol/map.ts';
import type { MapWord } from '../../protocol/mapWords.ts';
import { conditionOf, conditions, placeNow, type Vehicle } from '../fleet/vehicle.ts';
import type { Format } from '../base/format.ts';
import type { Words } from '../base/words.ts';
import { linkText, phaseText } from './conditionText.ts';

export interface Column {
  readonly id: string;
  readonly word: MapWord;
  /** Whether it contains right-aligned numbers. */
  readonly figure: boolean;
  text(vehicle: Vehicle, words: Words, format: Format): string;
  /** The sort key. Undefined sorts last. */
  key(vehicle: Vehicle): number | string | undefined;
}

const figure = (
  id: string,
  word: MapWord,
  key: (vehicle: Vehicle) => number | undefined,
  text: (value: number, format: Format) => string,
): Column => ({
  id,
  word,
  figure: true,
  key,
  text: (vehicle, _words, format) => {
    const value = key(vehicle);
    return value === undefined ? '' : text(value, format);
  },
});

const count = (value: number, format: Format): string => format.count(value);

/** All columns. The first one is the row header. */
const all: readonly Column[] = [
  { id: 'vin', word: 'vin', figure: false, text: ({ vin }) => vin, key: ({ vin }) => vin },
  {
    id: 'state',
    word: 'state',
    figure: false,
    text: ({ now }, words) => (now.earlier ? words('phaseEarlier') : phaseText(words, now.phase)),
    // Sorts the most urgent conditions to one end.
    key: ({ now }) => conditions.indexOf(conditionOf(now)),
  },
  {
    id: 'link',
    word: 'connection',
    figure: false,
    text: ({ now }, words) => linkText(words, now.link),
    key: ({ now }) => now.link,
  },
  figure(
    'speed',
    'speed',
    ({ now }) => placeNow(now)?.speed,
    (value, format) => format.speed(value),
  ),
  figure(
    'heading',
    'heading',
    ({ now }) => now.place?.heading,
    (value, format) => format.heading(value),
  ),
  figure(
    'odometer',
    'odometer',
    ({ now }) => placeNow(now)?.odometer,
    (value, format) => format.distance(value),
  ),
  {
    id: 'fuel',
    word: 'fuelOrBattery',
    figure: true,
    text: ({ now }, _words, format) => {
      const place = placeNow(now);
      if (place === undefined) return '';
      if (place.charge !== undefined) return format.percent(place.charge);
      if (place.fuel !== undefined) return format.fuel(place.fuel);
      return place.fuelLevel === undefined ? '' : format.percent(place.fuelLevel);
    },
    // Liters and fractions are not comparable. Fractions get negative keys, so that each kind stays together.
    key: ({ now }) => {
      const place = placeNow(now);
      if (place?.charge !== undefined) return place.charge - 2;
      return place?.fuel ?? (place?.fuelLevel === undefined ? undefined : place.fuelLevel - 4);
    },
  },
  figure(
    'last',
    'lastMessage',
    ({ now }) => now.lastMessage?.time,
    (value, format) => format.time(value),
  ),
  figure('acknowledged', 'acknowledged', ({ now }) => now.acknowledged, count),
  figure('unacked', 'unacked', ({ now }) => now.unacked, count),
  figure('lost', 'lost', ({ now }) => now.lost, count),
  {
    id: 'codes',
    word: 'troubleCodes',
    figure: false,
    text: ({ now }) => [...new Set(now.troubleCodes)].join(' '),
    key: ({ now }) => now.troubleCodes.length,
  },
];

/** Columns about connections, which are unknown for other people's vehicles. */
const notWatched = new Set(['link', 'acknowledged', 'unacked', 'lost']);

export function columnsFor(source: MapScene['source'] | undefined): readonly Column[] {
  return source === 'watch' ? all.filter(({ id }) => !notWatched.has(id)) : all;
}

/** Returns the vehicles sorted by a column. Equal ones, and those without a value, are sorted by VIN. */
export function sorted(vehicles: readonly Vehicle[], column: Column, descending: boolean): Vehicle[] {
  const sign = descending ? -1 : 1;
  const keyed = vehicles.map((vehicle) => ({ vehicle, key: column.key(vehicle) }));
  keyed.sort((a, b) => {
    if (a.key !== b.key) {
      if (a.key === undefined) return 1;
      if (b.key === undefined) return -1;
      return a.key < b.key ? -sign : sign;
    }
    return a.vehicle.vin < b.vehicle.vin ? -1 : 1;
  });
  return keyed.map(({ vehicle }) => vehicle);
}
