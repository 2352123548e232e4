import { findBlankTable, type BlankTable, type Misfit } from './blankTable.ts';
import { coordinateOf } from './coordinate.ts';
import { columnsOf } from './csvColumns.ts';
import { numberOf } from './numbers.ts';

/** Where in a text the table begins, and how its cells are divided. */
export interface Table {
  delimiter: string;
  /** The line of the header, or of the first row, from 1. */
  line: number;
  /** Lines above the header that say other things. */
  above: number;
  /** What the header is where it stands behind a "#", as programs that take such lines for comments write it. */
  header?: string[];
  /** What the header and its rows begin with, in a table whose other rows are of other kinds. */
  tag?: string;
  /** Whether it has a column of shapes. */
  hasShapes: boolean;
  /** If only blanks divide its columns; a row that fits no way of dividing them, where it is not sure how. */
  blanks?: BlankTable | Misfit;
  /** Whether it is no table but coordinates one after the other. */
  isText: boolean;
}

const DELIMITERS = [';', '\t', ',', '|'];
/** Lines among which the header is looked for. */
const SEARCHED = 100;
const COORDINATES = /\d\s*,\s*[-+.\d]+(?:\s*,\s*[-+.\d]+)?\s+[-+.\d]+\s*,/;

/** @param start the beginning of the text, whole lines but for the last */
export function findTable(start: string): Table {
  const lines = start.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/, SEARCHED);
  let delimiterSaid: string | undefined;
  let first: { text: string; line: number } | undefined;
  let above = 0;
  let comment: (Table & { header: string[] }) | undefined;
  for (const [index, text] of lines.entries()) {
    const trimmed = text.trim();
    const line = index + 1;
    // Spreadsheets read this line and do not show it.
    const [, said] = /^"?sep=(.)"?[;,\t|]*$/i.exec(trimmed) ?? [];
    if (said !== undefined && first === undefined) {
      delimiterSaid = said;
      continue;
    }
    if (/^"?sep=\t?"?$/i.test(trimmed) && first === undefined) {
      delimiterSaid = '\t';
      continue;
    }
    if (trimmed === '') continue;
    if (trimmed.startsWith('#')) {
      comment ??= headerBehind(trimmed, line, delimiterSaid);
      continue;
    }
    first ??= { text: trimmed, line };
    // A cell "GPS" could name a position, too.
    if (comment !== undefined && isRowOf(comment, trimmed) && hasNumber(trimmed, comment.delimiter)) break;
    const found = (delimiterSaid === undefined ? DELIMITERS : [delimiterSaid]).find((it) =>
      isHeader(text, it),
    );
    if (found !== undefined) {
      const table = { delimiter: found, line, above, hasShapes: hasShape(text, found), isText: false };
      return withTag(table, cellsOf(text, found), lines.slice(line));
    }
    if (isData(trimmed) || (comment !== undefined && isRowOf(comment, trimmed))) break;
    above++;
  }
  if (comment !== undefined) {
    const table = withTag(comment, comment.header, lines.slice(comment.line - 1));
    return table.tag === undefined ? { ...table, above } : table;
  }
  const text = first?.text ?? '';
  const blanks = delimiterSaid === undefined ? findBlankTable(lines) : undefined;
  if (blanks !== undefined) {
    return {
      ...{ delimiter: ' ', line: blanks.line, hasShapes: false, isText: false, blanks },
      above: 'above' in blanks ? blanks.above : 0,
    };
  }
  const delimiter = delimiterSaid ?? delimiterOf(text);
  return {
    delimiter,
    line: first?.line ?? 1,
    above: 0,
    hasShapes: hasShape(text, delimiter),
    isText: COORDINATES.test(text),
  };
}

/** `Fix,Provider,Latitude…` above rows that begin with `Fix`, and others that begin with `Raw`, as GnssLogger writes. */
function withTag<T extends Table>(table: T, header: readonly string[], lines: readonly string[]): T {
  const [tag = ''] = header;
  if (!/^[$A-Za-z]\w*$/.test(tag)) return table;
  const tagged = lines
    .map((line) => cellsOf(line, table.delimiter))
    .filter((cells) => cells[0] === tag && cells[1] !== header[1]);
  return tagged.length > 1 ? { ...table, tag } : table;
}

/** `# lat,lon,time`, and `#,lat,lon,time` where the rows are numbered. */
function headerBehind(
  text: string,
  line: number,
  said: string | undefined,
): (Table & { header: string[] }) | undefined {
  const bare = text.replace(/^#+/, '');
  const delimiter = (said === undefined ? DELIMITERS : [said]).find((it) => isHeader(bare, it));
  if (delimiter === undefined) return undefined;
  return {
    ...{ delimiter, line: line + 1, above: 0, isText: false },
    hasShapes: hasShape(bare, delimiter),
    header: cellsOf(bare, delimiter),
  };
}

function isRowOf(
  { delimiter, header }: { delimiter: string; header: readonly string[] },
  text: string,
): boolean {
  return Math.abs(cellsOf(text, delimiter).length - header.length) <= 1;
}

function hasNumber(text: string, delimiter: string): boolean {
  return cellsOf(text, delimiter).some((cell) => !Number.isNaN(numberOf(cell)));
}

export function isShape(cell: string): boolean {
  return /^\W*wkt\W*$/i.test(cell);
}

function isHeader(line: string, delimiter: string): boolean {
  const cells = cellsOf(line, delimiter);
  return cells.some(isShape) || (cells.length > 1 && columnsOf(cells) !== undefined);
}

function hasShape(line: string, delimiter: string): boolean {
  return cellsOf(line, delimiter).some(isShape);
}

/** A row that begins with two numbers is no line above a header. */
function isData(line: string): boolean {
  return DELIMITERS.some((delimiter) => {
    const cells = cellsOf(line, delimiter);
    return cells.length > 1 && cells.slice(0, 2).every((cell) => !Number.isNaN(coordinateOf(cell)));
  });
}

function cellsOf(line: string, delimiter: string): string[] {
  return line
    .slice(0, 20_000)
    .split(delimiter, 1000)
    .map((cell) => cell.trim().replace(/^"|"$/g, ''));
}

function delimiterOf(line: string): string {
  if (line.includes(';')) return ';';
  return line.includes('\t') ? '\t' : line.includes('|') && !line.includes(',') ? '|' : ',';
}
