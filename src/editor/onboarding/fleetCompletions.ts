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
        const { range, field, words } = found;
        const more = field === undefined || field === 'vin' ? [] : known(field);
        const all = new Map(words.map(({ word, help }) => [word, help]));
        for (const word of more) if (!all.has(word)) all.set(word, undefined);
        const at = new vscode.Range(
          document.positionAt(range.offset),
          document.positionAt(range.offset + range.length),
        );
        const kind =
          field === undefined ? vscode.CompletionItemKind.Field : vscode.CompletionItemKind.EnumMember;
        return [...all].map(([word, help], i) => itemOf(word, { help, kind, at, order: i }));
      },
    },
    // What divides cells.
    ...[',', ';', '\t', '|'],
  );
}

function itemOf(
  word: string,
  of: { help: string | undefined; kind: vscode.CompletionItemKind; at: vscode.Range; order: number },
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(word, of.kind);
  if (of.help !== undefined) item.documentation = of.help;
  item.range = of.at;
  // In the order of the form, not of the alphabet.
  item.sortText = String(of.order).padStart(4, '0');
  return item;
}
