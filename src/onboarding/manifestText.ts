import { EncodingError, saveAsUtf8, wholeText } from '../core/encoding.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';

/** Beginnings of files that spreadsheets save and that are not text, in Latin-1. */
const WORKBOOKS = ['PK\x03\x04', '\xd0\xcf\x11\xe0'];

/**
 * The text of a fleet file. Other encodings than UTF-8 and UTF-16 are not guessed: names would have wrong letters.
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestText(bytes: Uint8Array, file: string): string {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (WORKBOOKS.some((workbook) => start.startsWith(workbook))) {
    throw invalid(
      l10n.t('The fleet manifest {file} is a workbook of a spreadsheet, not text.', { file }),
      l10n.t('Save the sheet as "CSV UTF-8".'),
    );
  }
  try {
    return wholeText(bytes);
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    const { line, why } = error;
    throw invalid(
      line === undefined
        ? l10n.t('The fleet manifest {file} cannot be read: {why}.', { file, why })
        : l10n.t('The fleet manifest {file} cannot be read: line {line}: {why}.', { file, line, why }),
      saveAsUtf8(),
      error,
    );
  }
}

function invalid(sentence: Message, remedy: Message, cause?: unknown): CmsError {
  return new CmsError('MANIFEST_INVALID', sentence, { remedy, cause });
}
