import type { TextRange } from './manifestRows.ts';

/** A record of a CSV text: what its cells say, and where each of them stands. */
export interface PlacedRecord {
  cells: string[];
  /** Of what a cell says, with its quotes and without blanks around it. */
  ranges: TextRange[];
  /** Where each cell ends, with its blanks. */
  ends: number[];
  begin: number;
  end: number;
}

/** How a text is read: where it begins, its delimiter, and whether each line was read on its own. */
interface Reading {
  offset: number;
  delimiter: string;
  byLine: boolean;
}

/**
 * Finds the cells of records that were read from a CSV text before, in the order of the text. A record that is not found
 * again, because something in it was read in another way, has no places.
 */
export function placesOf<R extends { cells: readonly string[] }>(
  records: readonly R[],
  text: string,
  of: Reading,
): Map<R, readonly TextRange[]> {
  const places = new Map<R, readonly TextRange[]>();
  const scanned = scan(text, of);
  let next = scanned.next();
  for (const record of records) {
    // Empty lines, and lines that could not be read, are no records.
    while (next.done !== true && !isSame(next.value.cells, record.cells)) next = scanned.next();
    if (next.done === true) break;
    places.set(record, next.value.ranges);
    next = scanned.next();
  }
  return places;
}

/** All records that are not empty lines. */
export function scannedRecords(text: string, of: Reading): PlacedRecord[] {
  return [...scan(text, of)].filter(({ cells }) => cells.length > 1 || cells[0] !== '');
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((cell, i) => cell === b[i]);
}

/** Records of RFC 4180: a cell in quotes may hold delimiters, line ends, and quotes that are written twice. */
function* scan(text: string, { offset, delimiter, byLine }: Reading): Generator<PlacedRecord> {
  const empty = (begin: number): PlacedRecord => ({ cells: [], ranges: [], ends: [], begin, end: begin });
  let record = empty(offset);
  let start = 0;
  /** Between quotes; `opens` while nothing but blanks stands before. */
  let isQuoted = false;
  let opens = true;
  const endCell = (end: number): void => {
    const raw = text.slice(start, end);
    const shown = raw.trim();
    const lead = raw.length - raw.trimStart().length;
    record.cells.push(unquoted(shown));
    record.ranges.push({ offset: offset + start + lead, length: shown.length });
    record.ends.push(offset + end);
    record.end = offset + end;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    const endsLine = c === '\n' || c === '\r';
    if (c === '"') {
      // The second of two quotes opens again what the first has closed.
      isQuoted = isQuoted ? false : opens || text[i - 1] === '"';
      opens = false;
    } else if (isQuoted && !(byLine && endsLine)) continue;
    else if (c === delimiter || endsLine) {
      endCell(i);
      start = i + 1;
      isQuoted = false;
      opens = true;
      if (!endsLine) continue;
      yield record;
      if (c === '\r' && text[i + 1] === '\n') start = ++i + 1;
      record = empty(offset + start);
    } else if (c !== ' ' && c !== '\t' && c !== '\uFEFF') opens = false;
  }
  endCell(text.length);
  yield record;
}

function unquoted(cell: string): string {
  const [, quoted] = /^"([^]*)"$/.exec(cell) ?? [];
  return quoted === undefined ? cell : quoted.replaceAll('""', '"');
}
