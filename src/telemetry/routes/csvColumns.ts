import { defined } from '../../core/defined.ts';
import type { LetterO } from './coordinate.ts';
import {
  isTrackName,
  letterOIn,
  NAMES,
  saidOtherwise,
  TELLS_LESS,
  timePartsIn,
  timeUnitOf,
  type Role,
  type TimeParts,
} from './csvNames.ts';
import { readTime } from './timeText.ts';

/** Where the columns of a table are, counted from 0. */
export interface Columns {
  latitude: number;
  longitude: number;
  altitude?: number;
  /** Meters of one unit of the altitude. */
  altitudeUnit?: number;
  /** Columns that may hold times, the most telling first. */
  times: readonly number[];
  /** Columns that may hold dates without a time of day. */
  dates: readonly number[];
  /** Columns with N or S, and E or W. */
  northSouth?: number;
  eastWest?: number;
  /** Whether the position of a row is valid. */
  valid?: number;
  /** Milliseconds of one unit of the times in a column, where its name says so. */
  timeUnits?: ReadonlyMap<number, number>;
  /** Columns of times that count from a beginning. */
  elapsed?: ReadonlySet<number>;
  /** Columns of a year, a month and so on. */
  timeParts?: TimeParts;
  /** Columns that name the vehicle or the trip. */
  tracks: readonly number[];
  /** Columns whose names say nothing, or something that is not read: what stands in them may tell more. */
  others: readonly number[];
  /** What stands in the header, for the sentences. */
  header?: readonly string[];
  /** The one that may do so, or may number the rows. */
  id?: number;
  /** If the language of the header tells what the letter O means. */
  letterO?: LetterO;
  /** Whether the coordinates are called x and y only. */
  isXy?: boolean;
  /** Units of the coordinates in a degree. */
  perDegree: number;
  /** If latitude and longitude stand in one cell, which is then the column of both. */
  pair?: 'latitudeFirst' | 'longitudeFirst';
}

/** How many of a unit are in a degree. */
const ANGLES: Readonly<Record<string, number>> = {
  ...{ rad: Math.PI / 180, radian: Math.PI / 180, radians: Math.PI / 180 },
  ...{ semicircle: 2 ** 31 / 180, semicircles: 2 ** 31 / 180 },
  ...{ e7: 1e7, e6: 1e6, udeg: 1e6, µdeg: 1e6, μdeg: 1e6, microdegrees: 1e6, mdeg: 1e3, millidegrees: 1e3 },
  ...{ arcsec: 3600, arcseconds: 3600, mas: 3_600_000, gon: 400 / 360 },
};
/** Units in a header, and the words that stand for nothing else. */
const UNITS = new Set(['deg', 'degree', 'degrees', 'grad', 'm', 'meter', 'meters', 'metres', 'wgs84', 'wgs', 'decimal', 'dd', 'gcs', 'msl', 'utc', 'iso', 'iso8601', 's', 'sec', 'secs', 'seconds', 'ms', 'msec', 'millis', 'milliseconds', 'us', 'µs', 'μs', 'micros', 'microseconds', 'ns', 'nanos', 'nanoseconds', 'local', 'ft', 'feet', 'e7', 'e6', '°', ...Object.keys(ANGLES)]); // prettier-ignore
/** A prefix that says of whose position a column is; lower is closer to the vehicle's own. */
const PREFIXES: Readonly<Record<string, number>> = { gps: 1, gnss: 1, position: 2, pos: 2, location: 2, loc: 2, geo: 2, point: 2, coords: 2, coordinates: 2, coordinate: 2, current: 2, map: 2, vehicle: 2, start: 3, begin: 3, from: 3, pickup: 3, origin: 3, end: 6, stop: 6, to: 6, dest: 6, destination: 6, dropoff: 6, home: 6 }; // prettier-ignore
/** A column with one of these says how good a value is, or how long something took. */
const NOT_ITSELF = new Set(['accuracy', 'acc', 'error', 'err', 'std', 'sigma', 'stddev', 'dilution', 'delta', 'diff', 'velocity', 'speed', 'vel', 'hdop', 'vdop', 'range', 'count', 'zone', 'offset', 'timezone', 'ref', 'reference', 'hemisphere', 'hemi', 'indicator', 'dir', 'direction', 'ew']); // prettier-ignore
const DURATION = new Set([
  'elapsed',
  'duration',
  'moving',
  'travel',
  'since',
  'lap',
  'remaining',
  'idle',
  'dauer',
]);
/** x, y and z may be anything; they are coordinates only where nothing else is. */
const TELLS_LITTLE = 10;
const PREFIX_OF_OTHERS = 4;

/** Columns of one role that are looked at; a table has one or two, one that was made to be costly any number. */
const MOST_OF_A_ROLE = 100;
/** Columns that are looked into in each row, to find its time or its name. */
const MOST_A_ROW = 10;
/** Columns of which nothing is known, but perhaps by what stands in them. */
const MOST_OTHERS = 100;

