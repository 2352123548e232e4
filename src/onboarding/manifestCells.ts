import { l10n, type Message } from '../core/message.ts';
import type { Columns } from './manifestColumns.ts';

/** Blanks and what one does not see: pasted text has it at the ends of a cell. */
const INVISIBLE = /^[\s\p{Cf}]$/u;
const SHEET_ERROR =
  /^#(?:N\/A|NV|REF!|BEZUG!|NAME\?|VALUE!|WERT!|VALEUR!|DIV\/0!|NUM!|ZAHL!|NULL!|SPILL!|GETTING_DATA)$/i;
const SHORTENED = /^[+-]?\d(?:[.,]\d+)?E[+-]?\d{1,3}$/i;
/** What a spreadsheet shows, and saves, where a column is too narrow for its number or date. */
const TOO_NARROW = /^#{3,}$/;
/** A phone number in a column with empty cells, as pandas and others write it. */
const WITH_DECIMALS = /^\+?\d{6,}[.,]0$/;
/** The two bytes of a letter of UTF-8, each read as a letter of Windows-1252; no word has these side by side. */
const READ_TWICE = /[ÃÂ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€]|â€/u;
const HTML_LETTER = /&(?:#\d{2,6}|#x[\da-f]{2,5}|[a-z]{2,8}\d{0,2});/i;
const DATE =
  /^(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2}(?:[T ]00:00:00)?|\d{1,2}[. -]{1,2}\p{L}{3,5}\.?(?:[ -]\d{2,4})?|\p{L}{3}[ -]\d{1,2}|\d{1,2}月\d{1,2}日)$/u;
const YES = /^(?:true|yes|1|wahr|ja|vrai|oui|verdadero|sí|vero)$/i;
const NO = /^(?:false|no|0|falsch|nein|faux|non|falso)$/i;

/** What a spreadsheet writes around a text to keep it a text (`="0123"`, `'0123`), and what cannot be seen, taken off. */
export function cleanCell(columns: Columns, field: string, text: string): string {
  const shown = trimmed(text).replace(/^="([^]*)"$/, '$1');
  if (columns.isFreeText(field)) return shown;
  return trimmed(
    shown
      .normalize('NFKC')
      .replace(/\p{Cf}+/gu, '')
      .replace(/^'/, ''),
  );
}

/** Not by an expression: at each blank inside, it would look for the end anew. */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && INVISIBLE.test(characterAt(text, from))) from += characterAt(text, from).length;
  while (to > from && INVISIBLE.test(characterBefore(text, to))) to -= characterBefore(text, to).length;
  return text.slice(from, to);
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}

function characterBefore(text: string, end: number): string {
  const code = text.codePointAt(end - 2) ?? 0;
  return code > 0xffff ? String.fromCodePoint(code) : (text[end - 1] ?? '');
}

/** Whether a spreadsheet has changed what was once typed into a cell, so that it must be typed again. */
export function damageOf(columns: Columns, field: string, cell: string): Message | undefined {
  if (SHEET_ERROR.test(cell)) {
    return l10n.t('{cell} is an error of the spreadsheet; correct the formula there.', { cell });
  }
  if (TOO_NARROW.test(cell)) {
    return l10n.t(
      '"{cell}" stands for a value that the column was too narrow for; widen it and save again.',
      {
        cell: cell.slice(0, 20),
      },
    );
  }
  if (columns.typeOf(field) !== 'string') return undefined;
  if (/\p{Cc}/u.test(cell)) {
    return l10n.t('"{cell}" has a line break or another control character in it; write it on one line.', {
      cell: cell.replace(/\p{Cc}+/gu, ' ').slice(0, 60),
    });
  }
  // A bodywork or a street may look like it, a VIN, a name or a phone number never does.
  if (SHORTENED.test(cell)) {
    return l10n.t(
      '{cell} is a number that a spreadsheet has shortened; format the column as text and enter the value again.',
      { cell },
    );
  }
  if (WITH_DECIMALS.test(cell) && !columns.isLikeDates(field)) {
    return l10n.t(
      '{cell} is a number to which a program has added a decimal place; format the column as text and enter the value again.',
      { cell },
    );
  }
  const [letter] = READ_TWICE.exec(cell) ?? HTML_LETTER.exec(cell) ?? [];
  if (letter !== undefined) {
    return l10n.t(
      '"{cell}" has {text} where a letter was, because a program took the file for something else. Export it again as UTF-8.',
      { cell: cell.slice(0, 60), text: letter },
    );
  }
  if (columns.isLikeDates(field) && DATE.test(cell) && !/^[A-Z]{3} \d/.test(cell)) {
    return l10n.t(
      'A spreadsheet turned something like 9-3 or 1.9.1 into the date "{cell}"; format the column as text and enter the value again.',
      { cell },
    );
  }
  if (cell.includes('\uFFFD')) {
    return l10n.t(
      '"{cell}" has characters that were lost when the file was read as UTF-8. Save it as UTF-8 (in a spreadsheet: "CSV UTF-8").',
      { cell: cell.slice(0, 60) },
    );
  }
  return undefined;
}

/** What cannot be read as the wanted type stays text, and the schema then says what it expects. */
export function valueOf(cell: string, type: string | undefined): unknown {
  if (type === 'number' || type === 'integer') {
    // Many countries write 48,1; a year has no thousands.
    const value = Number(/^[+-]?\d+,\d+$/.test(cell) ? cell.replace(',', '.') : cell);
    return Number.isNaN(value) ? cell : value;
  }
  if (type === 'boolean') {
    if (YES.test(cell)) return true;
    if (NO.test(cell)) return false;
  }
  // Several words in one cell: blanks between them, or what is no delimiter of this file.
  if (type === 'array') return cell.split(/[\s;,|]+/).filter((word) => word !== '');
  return cell;
}
