import * as vscode from 'vscode';
import { safeJson } from '../../core/foreignText.ts';
import { redacted } from '../../core/secrets.ts';

const SCHEME = 'cms-telemetry';

/** Messages as read-only JSON documents; showing one again brings it up to date. */
export class JsonDocuments implements vscode.Disposable, vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME) this.#texts.delete(uri.path);
    }),
  );

  provideTextDocumentContent(uri: vscode.Uri): string {
    return (
      this.#texts.get(uri.path) ??
      `// ${vscode.l10n.t('This was shown before the window was reloaded. Run the command again.')}\n`
    );
  }

  /** @param name what the tab is called; ends with `.json` */
  async show(name: string, value: unknown): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.#texts.set(uri.path, `${safeJson(redacted(value), undefined, 2)}\n`);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    // In the place of a map it would take what the person looks at.
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    const viewColumn =
      input instanceof vscode.TabInputWebview ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    await vscode.window.showTextDocument(document, { preview: true, viewColumn });
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }
}