interface Named {
  role: Role;
  index: number;
  /** What stands before the name, such as `gps`. */
  prefix: string;
  /** Lower tells more. */
  rank: number;
  words: readonly string[];
}

/** The columns under a header; undefined if it names no latitude and longitude. */
export function columnsOf(header: readonly string[]): Columns | undefined {
  const words = header.map(wordsOf);
  const named = words.flatMap((it, index) => rolesOf(it, index));
  const both = bothIn(words);
  const pair = pairOf(named) ?? (both && { latitude: both, longitude: both });
  if (pair === undefined) return undefined;
  const { latitude, longitude } = pair;
  const isXy = latitude.rank >= TELLS_LITTLE;
  const [altitude] = best(named, 'altitude').filter(({ rank }) => rank < TELLS_LITTLE || isXy);
  const find = (wanted: ReadonlySet<string>) => words.findIndex((it) => wanted.has(it.join(' ')));
  const times = best(named, 'time', MOST_A_ROW).map(({ index }) => index);
  const timeParts = timePartsIn(words);
  const columns: Columns = {
    latitude: latitude.index,
    longitude: longitude.index,
    times,
    dates: best(named, 'date', MOST_A_ROW).map(({ index }) => index),
    timeUnits: new Map(
      times.flatMap((index) => {
        const unit = timeUnitOf(words[index] ?? []);
        return unit === undefined ? [] : [[index, unit] as const];
      }),
    ),
    elapsed: new Set(times.filter((index) => words[index]?.some((word) => DURATION.has(word)))),
    tracks: words.flatMap((it, index) => (isTrackName(it) ? [index] : [])).slice(0, MOST_A_ROW),
    others: [],
    header,
    perDegree: perDegreeOf(header[latitude.index] ?? '', latitude.words),
    isXy,
    ...defined({ letterO: letterOIn(words), timeParts }),
  };
  if (latitude === longitude && both !== undefined) columns.pair = both.order;
  if (altitude !== undefined) {
    columns.altitude = altitude.index;
    if (altitude.words.some((word) => word === 'ft' || word === 'feet')) columns.altitudeUnit = 0.3048;
  }
  for (const [key, wanted] of [
    ['northSouth', NORTH_SOUTH],
    ['eastWest', EAST_WEST],
    ['valid', VALID],
    ['id', ID],
  ] as const) {
    const index = find(wanted);
    if (index >= 0) columns[key] = index;
  }
  const known = new Set([
    ...named.map(({ index }) => index),
    ...columns.tracks,
    ...(Object.values(columns.timeParts ?? {}) as number[]),
    ...[columns.northSouth, columns.eastWest, columns.valid, columns.id],
  ]);
  columns.others = words.flatMap((_, index) => (known.has(index) ? [] : [index])).slice(0, MOST_OTHERS);
  return columns;
}

/** In the order of Google My Maps, which has no header; times where they stand. */
export function columnsWithoutHeader(cells: readonly string[]): Columns {
  const times = cells.flatMap((cell, i) => (i > 1 && readTime(cell)?.kind === 'time' ? [i] : []));
  const altitude = times.includes(2) ? {} : { altitude: 2 };
  return {
    ...{ longitude: 0, latitude: 1, ...altitude },
    ...{ times, dates: [], tracks: [], others: [], perDegree: 1 },
  };
}

/** "lat (rad)", "position_lat (semicircles)", "latitudeE7", "lat [1e-7 deg]". */
function perDegreeOf(header: string, words: readonly string[]): number {
  const [, digits] = /\b(?:1e|10\^?)[-−]([5-9])(?!\d)/i.exec(header.slice(0, 200)) ?? [];
  if (digits !== undefined) return 10 ** Number(digits);
  const unit = words.slice(1).find((word) => Object.hasOwn(ANGLES, word));
  return (unit === undefined ? undefined : ANGLES[unit]) ?? 1;
}

/** The columns whose cells are read, of which there are few however wide the table is. */
export function columnsRead(columns: Columns): number[] {
  const { latitude, longitude, altitude, times, dates, northSouth, eastWest, valid, tracks, id, others } =
    columns;
  const parts = Object.values(columns.timeParts ?? {}) as number[];
  const one = [latitude, longitude, altitude, northSouth, eastWest, valid, id];
  const all = [...one, ...times, ...dates, ...tracks, ...parts, ...others];
  return [...new Set(all)].filter((index) => index !== undefined);
}

const NORTH_SOUTH = new Set([
  'n s',
  'ns',
  'lat dir',
  'lat ref',
  'latitude ref',
  'latitude n s ref',
  'lat hemisphere',
]);
const EAST_WEST = new Set(['e w', 'ew', 'lon dir', 'lon ref', 'lng ref', 'longitude ref', 'lon hemisphere']);
const VALID = new Set([
  'valid',
  'is valid',
  'validity',
  'gps valid',
  'fix valid',
  'position valid',
  'fix status',
]);
const ID = new Set(['id']);

