import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector } from './collector.ts';
import { CoordinatesText } from './coordinatesText.ts';
import { coordinateOf } from './coordinate.ts';
import { columnsOf, columnsWithoutHeader } from './csvColumns.ts';
import { findTable, isShape } from './csvTable.ts';
import { readBlankTable } from './readBlankTable.ts';
import { decoded, inTurns } from './decoded.ts';
import { isNothing, numberOf } from './numbers.ts';
import { PlainRows } from './plainRows.ts';
import { routeInvalid } from './routeInvalid.ts';
import { TimeColumns } from './timeColumns.ts';
import { TrackRows } from './trackRows.ts';
import { WktRows } from './wktRows.ts';

/** Names of coordinates in meters, of UTM and other grids. */
const PROJECTED =
  /^\W*(?:(?:utm|gk|etrs)?[\s_-]?)?(?:easting|northing|rechtswert|hochwert|ostwert|nordwert)s?\b/i;
/** Rows under the header that say something about its columns: units, sources. */
const MOST_ROWS_OF_UNITS = 3;

/**
 * `longitude,latitude[,altitude]` a line, or columns in any order under a header row; commas, semicolons, tabs or bars
 * between, decimal commas too. Also coordinates one after the other on few lines, as in KML, and shapes in a column
 * "WKT".
 */
