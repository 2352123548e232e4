import { coordinateOf } from './coordinate.ts';
import { columnsOf } from './csvColumns.ts';

/** A table whose columns only blanks divide. */
export interface BlankTable {
  /** The line of the header, or of the first row, from 1. */
  line: number;
  /** Lines above the header that say other things. */
  above: number;
  /** Without one the columns are told by their order. */
  header: string[] | undefined;
  /** The cells of a row; undefined if they are not as many as there are columns. */
  cellsOf: (row: string) => string[] | undefined;
}

/** The header of such a table, and a row under it whose cells fit no way of dividing it. */
export interface Misfit {
  line: number;
  cells: number;
  columns: number;
}

/** What stands before a comment, or before a header that other programs are to pass over. */
const COMMENT = /^[#%;!]/;
/** Rows that show how the table is divided, and the part of them that has to. */
const ROWS = 30;
const MOST = 0.75;
const OTHER_DELIMITER = /[,;|\t]/;

type Divide = (row: string) => string[];

/** By every blank, or by several only: then one blank may stand in a cell. */
const byEach: Divide = (row) =>
  [...row.matchAll(/"([^"]*)"(?=\s|$)|\S+/g)].map(([all, quoted]) => quoted ?? all);
const bySeveral: Divide = (row) =>
  row
    .trim()
    .split(/\s{2,}/)
    .map((cell) => cell.replace(/^"([^"]*)"$/, '$1'));

/**
 * Looks for one in the first lines of a text in which no other delimiter makes a header. Only where the rows have as
 * many cells as the header is it sure what belongs to what.
 */
export function findBlankTable(lines: readonly string[]): BlankTable | Misfit | undefined {
  let above = 0;
  for (const [index, text] of lines.entries()) {
    const bare = text.trim().replace(/^[#%;!]+\s*/, '');
    if (bare === '' || /^[-=+|\s]+$/.test(bare)) continue;
    const rows = lines
      .slice(index + 1, index + 1 + 2 * ROWS)
      .map((row, i) => ({ text: row.trim(), line: index + 2 + i }))
      .filter((row) => isRow(row.text))
      .slice(0, ROWS);
    // The end of what was looked at may be the midst of a line.
    if (rows.length > 1) rows.pop();
    if (!OTHER_DELIMITER.test(bare)) {
      const headers = [byEach(bare), bySeveral(bare)].filter(isHeader);
      for (const header of headers) {
        const found = divided(header, rows);
        if (found !== undefined) return { line: index + 1, above, ...found };
      }
      const [header] = headers;
      // Two names may as well stand over a column with both coordinates in one cell.
      if (header !== undefined && header.length > 2) return misfit(header, rows);
    }
    if (isRow(text.trim()) && isPlain(text)) return withoutHeader(text, index + 1, above, rows);
    if (!COMMENT.test(text.trim())) above++;
  }
  return undefined;
}

/** Whether it is neither empty, a comment, nor the line under a header. */
export function isRow(text: string): boolean {
  return text !== '' && !COMMENT.test(text) && !/^[-=+|\s]+$/.test(text);
}

function isHeader(cells: readonly string[]): boolean {
  const columns = cells.length > 1 ? columnsOf(cells) : undefined;
  return columns !== undefined && columns.latitude !== columns.longitude;
}

/** How rows have to be divided to fit a header, and the header with a name for a column that numbers them. */
function divided(
  header: string[],
  rows: readonly { text: string }[],
): Pick<BlankTable, 'header' | 'cellsOf'> | undefined {
  const ways: Divide[] = [byEach, (row) => withTimes(byEach(row)), bySeveral];
  for (const divide of ways) {
    const sample = rows.map(({ text }) => divide(text));
    if (isFor(header.length, sample)) return { header, cellsOf: fitting(divide, header.length) };
    if (isFor(header.length + 1, sample) && isNumbered(sample))
      return { header: ['', ...header], cellsOf: fitting(divide, header.length + 1) };
  }
  return undefined;
}

function isFor(columns: number, sample: readonly string[][]): boolean {
  return (
    sample.length > 0 && sample.filter((cells) => cells.length === columns).length >= MOST * sample.length
  );
}

function fitting(divide: Divide, columns: number): BlankTable['cellsOf'] {
  return (row) => {
    const cells = divide(row);
    return cells.length === columns ? cells : undefined;
  };
}

/** Programs that number the rows leave no name for it. */
function isNumbered(sample: readonly string[][]): boolean {
  return sample.every((cells, i) => Number(cells[0]) === Number(sample[0]?.[0]) + i);
}

function misfit(
  header: readonly string[],
  rows: readonly { text: string; line: number }[],
): Misfit | undefined {
  const row = rows.find(({ text }) => byEach(text).length !== header.length) ?? rows[0];
  return row && { line: row.line, cells: byEach(row.text).length, columns: header.length };
}

/** A row of numbers that blanks divide, the first two of them degrees. */
function isPlain(text: string): boolean {
  const cells = byEach(text);
  return (
    cells.length > 1 &&
    !OTHER_DELIMITER.test(text) &&
    cells.slice(0, 2).every((cell) => cell.includes('.') && !Number.isNaN(coordinateOf(cell)))
  );
}

function withoutHeader(
  text: string,
  line: number,
  above: number,
  rows: readonly { text: string }[],
): BlankTable | undefined {
  const all = [{ text }, ...rows];
  const divide: Divide = (row) => withTimes(byEach(row));
  const columns = divide(text).length;
  const sample = all.map((row) => divide(row.text));
  return isFor(columns, sample)
    ? { line, above, header: undefined, cellsOf: fitting(divide, columns) }
    : undefined;
}

const DATE = /^\d{1,4}([-/.])\d{1,2}\1\d{1,4}$/;
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const AFTER_CLOCK = /^(?:[ap]m|utc|gmt|z|[+-]\d{2}:?\d{2})$/i;

/** The same with a date and the time of day behind it as one cell. */
function withTimes(cells: readonly string[]): string[] {
  const joined: string[] = [];
  let isClock = false;
  for (const cell of cells) {
    const last = joined.at(-1) ?? '';
    const continues: boolean = (DATE.test(last) && CLOCK.test(cell)) || (isClock && AFTER_CLOCK.test(cell));
    isClock = continues && !AFTER_CLOCK.test(cell);
    if (continues) joined[joined.length - 1] = `${last} ${cell}`;
    else joined.push(cell);
  }
  return joined;
}
