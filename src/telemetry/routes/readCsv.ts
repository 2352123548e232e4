import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { RoutePoint } from '../drive.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector } from './collectRoutes.ts';
import { CoordinatesText } from './coordinatesText.ts';
import { decoded, inTurns } from './decoded.ts';
import { numberOf, timeOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';
import { WktRows } from './wktRows.ts';

type Column = 'latitude' | 'longitude' | 'altitude' | 'time';

const NAMES: Readonly<Record<Column, readonly string[]>> = {
  latitude: ['latitude', 'lat', 'y', 'breitengrad', 'breite'],
  longitude: ['longitude', 'long', 'lon', 'lng', 'x', 'längengrad', 'länge'],
  altitude: ['altitude', 'alt', 'elevation', 'ele', 'height', 'z', 'höhe'],
  time: ['time', 'timestamp', 'datetime', 'date', 'zeit'],
};

/** Why a cell cannot be read. */
const NO_COORDINATE: Readonly<Record<'latitude' | 'longitude', (cell: string) => Message>> = {
  latitude: (cell) => l10n.t('"{cell}" is not a latitude', { cell }),
  longitude: (cell) => l10n.t('"{cell}" is not a longitude', { cell }),
};

/** Where the columns are; the order of the first two is that of Google My Maps unless a header says otherwise. */
type Columns = Partial<Record<Column, number>>;
const WITHOUT_HEADER: Columns = { longitude: 0, latitude: 1, altitude: 2 };

/**
 * `longitude,latitude[,altitude]` a line, or columns in any order under a header row; commas, semicolons (then also
 * with decimal commas) or tabs between. Also coordinates one after the other on few lines, as in KML, and shapes in a
 * column "WKT".
 */
export async function readCsv(
  bytes: Uint8Array,
  file: string,
  collector: Collector,
): Promise<'stated' | 'assumed'> {
  const first = firstLine(startOf(decoded(bytes, file)));
  if (/\d\s*,\s*[-+.\d]+(?:\s*,\s*[-+.\d]+)?\s+[-+.\d]+\s*,/.test(first)) {
    const coordinates = new CoordinatesText({ file, line: 1 }, collector);
    for await (const piece of inTurns(decoded(bytes, file))) coordinates.add(piece);
    coordinates.end();
    return 'assumed';
  }
  let columns: Columns | undefined;
  let order: 'stated' | 'assumed' = 'stated';
  const delimiter = delimiterOf(first);
  const isShape = (cell: string) => /^\W*wkt\W*$/i.test(cell);
  const hasShapes = first.split(delimiter).some(isShape);
  const shapes = new WktRows(file, collector);
  let shapeAt = -1;
  let nameAt = -1;
  const number = (cell: string | undefined) =>
    numberOf(delimiter === ',' ? cell : cell?.replace(/^(\s*[-+]?\d*),(\d*\s*)$/, '$1.$2'));

  const parser = parse({
    bom: true,
    delimiter,
    trim: true,
    comment: '#',
    comment_no_infix: true,
    skip_empty_lines: true,
    relax_column_count: true,
    // A line of a map can be its whole file.
    max_record_size: hasShapes ? BOUNDS.bytes : BOUNDS.record,
    on_record(cells: string[], { lines: line }) {
      if (cells.every((cell) => cell === '')) return null;
      if (hasShapes) {
        if (shapeAt >= 0) shapes.add(cells[shapeAt] ?? '', cells[nameAt], line);
        else {
          shapeAt = cells.findIndex(isShape);
          nameAt = cells.findIndex((cell) => cell.toLowerCase() === 'name');
        }
        return null;
      }
      if (columns === undefined) {
        if (cells.slice(0, 2).every((cell) => !Number.isNaN(number(cell)))) {
          columns = WITHOUT_HEADER;
          order = 'assumed';
        } else {
          columns = columnsOf(cells, line);
          return null;
        }
      }
      collector.add(point(cells, columns, line), { line });
      return null;
    },
  });

  function columnsOf(header: string[], line: number): Columns {
    const found: Columns = {};
    for (const [column, names] of Object.entries(NAMES) as [Column, readonly string[]][]) {
      const plain = header.findIndex((cell) => names.includes(withoutUnit(cell)));
      const index = plain >= 0 ? plain : header.findIndex((cell) => names.includes(withoutPrefix(cell)));
      if (index >= 0) found[column] = index;
    }
    if (found.latitude !== undefined && found.longitude !== undefined) return found;
    const cells = header
      .slice(0, 5)
      .map((cell) => `"${cell.slice(0, 40)}"`)
      .join(', ');
    const problem = l10n.t('{cells} are neither two numbers nor a header with latitude and longitude', {
      cells,
    });
    throw routeInvalid(file, problem, { line });
  }

  function point(cells: string[], at: Columns, line: number): RoutePoint {
    const cell = (column: Column) => {
      const index = at[column];
      return index === undefined ? undefined : cells[index];
    };
    const coordinate = (column: 'latitude' | 'longitude') => {
      const value = number(cell(column));
      if (!Number.isNaN(value)) return value;
      throw routeInvalid(file, NO_COORDINATE[column]((cell(column) ?? '').slice(0, 40)), { line });
    };
    const result: RoutePoint = { latitude: coordinate('latitude'), longitude: coordinate('longitude') };
    const altitude = cell('altitude') ?? '';
    if (altitude !== '') result.altitude = number(altitude);
    const time = timeOf(cell('time') ?? '');
    if (time !== undefined) result.time = time;
    return result;
  }

  try {
    // Every record is handled as it is parsed; nothing waits to be read from the parser.
    await pipeline(inTurns(decoded(bytes, file)), parser.resume());
  } catch (error) {
    if (isCmsError(error) || !(error instanceof CsvError)) throw error;
    const lines = 'lines' in error && typeof error.lines === 'number' ? { line: error.lines } : {};
    throw routeInvalid(file, l10n.t('this is not CSV ({code})', { code: error.code }), lines, error);
  }
  if (hasShapes) await shapes.finish();
  return order;
}

/** As much of a text as one line may have. */
function startOf(pieces: Iterable<string>): string {
  let start = '';
  for (const piece of pieces) {
    start += piece;
    if (start.length >= BOUNDS.record) break;
  }
  return start.slice(0, BOUNDS.record);
}

/** `Latitude (deg)` and `lat_deg` → `latitude`, `lat`. */
function withoutUnit(header: string): string {
  return withoutEnd(withoutEnd(header.toLowerCase()).replace(/(?:degrees|deg|m)$/, ''));
}

/** Without what is neither letter nor digit at its end. No pattern does it in one pass over a text of any length. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && !/[\p{L}\d]/u.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** `GPS Latitude` and `start_lat` → `latitude`, `lat`. */
function withoutPrefix(header: string): string {
  return withoutUnit(header).replace(/^(gps|start)[^\p{L}]*(?=\p{L})/u, '');
}

function firstLine(text: string): string {
  return (
    text
      .split(/\r\n|\n|\r/)
      .map((line) => line.trim())
      .find((line) => line !== '' && !line.startsWith('#')) ?? ''
  );
}

function delimiterOf(line: string): string {
  if (line.includes(';')) return ';';
  return line.includes('\t') ? '\t' : ',';
}
