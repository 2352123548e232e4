import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { forLabel } from '../base/shown.ts';
import { messageHtml } from '../map/mapHtml.ts';
import { newNonce } from '../map/mapPanel.ts';
import { ChartPanel, type ChartPanelSources } from './chartPanel.ts';
import { type ChartRestore, chartRestoreSchema, type ChartSource } from './chartSource.ts';

/** What the editor knows charts by; to be registered with these panels as its serializer. */
export const CHART_VIEW = 'cmsEnablement.chart';

/** The charts of this window, one panel a source. */
export class ChartPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #sources: ChartPanelSources;
  readonly #reopen: (restore: ChartRestore) => Promise<ChartSource | undefined>;
  readonly #panels = new Map<string, ChartPanel>();
  readonly #settings: vscode.Disposable;

  /** @param reopen the source of charts that were open before the window was reloaded; undefined when it is gone */
  constructor(
    sources: ChartPanelSources,
    reopen: (restore: ChartRestore) => Promise<ChartSource | undefined>,
  ) {
    this.#sources = sources;
    this.#reopen = reopen;
    this.#settings = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration('cmsEnablement.units')) return;
      for (const panel of this.#panels.values()) panel.render();
    });
  }

  /** @param select ids of the vehicles to draw; `beside` what the person looks at, such as a map */
  show(
    source: ChartSource,
    { select, beside = false }: { select?: readonly string[] | undefined; beside?: boolean } = {},
  ): void {
    const open = this.#panels.get(source.key);
    if (open !== undefined) {
      open.show(source, select);
      return;
    }
    const column = beside ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(CHART_VIEW, forLabel(source.title), column);
    this.#keep(panel, source, select);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const restore = z.object({ restore: chartRestoreSchema }).safeParse(state);
    const source = restore.success
      ? await this.#reopen(restore.data.restore).catch(() => undefined)
      : undefined;
    if (source === undefined) {
      this.#explain(panel);
      return;
    }
    // Opened by a command while this one was waiting.
    if (this.#panels.has(source.key)) panel.dispose();
    else this.#keep(panel, source, undefined);
  }

  dispose(): void {
    this.#settings.dispose();
    for (const panel of [...this.#panels.values()]) panel.dispose();
  }

  #keep(panel: vscode.WebviewPanel, source: ChartSource, select: readonly string[] | undefined): void {
    const kept = new ChartPanel(this.#sources, panel, source, select);
    this.#panels.set(source.key, kept);
    kept.onDidClose(() => this.#panels.delete(source.key));
  }

  /** In place of charts whose samples are gone. */
  #explain(panel: vscode.WebviewPanel): void {
    panel.webview.options = { enableCommandUris: ['cmsEnablement.showChart'], localResourceRoots: [] };
    panel.webview.html = messageHtml({
      locale: vscode.env.language,
      title: panel.title,
      cspSource: panel.webview.cspSource,
      nonce: newNonce(),
      text: vscode.l10n.t('What these charts showed was kept only while its window was open.'),
      actions: [{ title: vscode.l10n.t('Show Chart'), command: 'cmsEnablement.showChart' }],
    });
  }
}
