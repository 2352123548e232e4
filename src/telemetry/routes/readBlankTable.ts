import { l10n } from '../../core/message.ts';
import { isRow, type BlankTable } from './blankTable.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector } from './collector.ts';
import { columnsOf, columnsWithoutHeader } from './csvColumns.ts';
import { decoded, inTurns } from './decoded.ts';
import { routeInvalid } from './routeInvalid.ts';
import { TrackRows } from './trackRows.ts';

/** The rows of a table that only blanks divide. What does not have its columns is left out and said. */
export async function readBlankTable(
  bytes: Uint8Array,
  file: string,
  collector: Collector,
  { line: first, header, cellsOf }: BlankTable,
): Promise<'stated' | 'assumed'> {
  let rows = header && rowsOf(header);
  let line = 0;
  let rest = '';

  function rowsOf(cells: readonly string[]): TrackRows {
    const columns = (header && columnsOf(header)) ?? columnsWithoutHeader(cells);
    return new TrackRows(file, collector, columns);
  }

  function take(text: string): void {
    line++;
    const row = text.trim();
    if (line < first || (header !== undefined && line === first) || !isRow(row)) return;
    const cells = cellsOf(row);
    if (cells === undefined) {
      collector.leaveOutRecord({ line });
      return;
    }
    if (header !== undefined && cells.every((cell, i) => cell === header[i])) {
      collector.findings.count('header', { line });
      return;
    }
    rows ??= rowsOf(cells);
    rows.add(cells, { line });
  }

  for await (const piece of inTurns(decoded(bytes, file, collector.progress))) {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > BOUNDS.record)
      throw routeInvalid(file, l10n.t('this line is too long'), { line: line + 1 });
    for (const text of lines) take(text);
  }
  take(rest);
  await rows?.finish();
  return header === undefined ? 'assumed' : 'stated';
}
