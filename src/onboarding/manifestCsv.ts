import { CsvError, parse } from 'csv-parse/sync';
import { l10n, type Message } from '../core/message.ts';
import { headerProblems, type CsvRecord } from './csvHeader.ts';
import { cleanCell, damageOf, valueOf } from './manifestCells.ts';
import type { Columns } from './manifestColumns.ts';
import { type PlacedRecord, placesOf, scannedRecords } from './manifestPlaces.ts';
import {
  notChecked,
  type ManifestProblem,
  type ManifestRow,
  type ManifestRows,
  type TextRange,
} from './manifestRows.ts';

/** Of one vehicle; a quotation mark that is never closed ends here. */
const MOST_RECORD_BYTES = 2 ** 20;
const DELIMITERS = [',', ';', '\t', '|'];
/** The fields are some dozens. */
const MOST_COLUMNS = 1000;
/** A vehicle takes more than a hundred characters, and no file is larger than 64 MB. */
const MOST_RECORDS = 500_000;
/** Lines with quotes that are parsed on their own, each some twenty microseconds, and those that are listed as broken. */
const MOST_ALONE = 100_000;
const MOST_BROKEN = 1000;
const LONGEST_SEPARATOR_LINE = 100;

/**
 * Reads a CSV with a header line (RFC 4180; comma, semicolon, tab or bar, as the header shows or as a line `sep=;`
 * above it says). A column is a field of the request. An empty cell is an absent field; a cell of a list has blanks,
 * `;`, `,` or `|` between its words. What spreadsheets do to cells is undone where nothing is lost, and said where
 * something is. All lines are checked, also those behind one that cannot be parsed.
 */
export function readCsv(text: string, columns: Columns, given: readonly string[] = []): ManifestRows {
  const problems: ManifestProblem[] = [];
  const table = tableIn(text);
  const { records, byLine } = recordsOf(table, problems);
  const of = { offset: text.length - table.text.length, delimiter: table.delimiter, byLine };
  // Most files have no problem, and nobody asks.
  let places: ReturnType<typeof placesOf<CsvRecord>> | undefined;
  const placeOf = (record: CsvRecord, column: number): TextRange | undefined => {
    places ??= placesOf(records, table.text, of);
    const range = places.get(record)?.[column];
    // In an empty cell there is nothing to underline.
    return range === undefined || range.length === 0 ? undefined : range;
  };
  const [header] = records;
  if (header === undefined) return { rows: [], problems };
  if (header.cells.length > MOST_COLUMNS) {
    const message = l10n.t('There are more than {count} columns.', { count: MOST_COLUMNS });
    problems.push({ line: header.line, field: '', message });
    return { rows: [], problems };
  }
  const names = header.cells.map((name) => name.replace(/\p{Cf}/gu, '').trim());
  const fields = names.map((name) => columns.fieldOf(name));
  problems.push(
    ...headerProblems(columns, { names, fields, given, placeOf: (i) => placeOf(header, i) }, records),
  );
  const rows: ManifestRow[] = [];
  for (const record of records.slice(1)) {
    const { line, cells } = record;
    const isHeaderAgain = cells.length === names.length && cells.every((cell, i) => cell === header.cells[i]);
    if (isHeaderAgain || cells.every((cell) => cell.trim() === '')) continue;
    if (cells.slice(names.length).some((cell) => cell.trim() !== '')) {
      const message = l10n.t(
        'There are {count} cells for {width} columns; a cell with a "{delimiter}" in it needs quotes.',
        {
          count: cells.length,
          width: names.length,
          delimiter: table.delimiter === '\t' ? l10n.t('tab') : table.delimiter,
        },
      );
      problems.push({ line, field: '', message });
    }
    const rangeOf = (field: string): TextRange | undefined => placeOf(record, fields.indexOf(field));
    const { values, settled } = rowOf(columns, fields, record, rangeOf, problems);
    const write = (written: string): string => csvCell(written, table.delimiter);
    rows.push({ line, fields: values, settled, rangeOf, write });
  }
  return { rows, problems };
}

/** A cell of a CSV text. */
export interface CsvCell {
  /** The field its column is for, or `header` for a name of a column. */
  of: 'header' | { field: string };
  range: TextRange;
  /** What else stands in its row, if it is the header, or in its column. */
  others: string[];
  /** A text as it stands in a cell of this file. */
  write: (text: string) => string;
}

