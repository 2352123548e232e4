import type { Columns } from './csvColumns.ts';
import { isNothing, numberOf, withPoint } from './numbers.ts';

/** A column "track" with directions is a course over ground: 0 to 360 with fractions, or another in almost every row. */
export function withoutCourse(columns: Columns, rows: readonly (readonly string[])[]): Columns {
  const { header, tracks } = columns;
  const isCourse = (index: number) => {
    if (!/^\W*track\W*$/i.test(header?.[index] ?? '')) return false;
    const cells = rows.map((cells) => cells[index] ?? '').filter((cell) => !isNothing(cell));
    const values = cells.map((cell) => numberOf(withPoint(cell)));
    if (values.length === 0 || !values.every((value) => value >= 0 && value <= 360)) return false;
    return (
      values.some((value) => !Number.isInteger(value)) ||
      /[.,]/.test(cells.join(' ')) ||
      new Set(values).size * 3 > values.length
    );
  };
  const courses = tracks.filter(isCourse);
  if (courses.length === 0) return columns;
  // What stands in it may still tell rows apart.
  const others = [...columns.others, ...courses];
  return { ...columns, others, tracks: tracks.filter((it) => !courses.includes(it)) };
}

/** Columns with nothing but N and S, or E and W, are the hemispheres, unless they are directions of travel. */
export function withHemispheres(columns: Columns, rows: readonly (readonly string[])[]): Columns {
  const { others, header, pair } = columns;
  if (pair !== undefined) return columns;
  const only = (letters: RegExp) =>
    others.find((index) => {
      const filled = rows.map((row) => row[index]?.trim() ?? '').filter((cell) => cell !== '');
      const isDirection = /head|cour|compass|bearing|wind|richtung|rumbo|cap\b/i.test(header?.[index] ?? '');
      return filled.length > 0 && !isDirection && filled.every((cell) => letters.test(cell));
    });
  const northSouth = columns.northSouth ?? only(/^(?:[ns]|north|south|nord|sud|süd)$/i);
  const eastWest = columns.eastWest ?? only(/^(?:[ewo]|east|west|ost|est|ouest)$/i);
  // One alone may be anything.
  if (northSouth === undefined || eastWest === undefined) return columns;
  return { ...columns, northSouth, eastWest };
}

/** More than any number of degrees, and beyond the poles if it were a millionth of one. */
const TOO_MANY = 90_000_000;
const SEMICIRCLES = 2 ** 31 / 180;

/**
 * Whole numbers whose header names no unit: of the fields of FIT semicircles, else degrees times ten million, where
 * they cannot be degrees times a million. Undefined for all others.
 */
export function scaleIn(
  { header, latitude, longitude, perDegree, pair }: Columns,
  rows: readonly (readonly string[])[],
): { perDegree: number; unit: 'semicircles' | 'e7' } | undefined {
  if (perDegree !== 1 || pair !== undefined) return undefined;
  const numbersIn = (index: number) =>
    rows
      .map((row) => row[index])
      .filter((cell) => !isNothing(cell))
      .map((cell) => numberOf(cell));
  const [north, east] = [numbersIn(latitude), numbersIn(longitude)];
  const all = [...north, ...east].filter((number) => number !== 0);
  if (all.length === 0 || !all.every((number) => Number.isInteger(number) && Math.abs(number) > 360))
    return undefined;
  if (/^\W*position[_ ]?lat\b/i.test(header?.[latitude] ?? '')) {
    return all.every((number) => Math.abs(number) <= 2 ** 31)
      ? { perDegree: SEMICIRCLES, unit: 'semicircles' }
      : undefined;
  }
  const isE7 =
    north.every((number) => Math.abs(number) <= 90e7) &&
    east.every((number) => Math.abs(number) <= 180e7) &&
    (north.some((number) => Math.abs(number) > TOO_MANY) ||
      east.some((number) => Math.abs(number) > 2 * TOO_MANY));
  return isE7 ? { perDegree: 1e7, unit: 'e7' } : undefined;
}
