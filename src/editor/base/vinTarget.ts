import * as vscode from 'vscode';
import { vinsIn } from './vinsInText.ts';

/** A vehicle that is known by its VIN only: of a link in a hover, or of a terminal. */
export interface VinTarget {
  vin: string;
}

/**
 * The VIN a command was called on: given by itself, under the cursor or selected in the editor of a file, or the name of
 * a folder such as `certs/<VIN>`. Undefined when it is about something else.
 */
export function vinOfTarget(target: unknown): string | undefined {
  if (target instanceof vscode.Uri) return vinOfFile(target);
  if (typeof target !== 'object' || target === null || !('vin' in target)) return undefined;
  return typeof target.vin === 'string' ? onlyVin(target.vin) : undefined;
}

function vinOfFile(uri: vscode.Uri): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const here = editor?.document.uri.toString() === uri.toString() ? vinAtCursor(editor) : undefined;
  return here ?? onlyVin(uri.path.split('/').findLast((name) => name !== '') ?? '');
}

/** The VIN that is touched by the cursor, or the first one in the selection. */
export function vinAtCursor({ document, selection }: vscode.TextEditor): string | undefined {
  const { start, end, isEmpty } = selection;
  for (let line = start.line; line <= end.line; line++) {
    const from = line === start.line ? start.character : 0;
    const to = line === end.line ? end.character : Infinity;
    const found = vinsIn(document.lineAt(line).text).find((vin) =>
      isEmpty ? vin.start <= from && from <= vin.end : vin.start < to && from < vin.end,
    );
    if (found !== undefined) return found.vin;
    // A selection of a whole log holds the VIN somewhere; nobody means a line far below.
    if (line - start.line > 200) break;
  }
  return undefined;
}

function onlyVin(text: string): string | undefined {
  const [found] = vinsIn(text);
  return found?.start === 0 && found.end === text.length ? found.vin : undefined;
}
