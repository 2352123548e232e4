import * as vscode from 'vscode';
import { fileGlob } from '../base/fileGlob.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { FleetDiagnostics } from './fleetDiagnostics.ts';

/**
 * Completion in CSV fleet files: names of columns in the header, below it the values that a column takes. JSON files
 * have theirs from their schema.
 * @param known values that onboarded vehicles have of a field
 */
export function registerFleetCompletions(
  backend: LoadBackend<'GENERATIONS' | 'manifestCompletions'>,
  files: Pick<FleetDiagnostics, 'isFleet'>,
  known: (field: string) => readonly string[],
): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider(
    { pattern: fileGlob('csv') },
    {
      provideCompletionItems(document, position) {
        if (!files.isFleet(document)) return [];
        const { GENERATIONS, manifestCompletions } = backend();
        const fields = GENERATIONS.flatMap(({ onboarding }) => onboarding ?? []);
        const found = manifestCompletions(document.getText(), document.offsetAt(position), fields);
        if (found === undefined) return [];
        const { range, field, words, write } = found;
        const more = field === undefined || field === 'vin' ? [] : known(field);
        const all = new Map(words.map(({ word, help }) => [word, help]));
        for (const word of more) if (!all.has(word)) all.set(word, undefined);
        const at = new vscode.Range(
          document.positionAt(range.offset),
          document.positionAt(range.offset + range.length),
        );
        const kind =
          field === undefined ? vscode.CompletionItemKind.Field : vscode.CompletionItemKind.EnumMember;
        const of = { kind, at, there: document.getText(at) };
        return [...all].map(([word, help], i) => itemOf(word, { ...of, help, text: write(word), order: i }));
      },
    },
    // What divides cells.
    ...[',', ';', '\t', '|'],
  );
}

function itemOf(
  word: string,
  of: {
    help: string | undefined;
    kind: vscode.CompletionItemKind;
    at: vscode.Range;
    /** What stands in the cell. */
    there: string;
    /** The word as it is written. */
    text: string;
    order: number;
  },
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(word, of.kind);
  if (of.help !== undefined) item.documentation = of.help;
  item.range = of.at;
  item.insertText = of.text;
  // The editor leaves out what does not look like the cell, which may be wrong from its first letter on.
  if (of.there !== '') item.filterText = `${of.there} ${word}`;
  // What goes on as the cell begins, then in the order of the form, not of the alphabet.
  const isBegun = word.toLowerCase().startsWith(of.there.replace(/^"/, '').toLowerCase());
  item.sortText = `${isBegun ? 0 : 1}${String(of.order).padStart(4, '0')}`;
  return item;
}
