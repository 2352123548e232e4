import * as vscode from 'vscode';
import { systemTimers, type Timers } from '../../core/timers.ts';
import type { OnboardingFields } from '../../cms/contract/fields.ts';
import type { ManifestOptions, ManifestVehicle } from '../../onboarding/manifest.ts';
import type { ManifestProblem } from '../../onboarding/manifestRows.ts';
import { errorHelp } from '../base/errorHelp.ts';
import { say } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';

type LoadManifests = LoadBackend<
  'GENERATIONS' | 'manifestFormatOf' | 'manifestProblems' | 'problemLine' | 'readManifest'
>;

/** A problem, and what of the document is underlined for it. */
export type PlacedProblem = ManifestProblem & { at: vscode.Range };

interface Found {
  problems: ManifestProblem[];
  /** The same in the document, once somebody asked. */
  placed?: readonly PlacedProblem[];
  /** With which they were found. */
  options: ManifestOptions;
  version: number;
}

/** How soon after the last key a file is checked. */
const SOON_MS = 200;

/** Problems of fleet files in the Problems view, from the same schema the work uses; kept true while they are edited. */
export class FleetDiagnostics implements vscode.Disposable {
  readonly #backend: LoadManifests;
  readonly #extensionUri: vscode.Uri;
  readonly #came = new vscode.EventEmitter<void>();
  /** A file counts as a fleet from now on, though its name does not say so. */
  readonly onDidFind = this.#came.event;
  readonly #collection = vscode.languages.createDiagnosticCollection('cms-fleet');
  readonly #timers: Timers;
  readonly #listeners: vscode.Disposable;
  /** What was found last, and in which version of the document. */
  readonly #last = new WeakMap<vscode.TextDocument, Found>();
  /** What takes away a check that is to come, by the URI of its document. */
  readonly #waiting = new Map<string, () => void>();

  constructor(backend: LoadManifests, extensionUri: vscode.Uri, timers: Timers = systemTimers) {
    this.#backend = backend;
    this.#extensionUri = extensionUri;
    this.#timers = timers;
    this.#listeners = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isNamedCsv(document) || this.#collection.has(document.uri)) this.#checkSoon(document);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkByName(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#takeCheck(uri);
        this.#collection.delete(uri);
      }),
    );
    for (const document of vscode.workspace.textDocuments) this.#checkByName(document);
  }

  /** A CSV file that says by its name what it is; JSON of that name is checked by the editor itself. */
  #checkByName(document: vscode.TextDocument): void {
    if (isNamedCsv(document)) this.#checkSoon(document);
  }

  /** By its name, or because somebody wanted to onboard it. */
  isFleet(document: vscode.TextDocument): boolean {
    return /\.cms-fleet\.(?:csv|json)$/i.test(document.fileName) || this.#collection.has(document.uri);
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
    return problems.some(isError) ? undefined : this.#backend().readManifest(document.getText(), options);
  }

  /** Lists the problems of a file. */
  #mark(document: vscode.TextDocument, fields?: OnboardingFields): Found {
    const isKnown = this.isFleet(document);
    const found = this.#read(document, fields);
    const { problems } = found;
    const { problemLine } = this.#backend();
    this.#collection.set(
      document.uri,
      problems.map((problem) => {
        const diagnostic = new vscode.Diagnostic(
          rangeOf(problem, document),
          say(problemLine(problem)),
          problem.isWarning === true ? vscode.DiagnosticSeverity.Hint : vscode.DiagnosticSeverity.Error,
        );
        diagnostic.source = 'Connected Mobility';
        diagnostic.code = {
          value: 'MANIFEST_INVALID',
          target: errorHelp(this.#extensionUri, 'MANIFEST_INVALID'),
        };
        return diagnostic;
      }),
    );
    if (!isKnown) this.#came.fire();
    return found;
  }

  /** What is wrong with a fleet file as it is now, and where; the same array for each version of the document. */
  problemsOf(document: vscode.TextDocument): readonly PlacedProblem[] {
    const last = this.#last.get(document);
    const found = last?.version === document.version ? last : this.#read(document);
    return (found.placed ??= found.problems.map((problem) => ({
      ...problem,
      at: rangeOf(problem, document),
    })));
  }

  #read(document: vscode.TextDocument, fields?: OnboardingFields): Found {
    const { manifestProblems } = this.#backend();
    const [best] = this.#optionsOf(document, fields)
      .map((options) => ({ options, problems: manifestProblems(document.getText(), options) }))
      // Before it is known whose vehicles these are, those that fit best were meant.
      .toSorted((a, b) => a.problems.filter(isError).length - b.problems.filter(isError).length);
    if (best === undefined) throw new Error('There is no generation.');
    const found: Found = { ...best, version: document.version };
    this.#last.set(document, found);
    return found;
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
    this.#came.dispose();
  }
}

function isError({ isWarning }: ManifestProblem): boolean {
  return isWarning !== true;
}

/** What to underline: the wrong value where it is known, else the line. */
function rangeOf({ line, range }: ManifestProblem, document: vscode.TextDocument): vscode.Range {
  if (range !== undefined) {
    const { offset, length } = range;
    return new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  }
  return document.lineAt(Math.min(Math.max(line - 1, 0), document.lineCount - 1)).range;
}

function isNamedCsv({ fileName }: vscode.TextDocument): boolean {
  return /\.cms-fleet\.csv$/i.test(fileName);
}