/** A text as a cell of RFC 4180: in quotes where it would be read as something else without them. */
function csvCell(text: string, delimiter: string): string {
  const isPlain = !text.includes(delimiter) && !/["\r\n]/.test(text) && text === text.trim();
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/** The cell at an offset of a CSV text; undefined where there is none, or none of a field. For editors. */
export function csvCellAt(text: string, columns: Columns, offset: number): CsvCell | undefined {
  const table = tableIn(text);
  const above = text.length - table.text.length;
  const [header, ...rest] = scannedRecords(table.text, { ...table, offset: above, byLine: true });
  const write = (written: string): string => csvCell(written, table.delimiter);
  if (header === undefined) return { of: 'header', range: { offset, length: 0 }, others: [], write };
  const inHeader = cellOf(header, offset);
  if (inHeader !== undefined) {
    const others = header.cells.filter((_, i) => i !== inHeader);
    return { of: 'header', range: header.ranges[inHeader] ?? { offset, length: 0 }, others, write };
  }
  const record = rest.find(({ begin, end }) => begin <= offset && offset <= end);
  const column = record && cellOf(record, offset);
  const field = column === undefined ? undefined : columns.fieldOf(header.cells[column] ?? '');
  if (record === undefined || column === undefined || field === undefined) return undefined;
  const others = rest.flatMap((each) => (each === record ? [] : (each.cells[column] ?? [])));
  return { of: { field }, range: record.ranges[column] ?? { offset, length: 0 }, others, write };
}

/** Which of its cells an offset is in. */
function cellOf({ begin, end, ends }: PlacedRecord, offset: number): number | undefined {
  if (offset < begin || offset > end) return undefined;
  const column = ends.findIndex((cellEnd) => offset <= cellEnd);
  return column < 0 ? undefined : column;
}

interface Table {
  text: string;
  delimiter: string;
  /** Lines above the text. */
  above: number;
}

function tableIn(text: string): Table {
  const begin = Math.max(0, text.search(/\S/));
  const end = endOfLine(text, begin);
  const firstLine = text.slice(begin, end);
  const [, said] =
    firstLine.length > LONGEST_SEPARATOR_LINE
      ? []
      : (/^"?sep=(.)"?[;,\t|]*$/i.exec(firstLine.trimEnd()) ?? /^"?sep=(\t)"?\s*$/i.exec(firstLine) ?? []);
  if (said === undefined) return { text, delimiter: delimiterOf(firstLine), above: 0 };
  const next = text.startsWith('\r\n', end) ? end + 2 : end + 1;
  return { text: text.slice(next), delimiter: said, above: lineEnds(text.slice(0, next)) };
}

function endOfLine(text: string, from: number): number {
  const length = text.slice(from).search(/[\r\n]/);
  return length < 0 ? text.length : from + length;
}

function lineEnds(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++)
    if (text[i] === '\n' ? text[i - 1] !== '\r' : text[i] === '\r') count++;
  return count;
}

/** The delimiter that divides a header into the most columns. */
function delimiterOf(firstLine: string): string {
  const count = (c: string): number => firstLine.split(c).length;
  return DELIMITERS.reduce((best, c) => (count(c) > count(best) ? c : best));
}

/** All records. After one that cannot be parsed each line is read on its own, so that the others are checked, too. */
function recordsOf(
  { text, delimiter, above }: Table,
  problems: ManifestProblem[],
): {
  records: CsvRecord[];
  /** Whether each line was read on its own. */
  byLine: boolean;
} {
  let records: CsvRecord[];
  let byLine = false;
  try {
    records = parsed(text, delimiter, above);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    byLine = true;
    records = recordsByLine({ text, delimiter, above }, problems);
  }
  if (records.length > MOST_RECORDS) {
    const message = l10n.t('There are more than {count} vehicles.', { count: MOST_RECORDS });
    problems.push({ line: records.pop()?.line ?? 0, field: '', message });
  }
  return { records, byLine };
}

function recordsByLine({ text, delimiter, above }: Table, problems: ManifestProblem[]): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = above;
  let alone = 0;
  let broken = 0;
  for (let from = 0; from < text.length && records.length <= MOST_RECORDS;) {
    const end = endOfLine(text, from);
    const written = text.slice(from, end);
    from = text.startsWith('\r\n', end) ? end + 2 : end + 1;
    line++;
    if (!written.includes('"')) {
      const cells = written.split(delimiter).map((cell) => cell.trim());
      if (cells.length > 1 || cells[0] !== '') records.push({ line, cells });
      continue;
    }
    if (++alone > MOST_ALONE || broken >= MOST_BROKEN) {
      problems.push({ line, field: '', message: notChecked() });
      break;
    }
    try {
      for (const record of parsed(written, delimiter, line - 1)) records.push(record);
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      broken++;
      problems.push({ line, field: '', message: whyUnparsed(error) });
    }
  }
  return records;
}

function parsed(text: string, delimiter: string, above: number): CsvRecord[] {
  const records = parse(text, {
    bom: true,
    delimiter,
    info: true,
    max_record_size: MOST_RECORD_BYTES,
    // Files that were put together have several.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    to: MOST_RECORDS + 1,
    trim: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  return records.map(({ record, info }) => ({ line: above + info.lines, cells: record }));
}

function whyUnparsed({ code, message }: CsvError): Message {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return l10n.t('A quotation mark is not closed.');
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return l10n.t(
        'There is a quotation mark in the middle of a cell; write it twice, and put the cell in quotes.',
      );
    default:
      return l10n.verbatim(message);
  }
}

function rowOf(
  columns: Columns,
  fields: readonly (string | undefined)[],
  { line, cells }: CsvRecord,
  rangeOf: (field: string) => TextRange | undefined,
  problems: ManifestProblem[],
): { values: Record<string, unknown>; settled: string[] } {
  const values: Record<string, unknown> = {};
  const settled = columns.required.filter((field) => !fields.includes(field));
  for (const [i, field] of fields.entries()) {
    if (field === undefined) continue;
    const cell = cleanCell(columns, field, cells[i] ?? '');
    if (cell === '') continue;
    const damage = damageOf(columns, field, cell);
    if (damage !== undefined) {
      problems.push({ line, field, message: damage, range: rangeOf(field) });
      settled.push(field);
    }
    values[field] = valueOf(cell, columns.typeOf(field));
  }
  return { values, settled };
}
