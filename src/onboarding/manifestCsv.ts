import { CsvError, parse } from 'csv-parse/sync';
import { l10n, type Message } from '../core/message.ts';
import { cleanCell, damageOf, valueOf } from './manifestCells.ts';
import type { Columns } from './manifestColumns.ts';
import type { ManifestProblem, ManifestRow, ManifestRows } from './manifestRows.ts';

/** Of one vehicle; a quotation mark that is never closed ends here. */
const MOST_RECORD_BYTES = 2 ** 20;
const DELIMITERS = [',', ';', '\t', '|'];
/** Lines among which the header is looked for, to say where it should stand. */
const SEARCHED = 20;

interface CsvRecord {
  line: number;
  cells: string[];
}

/**
 * Reads a CSV with a header line (RFC 4180; comma, semicolon, tab or bar, as the header shows or as a line `sep=;`
 * above it says). A column is a field of the request. An empty cell is an absent field; a cell of a list has blanks,
 * `;`, `,` or `|` between its words. What spreadsheets do to cells is undone where nothing is lost, and said where
 * something is. All lines are checked, also those behind one that cannot be parsed.
 */
export function readCsv(text: string, columns: Columns, given: readonly string[] = []): ManifestRows {
  const problems: ManifestProblem[] = [];
  const table = tableIn(text);
  const { records, problems: unparsed } = recordsOf(table);
  problems.push(...unparsed);
  const [header, ...rest] = records;
  if (header === undefined) return { rows: [], problems };
  const names = header.cells.map((name) => name.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, ''));
  const fields = names.map((name) => columns.fieldOf(name));
  problems.push(...headerProblems(columns, { names, fields, line: header.line, given }, records));
  const rows: ManifestRow[] = [];
  for (const { line, cells } of rest) {
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
    rows.push(rowOf(columns, fields, { line, cells }, problems));
  }
  return { rows, problems };
}

interface Table {
  text: string;
  delimiter: string;
  /** Lines above the text. */
  above: number;
}

function tableIn(text: string): Table {
  const [, skipped = '', said, rest = ''] =
    /^\uFEFF?((?:[ \t]*(?:\r\n|\n|\r))*"?sep=(.)"?[;,\t|]*[ \t]*(?:\r\n|\n|\r|$))([^]*)$/i.exec(text) ?? [];
  if (said !== undefined) {
    return { text: rest, delimiter: said, above: skipped.split(/\r\n|\n|\r/).length - 1 };
  }
  const firstLine =
    text
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\n|\r/)
      .find((line) => line.trim() !== '') ?? '';
  return { text, delimiter: delimiterOf(firstLine), above: 0 };
}

/** The delimiter that divides a header into the most columns. */
function delimiterOf(firstLine: string): string {
  const count = (c: string): number => firstLine.split(c).length;
  return DELIMITERS.reduce((best, c) => (count(c) > count(best) ? c : best));
}

/** All records. After one that cannot be parsed each line is read on its own, so that the others are checked, too. */
function recordsOf({ text, delimiter, above }: Table): { records: CsvRecord[]; problems: ManifestProblem[] } {
  try {
    return { records: parsed(text, delimiter, above), problems: [] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  const records: CsvRecord[] = [];
  const problems: ManifestProblem[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    try {
      records.push(...parsed(line, delimiter, above + index));
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      problems.push({ line: above + index + 1, field: '', message: whyUnparsed(error) });
    }
  }
  return { records, problems };
}

function parsed(text: string, delimiter: string, above: number): CsvRecord[] {
  const records = parse(text, {
    bom: true,
    delimiter,
    info: true,
    max_record_size: MOST_RECORD_BYTES,
    relax_column_count: true,
    skip_empty_lines: true,
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
        'A quotation mark stands in the middle of a cell; write it twice, and the cell in quotes.',
      );
    default:
      return l10n.verbatim(message);
  }
}

interface Header {
  names: readonly string[];
  /** Of each name, where it is one's. */
  fields: readonly (string | undefined)[];
  line: number;
  /** Fields that a vehicle has without a column. */
  given: readonly string[];
}

function headerProblems(
  columns: Columns,
  { names, fields, line, given }: Header,
  records: readonly CsvRecord[],
): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const say = (message: Message) => problems.push({ line, field: '', message });
  const known = fields.filter((field) => field !== undefined);
  if (known.length === 0) {
    const other = records
      .slice(1, SEARCHED)
      .find(({ cells }) => cells.some((cell) => columns.fieldOf(cell) === 'vin'));
    if (other !== undefined) {
      say(l10n.t('This is no header, but line {line} is: delete the lines above it.', { line: other.line }));
      return problems;
    }
  }
  // Spreadsheets write a delimiter more where a column was once.
  const isEmpty = (i: number) =>
    names[i] === '' && records.every(({ cells }) => (cells[i] ?? '').trim() === '');
  const unknown = names.filter((_, i) => fields[i] === undefined && !isEmpty(i));
  if (unknown.length > 0) say(columns.unknown(unknown));
  const twice = known.filter((field, i) => known.indexOf(field) !== i);
  if (twice.length > 0)
    say(l10n.t('More than one column is {names}.', { names: [...new Set(twice)].join(', ') }));
  const absent = columns.required.filter((field) => !known.includes(field) && !given.includes(field));
  if (absent.length > 0) {
    say(
      l10n.plural(
        absent.length,
        l10n.t('The column {names} is missing.', { names: absent.join(', ') }),
        l10n.t('The columns {names} are missing.', { names: absent.join(', ') }),
      ),
    );
  }
  return problems;
}

function rowOf(
  columns: Columns,
  fields: readonly (string | undefined)[],
  { line, cells }: CsvRecord,
  problems: ManifestProblem[],
): ManifestRow {
  const values: Record<string, unknown> = {};
  const settled = columns.required.filter((field) => !fields.includes(field));
  for (const [i, field] of fields.entries()) {
    if (field === undefined) continue;
    const cell = cleanCell(columns, field, cells[i] ?? '');
    if (cell === '') continue;
    const damage = damageOf(columns, field, cell);
    if (damage !== undefined) {
      problems.push({ line, field, message: damage });
      settled.push(field);
    }
    values[field] = valueOf(cell, columns.typeOf(field));
  }
  return { line, fields: values, settled };
}