export async function readCsv(
  bytes: Uint8Array,
  file: string,
  collector: Collector,
): Promise<'stated' | 'assumed'> {
  const table = findTable(startOf(decoded(bytes, file)));
  if (table.isText) {
    const coordinates = new CoordinatesText({ file, line: 1 }, collector);
    for await (const piece of inTurns(decoded(bytes, file, collector.progress))) coordinates.add(piece);
    coordinates.end();
    return 'assumed';
  }
  if (table.above > 0) {
    collector.note(
      l10n.plural(
        table.above,
        l10n.t('Left out: the line above the header.'),
        l10n.t('Left out: {count} lines above the header.', { count: table.above }),
      ),
    );
  }
  if (table.blanks !== undefined) {
    if ('cellsOf' in table.blanks) return readBlankTable(bytes, file, collector, table.blanks);
    const { line, cells: count, columns: width } = table.blanks;
    throw routeInvalid(
      file,
      l10n.plural(
        count,
        l10n.t('1 cell for {width} columns, which only blanks divide', { width }),
        l10n.t('{count} cells for {width} columns, which only blanks divide', { count, width }),
      ),
      { line },
    );
  }
  let order: 'stated' | 'assumed' = 'stated';
  const { delimiter, hasShapes } = table;
  const shapes = new WktRows(file, collector);
  let shapeAt = -1;
  let nameAt = -1;
  let times: TimeColumns | undefined;
  let header: string[] | undefined;
  let rows = table.header === undefined ? undefined : begin(table.header, table.line - 1);
  let rowsOfUnits = 0;
  let hasData = false;
  const plain = new PlainRows(delimiter, take);
  const parser = parse({
    bom: true,
    delimiter,
    trim: true,
    comment: '#',
    comment_no_infix: true,
    skip_empty_lines: true,
    relax_column_count: true,
    // 48°08'14.5"N, which is in no quotation marks.
    relax_quotes: true,
    // Files that were put together have several.
    record_delimiter: ['\r\n', '\n', '\r'],
    // A line of a map can be its whole file.
    max_record_size: hasShapes ? BOUNDS.bytes : BOUNDS.record,
    on_record(cells: string[], { lines: line }) {
      take(cells, plain.lines + line);
      return null;
    },
  });

  function take(cells: string[], line: number): void {
    if (cells.every((cell) => cell === '')) return;
    if (table.tag !== undefined && header !== undefined && cells[0] !== table.tag) {
      collector.findings.count('otherRows', { line }, { text: table.tag });
      return;
    }
    if (hasShapes) {
      if (shapeAt >= 0) shapes.add(cells[shapeAt] ?? '', cells[nameAt], times?.of(cells), line);
      else {
        shapeAt = cells.findIndex(isShape);
        const columns = columnsOf(cells.map((cell, i) => (i === shapeAt ? 'location' : cell)));
        times = columns && new TimeColumns(columns);
        nameAt = cells.findIndex((cell) => cell.toLowerCase() === 'name');
      }
      return;
    }
    if (rows === undefined) {
      rows = begin(cells, line);
      if (header !== undefined) return;
    }
    if (header === undefined || !isAboutColumns(cells, header, line)) {
      hasData = true;
      checkWidth(cells, line);
      rows.add(cells, { line });
    }
  }

  function begin(cells: string[], line: number): TrackRows {
    const columns = columnsOf(cells);
    if (columns !== undefined) {
      header = cells;
      return new TrackRows(file, collector, columns);
    }
    if (cells.slice(0, 2).every((cell) => !Number.isNaN(coordinateOf(cell)))) {
      order = 'assumed';
      return new TrackRows(file, collector, columnsWithoutHeader(cells));
    }
    const projected = cells.filter((cell) => PROJECTED.test(cell));
    if (projected.length > 1) {
      const columns = l10n.list(
        projected.map((cell) => cell.slice(0, 40)),
        'comma',
      );
      throw routeInvalid(
        file,
        l10n.t('{columns} are meters of a map projection, not latitude and longitude', { columns }),
        { line },
        undefined,
        { remedy: l10n.t('Export it again in WGS 84 (EPSG:4326).') },
      );
    }
    const shown = cells
      .slice(0, 5)
      .map((cell) => `"${cell.slice(0, 40)}"`)
      .join(', ');
    const problem = l10n.t('{cells} are neither two numbers nor a header with latitude and longitude', {
      cells: shown,
    });
    throw routeInvalid(file, problem, { line });
  }

  /** Whether a row is no data: the header once more, or units under it. */
  function isAboutColumns(cells: string[], names: readonly string[], line: number): boolean {
    if (cells.length === names.length && cells.every((cell, i) => cell === names[i])) {
      collector.findings.count('header', { line });
      return true;
    }
    const isUnits =
      !hasData &&
      rowsOfUnits < MOST_ROWS_OF_UNITS &&
      cells.length > 1 &&
      cells.every((cell) => Number.isNaN(numberOf(cell))) &&
      cells.filter((cell) => !isNothing(cell)).length >= cells.length / 2 &&
      cells.every((cell) => !/\d{2}/.test(cell));
    if (!isUnits) return false;
    rowsOfUnits++;
    collector.findings.count('units', { line });
    return true;
  }

  /** Decimal commas with commas between the columns: nobody can tell which comma is which. */
  function checkWidth(cells: readonly string[], line: number): void {
    const width = header?.length ?? 0;
    if (
      delimiter !== ',' ||
      width < 2 ||
      cells.length < 2 * width ||
      cells.slice(width).every((cell) => cell === '')
    )
      return;
    throw routeInvalid(
      file,
      l10n.plural(
        cells.length,
        l10n.t('1 cell for {width} columns; commas cannot be between the columns and in the numbers', {
          width,
        }),
        l10n.t('{count} cells for {width} columns; commas cannot be between the columns and in the numbers', {
          count: cells.length,
          width,
        }),
      ),
      { line },
    );
  }

  /** What is left for csv-parse. */
  async function* quoted(): AsyncGenerator<string, void> {
    for await (const piece of inTurns(fromLine(table.line, decoded(bytes, file, collector.progress)))) {
      const left = hasShapes ? piece : plain.add(piece);
      if (left !== '') yield left;
    }
    const left = plain.end();
    if (left !== '') yield left;
  }

  try {
    // Every record is handled as it is parsed; nothing waits to be read from the parser.
    await pipeline(quoted(), parser.resume());
  } catch (error) {
    if (isCmsError(error) || !(error instanceof CsvError)) throw error;
    const lines =
      'lines' in error && typeof error.lines === 'number' ? { line: plain.lines + error.lines } : {};
    throw routeInvalid(file, l10n.t('this is not CSV ({code})', { code: error.code }), lines, error);
  }
  if (hasShapes) await shapes.finish();
  await rows?.finish();
  return order;
}

/** The same with empty lines in the place of those above: their quotation marks mean nothing, and lines keep their numbers. */
function* fromLine(line: number, pieces: Iterable<string>): Generator<string, void> {
  let above = line - 1;
  let hasBegun = above === 0;
  for (const piece of pieces) {
    if (hasBegun) {
      yield piece;
      continue;
    }
    let from = 0;
    const ends = /\r\n|\n|\r(?!$)/g;
    while (above > 0 && ends.exec(piece) !== null) {
      from = ends.lastIndex;
      above--;
    }
    if (above > 0) continue;
    hasBegun = true;
    yield '\n'.repeat(line - 1) + piece.slice(from);
  }
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
