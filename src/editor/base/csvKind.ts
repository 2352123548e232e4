import { NAMES } from '../../telemetry/routes/csvNames.ts';

export type CsvKind = 'fleet' | 'route';

const DELIMITERS = /[,;\t|]/;
/** Columns that name both coordinates; `x` and `y` alone say too little. */
const LATITUDES = NAMES.latitude.filter((name) => name.length > 1);
const LONGITUDES = NAMES.longitude.filter((name) => name.length > 1);

/**
 * What a CSV file is, by its first lines: a fleet has a column with the VIN, a route positions. Routes of several
 * vehicles tell them apart by their VINs: they have times, or rows of the same vehicle, which no fleet has. Undefined
 * where that does not show.
 */
export function csvKind(head: string): CsvKind | undefined {
  const lines = head.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const [first = '', ...rest] = lines.filter((line) => line.trim() !== '' && !/^"?sep=/i.test(line));
  const cells = cellsOf(first).map((cell) => cell.toLowerCase());
  const has = (names: readonly string[]): boolean => cells.some((cell) => names.includes(cell));
  const hasPositions = has(LATITUDES) && has(LONGITUDES);
  const vin = cells.indexOf('vin');
  if (hasPositions && vin < 0) return 'route';
  if (hasPositions) return has(NAMES.time) || hasTwice(rest, vin) ? 'route' : undefined;
  if (vin >= 0) return 'fleet';
  const [a = '', b = ''] = cells;
  return isNumber(a) && isNumber(b) ? 'route' : undefined;
}

function hasTwice(lines: readonly string[], column: number): boolean {
  const vins = lines.map((line) => cellsOf(line)[column] ?? '').filter((vin) => vin !== '');
  return new Set(vins).size < vins.length;
}

function cellsOf(line: string): string[] {
  return line.split(DELIMITERS).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function isNumber(cell: string): boolean {
  return /^[+-]?\d+(\.\d+)?$/.test(cell);
}
