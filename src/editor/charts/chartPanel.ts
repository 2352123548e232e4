import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { Timers } from '../../core/timers.ts';
import type { ChartMessage, ChartRequest } from '../../protocol/chart.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Log } from '../base/log.ts';
import { forLabel } from '../base/shown.ts';
import { pageHtml } from '../map/mapHtml.ts';
import { localisedWords, newNonce } from '../map/mapPanel.ts';
import { mapUnits } from '../map/mapSettings.ts';
import { dataOf, sceneOf, type Wanted } from './chartMessages.ts';
import { chartPolicy } from './chartPolicy.ts';
import type { ChartSource } from './chartSource.ts';

/** What more came is told so often at most. */
const TELL_MS = 1000;

export interface ChartPanelSources {
  extensionUri: vscode.Uri;
  log: Log;
  backend: LoadBackend<'chartRequestSchema'>;
  timers: Timers;
}

/** One panel and what it draws. The samples are here: the page is made anew whenever it is shown again. */
export class ChartPanel implements vscode.Disposable {
  readonly #sources: ChartPanelSources;
  readonly #panel: vscode.WebviewPanel;
  readonly #closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.#closed.event;
  #source: ChartSource;
  /** To be drawn by the next page; later ones know what the person chose. */
  #select: readonly string[] | undefined;
  #wanted: Wanted = { vehicles: [], signals: [] };
  /** Ends what tells the page of more, while there is a page. */
  #takeTimer: (() => void) | undefined;
  /** What was told last. */
  #version: number | undefined;
  #scene = '';

  constructor(
    sources: ChartPanelSources,
    panel: vscode.WebviewPanel,
    source: ChartSource,
    select: readonly string[] | undefined,
  ) {
    this.#sources = sources;
    this.#panel = panel;
    this.#source = source;
    this.#select = select;
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#folder] };
    panel.webview.onDidReceiveMessage((message) => this.#receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#silence();
    });
    panel.onDidDispose(() => {
      this.#silence();
      this.#closed.fire();
      this.#closed.dispose();
    });
    this.render();
  }

  /** Draws this from now on, and brings it to the front. */
  show(source: ChartSource, select: readonly string[] | undefined): void {
    const isAnother = source !== this.#source;
    this.#source = source;
    this.#select = select;
    if (isAnother) this.render();
    else if (this.#takeTimer !== undefined && select !== undefined) this.#tellScene();
    this.#panel.reveal();
  }

  /** A page with what the settings are now. */
  render(): void {
    this.#silence();
    const { webview } = this.#panel;
    const uri = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#folder, name)).toString();
    const { title, restore } = this.#source;
    const locale = vscode.env.language;
    const nonce = newNonce();
    this.#panel.title = forLabel(title);
    const icon = (name: string): vscode.Uri =>
      vscode.Uri.joinPath(this.#sources.extensionUri, 'media/icons', name);
    this.#panel.iconPath = { light: icon('chart-light.svg'), dark: icon('chart-dark.svg') };
    webview.html = pageHtml(
      {
        ...{ title, locale, nonce, scriptUri: uri('chart.js'), styleUri: uri('chart.css') },
        settings: { words: localisedWords(), locale, units: mapUnits(), ...defined({ restore }) },
      },
      chartPolicy(webview.cspSource, nonce),
    );
  }

  dispose(): void {
    this.#panel.dispose();
  }

  get #folder(): vscode.Uri {
    return vscode.Uri.joinPath(this.#sources.extensionUri, 'dist/chart');
  }

  #receive(message: unknown): void {
    const { backend, log } = this.#sources;
    const read = backend().chartRequestSchema.safeParse(message);
    if (read.success) this.#answer(read.data);
    else
      log.warn(
        `The page with charts sent something that cannot be used: ${read.error.issues[0]?.message ?? ''}`,
      );
  }

  #answer(request: ChartRequest): void {
    switch (request.kind) {
      case 'ready':
        this.#silence();
        this.#wanted = { vehicles: [], signals: [] };
        this.#tellScene();
        this.#beat();
        return;
      case 'want':
        this.#wanted = { vehicles: request.vehicles, signals: request.signals };
        this.#tellData();
        return;
      case 'act':
        this.#source.showPayload?.(request.id);
        return;
      case 'problem':
        this.#sources.log.warn(`[chart] ${request.message}`);
    }
  }

  #beat(): void {
    this.#takeTimer = this.#sources.timers.after(TELL_MS, () => {
      this.#beat();
      if (JSON.stringify(sceneOf(this.#source, undefined)) !== this.#scene) this.#tellScene();
      if (this.#source.version() !== this.#version) this.#tellData();
    });
  }

  #tellScene(): void {
    const select = this.#select;
    this.#select = undefined;
    this.#scene = JSON.stringify(sceneOf(this.#source, undefined));
    this.#post(sceneOf(this.#source, select));
  }

  #tellData(): void {
    this.#version = this.#source.version();
    this.#post(dataOf(this.#source, this.#wanted));
  }

  #post(message: ChartMessage): void {
    void this.#panel.webview.postMessage(message);
  }

  #silence(): void {
    this.#takeTimer?.();
    this.#takeTimer = undefined;
  }
}
