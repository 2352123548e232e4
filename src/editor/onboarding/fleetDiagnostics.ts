import * as vscode from 'vscode';
import type { ManifestVehicle } from '../../onboarding/manifest.ts';
import type { ManifestProblem } from '../../onboarding/manifestRows.ts';
import { errorHelp } from '../base/errorHelp.ts';
import { say } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';

type LoadManifests = LoadBackend<
  'manifestFormatOf' | 'manifestJsonSchema' | 'manifestProblems' | 'problemLine' | 'readManifest'
>;

/** Problems of fleet files in the Problems view, from the same schema the work uses; kept true while they are edited. */
export class FleetDiagnostics implements vscode.Disposable {
  readonly #backend: LoadManifests;
  readonly #extensionUri: vscode.Uri;
  readonly #collection = vscode.languages.createDiagnosticCollection('cms-fleet');
  readonly #listeners: vscode.Disposable;

  constructor(backend: LoadManifests, extensionUri: vscode.Uri) {
    this.#backend = backend;
    this.#extensionUri = extensionUri;
    this.#listeners = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#collection.has(document.uri)) this.check(document);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkByName(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#collection.delete(uri)),
      vscode.languages.registerCompletionItemProvider(
        { pattern: '**/*.csv' },
        { provideCompletionItems: columns(backend) },
      ),
    );
    for (const document of vscode.workspace.textDocuments) this.#checkByName(document);
  }

  /** A CSV file that says by its name what it is; JSON of that name is checked by the editor itself. */
  #checkByName(document: vscode.TextDocument): void {
    if (document.fileName.endsWith('.cms-fleet.csv')) this.check(document);
  }

  /** The vehicles of a file, or undefined when it has problems, which are then listed. */
  check(document: vscode.TextDocument): ManifestVehicle[] | undefined {
    const { manifestFormatOf, manifestProblems, problemLine, readManifest } = this.#backend();
    const options = { format: manifestFormatOf(document.fileName), now: Date.now() };
    const problems = manifestProblems(document.getText(), options);
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
    return problems.length > 0 ? undefined : readManifest(document.getText(), options);
  }

  dispose(): void {
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

/** Column names in the header line of a CSV file. */
function columns(backend: LoadManifests): vscode.CompletionItemProvider['provideCompletionItems'] {
  return (document, position) => {
    if (position.line !== 0) return [];
    const schema = backend().manifestJsonSchema() as {
      properties: { vehicles: { items: { properties: Record<string, { description?: string }> } } };
    };
    const present = new Set(document.lineAt(0).text.split(/[,;\t]/));
    return Object.entries(schema.properties.vehicles.items.properties)
      .filter(([name]) => !present.has(name))
      .map(([name, { description }]) => {
        const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Field);
        if (description !== undefined) item.documentation = description;
        return item;
      });
  };
}
