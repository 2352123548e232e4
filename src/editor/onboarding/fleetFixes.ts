import * as vscode from 'vscode';
import { fileGlob } from '../base/fileGlob.ts';
import { forLabel } from '../base/shown.ts';
import type { FleetDiagnostics, PlacedProblem } from './fleetDiagnostics.ts';

type Files = Pick<FleetDiagnostics, 'isFleet' | 'problemsOf'>;

/** Quick fixes of fleet files: what was meant, perhaps, in place of what a problem is about. */
export function registerFleetFixes(files: Files): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    { pattern: fileGlob('csv', 'cms-fleet.json') },
    {
      provideCodeActions(document, range, context) {
        if (!files.isFleet(document)) return [];
        const all = files.problemsOf(document);
        const here = all.filter(({ at }) => at.intersection(range) !== undefined);
        return here.flatMap((problem) => fixesOf(problem, document, all, context.diagnostics));
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function fixesOf(
  problem: PlacedProblem,
  document: vscode.TextDocument,
  all: readonly PlacedProblem[],
  marked: readonly vscode.Diagnostic[],
): vscode.CodeAction[] {
  const { at, instead = [] } = problem;
  const diagnostics = marked.filter(({ range }) => range.isEqual(at));
  const actions = instead.map((text) => {
    const action = fix(vscode.l10n.t('Change to {0}', quoted(text)), document, [at], text);
    action.diagnostics = diagnostics;
    action.isPreferred = instead.length === 1;
    return action;
  });
  const [first] = instead;
  const wrong = document.getText(at);
  const same = all.filter((each) => each.field === problem.field && document.getText(each.at) === wrong);
  if (first === undefined || same.length < 2) return actions;
  const title = vscode.l10n.t('Change all {0} {1} to {2}', same.length, quoted(wrong), quoted(first));
  const places = same.map((each) => each.at);
  return [...actions, fix(title, document, places, first)];
}

function fix(
  title: string,
  { uri }: vscode.TextDocument,
  places: readonly vscode.Range[],
  text: string,
): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  for (const place of places) action.edit.replace(uri, place, text);
  return action;
}

/** JSON has its quotes already. */
function quoted(text: string): string {
  return forLabel(/^"[^]*"$/.test(text) ? text : `"${text}"`);
}
