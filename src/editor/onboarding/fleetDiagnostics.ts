import * as vscode from 'vscode';
import { systemTimers, type Timers } from '../../core/timers.ts';
import type { OnboardingFields } from '../../cms/contract/fields.ts';
import type { ManifestOptions, ManifestVehicle } from '../../onboarding/manifest.ts';
import type { ManifestProblem } from '../../onboarding/manifestRows.ts';
import { errorHelp } from '../base/errorHelp.ts';
import { say } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';

type LoadManifests = LoadBackend<
  'GENERATIONS' | 'manifestFormatOf' | 'fieldsHelp' | 'manifestProblems' | 'problemLine' | 'readManifest'
>;

/** How soon after the last key a file is checked. */
const SOON_MS = 200;

/** Problems of fleet files in the Problems view, from the same schema the work uses; kept true while they are edited. */
export class FleetDiagnostics implements vscode.Disposable {
  readonly #backend: LoadManifests;
  readonly #extensionUri: vscode.Uri;
  readonly #collection = vscode.languages.createDiagnosticCollection('cms-fleet');
  readonly #timers: Timers;
  readonly #listeners: vscode.Disposable;
  /** What takes away a check that is to come, by the URI of its document. */
  readonly #waiting = new Map<string, () => void>();

  constructor(backend: LoadManifests, extensionUri: vscode.Uri, timers: Timers = systemTimers) {
    this.#backend = backend;
    this.#extensionUri = extensionUri;
    this.#timers = timers;
    this.#listeners = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#isFleet(document)) this.#checkSoon(document);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkByName(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#takeCheck(uri);
        this.#collection.delete(uri);
      }),
      vscode.languages.registerCompletionItemProvider(
        { pattern: '**/*.csv' },
        {
          provideCompletionItems: (document, position) =>
            position.line === 0 && this.#isFleet(document) ? columns(backend, document) : [],
        },
      ),
    );
    for (const document of vscode.workspace.textDocuments) this.#checkByName(document);
  }

  /** A CSV file that says by its name what it is; JSON of that name is checked by the editor itself. */
  #checkByName(document: vscode.TextDocument): void {
    if (isNamedFleet(document)) this.#checkSoon(document);
  }

  /** By its name, or because somebody wanted to onboard it. */
  #isFleet(document: vscode.TextDocument): boolean {
    return isNamedFleet(document) || this.#collection.has(document.uri);
  }

  /** Not with every key, and not while the extension is activated: it loads all that is heavy. */
  #checkSoon(document: vscode.TextDocument): void {
    this.#takeCheck(document.uri);
    const take = this.#timers.after(SOON_MS, () => {
      this.#waiting.delete(document.uri.toString());
      if (!document.isClosed) this.#mark(document);
    });
    this.#waiting.set(document.uri.toString(), take);
  }

  #takeCheck(uri: vscode.Uri): void {
    this.#waiting.get(uri.toString())?.();
    this.#waiting.delete(uri.toString());
  }

  /** The vehicles of a file, or undefined when it has problems, which are then listed. */
  check(document: vscode.TextDocument, fields?: OnboardingFields): ManifestVehicle[] | undefined {
    this.#takeCheck(document.uri);
    const { problems, options } = this.#mark(document, fields);
    return problems.length > 0 ? undefined : this.#backend().readManifest(document.getText(), options);
  }

  /** Lists the problems of a file. */
  #mark(
    document: vscode.TextDocument,
    fields?: OnboardingFields,
  ): { problems: ManifestProblem[]; options: ManifestOptions } {
    const { manifestProblems, problemLine } = this.#backend();
    const { problems, options } = this.#optionsOf(document, fields)
      .map((options) => ({ options, problems: manifestProblems(document.getText(), options) }))
      // Before it is known whose vehicles these are, those that fit best were meant.
      .reduce((best, each) => (each.problems.length < best.problems.length ? each : best));
    this.#collection.set(
      document.uri,
      problems.map((problem) => {
        const diagnostic = new vscode.Diagnostic(
          rangeOf(problem, document),
          say(problemLine(problem)),
          vscode.DiagnosticSeverity.Error,
        );
        diagnostic.source = 'CMS fleet';
        diagnostic.code = {
          value: 'MANIFEST_INVALID',
          target: errorHelp(this.#extensionUri, 'MANIFEST_INVALID'),
        };
        return diagnostic;
      }),
    );
    return { problems, options };
  }

  /** One for each generation it may be of; one alone when that is known. */
  #optionsOf({ fileName }: vscode.TextDocument, fields?: OnboardingFields): ManifestOptions[] {
    const { GENERATIONS, manifestFormatOf } = this.#backend();
    const able = fields === undefined ? GENERATIONS.flatMap(({ onboarding }) => onboarding ?? []) : [fields];
    const about = { format: manifestFormatOf(fileName), now: this.#timers.now() };
    return able.map((each) => ({ ...about, fields: each }));
  }

  dispose(): void {
    for (const take of this.#waiting.values()) take();
    this.#listeners.dispose();
    this.#collection.dispose();
  }
}

/** What to underline: the wrong value where it is known, else the line. */
function rangeOf({ line, range }: ManifestProblem, document: vscode.TextDocument): vscode.Range {
  if (range !== undefined) {
    const { offset, length } = range;
    return new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  }
  return document.lineAt(Math.min(Math.max(line - 1, 0), document.lineCount - 1)).range;
}

function isNamedFleet({ fileName }: vscode.TextDocument): boolean {
  return /\.cms-fleet\.csv$/i.test(fileName);
}

/** Column names for the header line of a CSV file. */
function columns(backend: LoadManifests, document: vscode.TextDocument): vscode.CompletionItem[] {
  const { GENERATIONS, fieldsHelp } = backend();
  const present = new Set(document.lineAt(0).text.split(/[,;\t]/));
  return Object.entries(fieldsHelp(GENERATIONS.flatMap(({ onboarding }) => onboarding ?? [])))
    .filter(([name]) => !present.has(name))
    .map(([name, description]) => {
      const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Field);
      if (description !== undefined) item.documentation = description;
      return item;
    });
}
