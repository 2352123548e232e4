import * as vscode from 'vscode';
import { fileGlob } from '../base/fileGlob.ts';
import { forLabel } from '../base/shown.ts';
import type { FleetDiagnostics, PlacedProblem } from './fleetDiagnostics.ts';

type Files = Pick<FleetDiagnostics, 'isFleet' | 'problemsOf'>;

/** In a selection of thousands nobody looks through the fixes of all. */
const MOST_FIXED = 20;

/** Quick fixes of fleet files: what was meant, perhaps, in place of what a problem is about. */
export function registerFleetFixes(files: Files): vscode.Disposable {
  const mistakes = new WeakMap<readonly PlacedProblem[], Mistakes>();
  return vscode.languages.registerCodeActionsProvider(
    { pattern: fileGlob('csv', 'cms-fleet.json') },
    {
      provideCodeActions(document, range, context) {
        if (!files.isFleet(document)) return [];
        // The same ones for each version of the document.
        const problems = files.problemsOf(document);
        let all = mistakes.get(problems);
        if (all === undefined) {
          all = mistakesIn(problems, document);
          mistakes.set(problems, all);
        }
        const offered = new Set<Mistake>();
        return firstIn(all, range).flatMap((problem) => {
          const { at, instead = [] } = problem;
          const diagnostics = context.diagnostics.filter((each) => each.range.isEqual(at));
          const actions = instead.map((text) => {
            const action = fix(vscode.l10n.t('Change to {0}', quoted(text)), document, [at], text);
            action.diagnostics = diagnostics;
            action.isPreferred = instead.length === 1;
            return action;
          });
          const same = all.get(problem);
          const [first] = instead;
          if (same === undefined || first === undefined || offered.has(same)) return actions;
          offered.add(same);
          const places = [...same.places.values()];
          if (places.length < 2) return actions;
          const title = vscode.l10n.t(
            'Change all {0} {1} to {2}',
            places.length,
            quoted(same.wrong),
            quoted(first),
          );
          return [...actions, fix(title, document, places, first)];
        });
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

/** The same wrong text in all cells of a field. */
interface Mistake {
  wrong: string;
  /** Each place once, by where it begins. */
  places: Map<string, vscode.Range>;
}

/** What can be mended, in the order of the file. */
type Mistakes = ReadonlyMap<PlacedProblem, Mistake>;

function mistakesIn(problems: readonly PlacedProblem[], document: vscode.TextDocument): Mistakes {
  const byText = new Map<string, Mistake>();
  const all = new Map<PlacedProblem, Mistake>();
  for (const problem of problems) {
    if (problem.instead === undefined || problem.instead.length === 0) continue;
    const wrong = document.getText(problem.at);
    const key = JSON.stringify([problem.field, wrong]);
    const mistake = byText.get(key) ?? { wrong, places: new Map<string, vscode.Range>() };
    const { line, character } = problem.at.start;
    mistake.places.set(`${line}:${character}`, problem.at);
    byText.set(key, mistake);
    all.set(problem, mistake);
  }
  return all;
}

function firstIn(all: Mistakes, range: vscode.Range): PlacedProblem[] {
  const here: PlacedProblem[] = [];
  for (const problem of all.keys()) {
    if (here.length >= MOST_FIXED) break;
    if (problem.at.intersection(range) !== undefined) here.push(problem);
  }
  return here;
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