/** `GPS Latitude (deg)`, `gpsLatitude`, `gps_latitude` → `gps`, `latitude`, `deg`. */
function wordsOf(header: string): string[] {
  const plain = header
    .slice(0, 200)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    // "GPSTime", but not the plural "VINs".
    .replace(/(\p{Lu})(\p{Lu}\p{Ll}{2})/gu, '$1 $2')
    .replace(/(\p{L})(E[67])$/u, '$1 $2')
    .toLowerCase();
  return plain.match(/[\p{L}\p{M}\d]+|°/gu) ?? [];
}

function rolesOf(all: readonly string[], index: number): Named[] {
  if (all.some((word) => NOT_ITSELF.has(word))) return [];
  // The hemisphere beside a latitude; beside a time, nanoseconds.
  if (all.includes('ns') && all.some((word) => NAMES.latitude.includes(word))) return [];
  let words = saidOtherwise(all);
  // "LATITUDE N/S": the letter stands in the cell.
  if (/^.+ (?:n s|e w)$/.test(words.join(' '))) words = words.slice(0, -2);
  while (words.length > 1 && UNITS.has(words.at(-1) ?? '')) words.pop();
  // The breadth of a vehicle, not that of a place.
  const isSize = all.some((word) => ['m', 'cm', 'mm', 'ft'].includes(word));
  const isDuration = words.some((word) => DURATION.has(word));
  words = words.filter((word) => !DURATION.has(word));
  const isElapsed = words.length === 0 && all.includes('elapsed');
  // A letter that may as well be a temperature, unless nothing else stands there but a unit of time.
  if (isElapsed || (words.join('') === 't' && (all.length === 1 || timeUnitOf(all) !== undefined)))
    words = ['time'];
  const roles: Named[] = [];
  for (const [role, names] of Object.entries(NAMES) as [Role, readonly string[]][]) {
    const at = [words.length - 1, 0].find((i) => names.includes(words[i] ?? ''));
    if (at === undefined) continue;
    if (isSize && (role === 'latitude' || role === 'longitude') && TELLS_LESS.has(words[at] ?? '')) continue;
    const less = TELLS_LESS.has(words[at] ?? '') ? 2 : 0;
    const little = ['x', 'y', 'z'].includes(words[at] ?? '') ? TELLS_LITTLE : 0;
    const others = words.filter((_, i) => i !== at);
    const prefix = others.join(' ');
    const far = prefix === '' ? 0 : (PREFIXES[others[0] ?? ''] ?? PREFIX_OF_OTHERS);
    // Among times, those that the file's languages name first tell more.
    const order = role === 'time' ? names.indexOf(words[at] ?? '') / 100 : 0;
    roles.push({ role, index, prefix, rank: little + less + far + order + (isDuration ? 8 : 0), words: all });
  }
  return roles;
}

/** Columns with latitude and longitude in one cell. */
const BOTH = new Set(['coordinates', 'coordinate', 'coords', 'position', 'location', 'latlng', 'latlon', 'latlong', 'lnglat', 'lonlat', 'geopoint', 'gps', 'gps position', 'gps coordinates', 'gps location', 'koordinaten', 'gps koordinaten', 'standort', 'coordonnées', 'point']); // prettier-ignore

function bothIn(
  words: readonly (readonly string[])[],
): (Named & { order: Columns['pair'] & string }) | undefined {
  for (const [index, all] of words.entries()) {
    const latitude = all.findIndex((word) => word !== 'y' && NAMES.latitude.includes(word));
    const longitude = all.findIndex((word) => word !== 'x' && NAMES.longitude.includes(word));
    const name = all.join(' ');
    if (!BOTH.has(name) && (latitude < 0 || longitude < 0)) continue;
    const isReversed = longitude >= 0 && longitude < latitude;
    const order = isReversed || name === 'lnglat' || name === 'lonlat' ? 'longitudeFirst' : 'latitudeFirst';
    return { role: 'latitude', index, prefix: '', rank: 0, words: all, order };
  }
  return undefined;
}

function best(named: readonly Named[], role: Role, most = MOST_OF_A_ROLE): Named[] {
  return named
    .filter((it) => it.role === role)
    .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, most);
}

/** Latitude and longitude that belong together: with the same prefix, and of those the most telling. */
function pairOf(named: readonly Named[]): { latitude: Named; longitude: Named } | undefined {
  let found: { latitude: Named; longitude: Named; rank: number } | undefined;
  const longitudes = best(named, 'longitude');
  for (const latitude of best(named, 'latitude')) {
    for (const longitude of longitudes) {
      // "LatLon" names both, in one cell.
      if (longitude.index === latitude.index) continue;
      const strangers = latitude.prefix === longitude.prefix ? 0 : 20;
      const mixed = latitude.rank >= TELLS_LITTLE !== longitude.rank >= TELLS_LITTLE ? 20 : 0;
      const rank = latitude.rank + longitude.rank + strangers + mixed;
      if (found === undefined || rank < found.rank) found = { latitude, longitude, rank };
    }
  }
  return found;
}
