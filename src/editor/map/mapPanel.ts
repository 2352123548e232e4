import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { MapFrame, MapMessage, MapRequest, MapScene } from '../../protocol/map.ts';
import { mapWords } from '../../protocol/mapWords.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { logError, type Log } from '../base/log.ts';
import { forLabel } from '../base/shown.ts';
import { mapHtml } from './mapHtml.ts';
import type { MapSource } from './mapSource.ts';
import { mapTiles, mapUnits } from './mapSettings.ts';
import { withoutSecrets } from './mapTexts.ts';
import type { LoadedTile, TileLoader } from './tileLoader.ts';

export interface PanelSources {
  extensionUri: vscode.Uri;
  log: Log;
  backend: LoadBackend<'mapRequestSchema'>;
  /** Loads street tiles that a page may not load itself. */
  loadTile?: TileLoader;
}

/** What a page asks for about route files; `saved` tells it that the route it drew is in one. */
export interface RouteRequest {
  request: Extract<MapRequest, { kind: 'save-route' | 'drop' | 'drop-uri' }>;
  source: MapSource;
  saved: () => void;
}

/** One panel and what it shows. The page is made anew whenever it is shown again: it asks, and is told everything. */
export class MapPanel implements vscode.Disposable {
  readonly #sources: PanelSources;
  readonly #panel: vscode.WebviewPanel;
  readonly #closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.#closed.event;
  readonly #routes = new vscode.EventEmitter<RouteRequest>();
  /** Something about route files that the page asks for. */
  readonly onRoute = this.#routes.event;
  #source: MapSource;
  /** Listens to the source, while there is a page that draws. */
  #frames: vscode.Disposable | undefined;
  /** To be selected by the next page; later ones know what the person selected. */
  #select: string | undefined;

  constructor(
    sources: PanelSources,
    panel: vscode.WebviewPanel,
    source: MapSource,
    select: string | undefined,
  ) {
    this.#sources = sources;
    this.#panel = panel;
    this.#source = source;
    this.#select = select ?? source.scene.select;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.#folder] };
    webview.onDidReceiveMessage((message) => this.#receive(message));
    panel.onDidChangeViewState(() => {
      // A hidden page is gone: nobody is there to be told.
      if (!panel.visible) this.#silence();
    });
    panel.onDidDispose(() => {
      this.#silence();
      this.#source.dispose();
      this.#closed.fire();
      this.#closed.dispose();
      this.#routes.dispose();
    });
    this.render();
  }

  get source(): MapSource {
    return this.#source;
  }

  get isActive(): boolean {
    return this.#panel.active;
  }

  get column(): vscode.ViewColumn | undefined {
    return this.#panel.viewColumn;
  }

  /** Brings it to the front, with another vehicle selected if one is named; `aside` leaves the focus where it is. */
  reveal(select: string | undefined, aside = false): void {
    this.#panel.reveal(undefined, aside);
    if (select === undefined) return;
    if (this.#frames === undefined) this.#select = select;
    else void this.#post({ kind: 'select', id: select });
  }

  /** Shows something else from now on; what was shown before is disposed. */
  show(source: MapSource, select: string | undefined, aside = false): void {
    if (source === this.#source) source.wake?.();
    else {
      this.#source.dispose();
      this.#source = source;
      this.#select = select ?? source.scene.select;
      this.render();
    }
    this.reveal(select, aside);
  }

  /** A page with what the settings are now. */
  render(): void {
    this.#silence();
    const { webview } = this.#panel;
    const uri = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#folder, name)).toString();
    const { restore, scene } = this.#source;
    const { title } = scene;
    const locale = vscode.env.language;
    this.#panel.title = forLabel(title);
    const icon = (name: string): vscode.Uri =>
      vscode.Uri.joinPath(this.#sources.extensionUri, 'media/icons', name);
    this.#panel.iconPath = { light: icon('map-light.svg'), dark: icon('map-dark.svg') };
    webview.html = mapHtml({
      title,
      locale,
      nonce: newNonce(),
      cspSource: webview.cspSource,
      tileHosts: mapTiles(this.#sources.log)?.hosts ?? [],
      scriptUri: uri('map.js'),
      styleUri: uri('map.css'),
      settings: {
        workerUri: uri('maplibre-gl-worker.mjs'),
        basemapUri: uri('basemap.json'),
        words: localisedWords(),
        locale,
        units: mapUnits(),
        ...defined({ restore }),
      },
    });
  }

  dispose(): void {
    this.#panel.dispose();
  }

  get #folder(): vscode.Uri {
    return vscode.Uri.joinPath(this.#sources.extensionUri, 'dist/map');
  }

  #receive(message: unknown): void {
    const read = this.#sources.backend().mapRequestSchema.safeParse(message);
    if (!read.success) {
      this.#sources.log.warn(`The map sent what is no message: ${read.error.issues[0]?.message ?? ''}`);
      return;
    }
    this.#answer(read.data);
  }

  #answer(request: MapRequest): void {
    switch (request.kind) {
      case 'ready':
        this.#begin(this.#select);
        this.#select = undefined;
        return;
      case 'steer':
        this.#source.steer?.(request.control);
        return;
      case 'load':
        void this.#load(request);
        return;
      case 'simulate':
        this.#source.simulate?.();
        return;
      case 'save-route':
      case 'drop':
      case 'drop-uri':
        this.#routes.fire({
          ...{ request, source: this.#source },
          saved: () => void this.#post({ kind: 'route-saved' }),
        });
        return;
      case 'act':
        this.#source.act?.(request);
        return;
      case 'problem':
        this.#sources.log.warn(`[map] ${request.message}`);
    }
  }

  async #load({ request, path }: Extract<MapRequest, { kind: 'load' }>): Promise<void> {
    const { log, loadTile } = this.#sources;
    const tiles = mapTiles(log)?.ofHost;
    let loaded: LoadedTile = { status: 404, bytes: new Uint8Array() };
    try {
      if (tiles !== undefined) loaded = (await loadTile?.(tiles, path)) ?? loaded;
    } catch (error) {
      loaded = { status: 502, bytes: new Uint8Array() };
      logError(log, error);
    }
    const { status, bytes } = loaded;
    void this.#post({ kind: 'loaded', request, status, content: Buffer.from(bytes).toString('base64') });
  }

  /** Everything, then what changes. */
  #begin(select: string | undefined): void {
    this.#silence();
    const source = this.#source;
    this.#postScene(select);
    void this.#post(source.snapshot());
    this.#frames = vscode.Disposable.from(
      source.onFrame((frame: MapFrame) => void this.#post(frame)),
      source.onScene?.(() => {
        this.#panel.title = forLabel(source.scene.title);
        this.#postScene(undefined);
      }) ?? NOTHING,
    );
  }

  #postScene(select: string | undefined): void {
    const tiles = mapTiles(this.#sources.log)?.tiles;
    const message: MapScene = {
      kind: 'scene',
      ...this.#source.scene,
      ...defined({ tiles }),
    };
    // What a later page selects is what the person had selected.
    if (select === undefined) delete message.select;
    else message.select = select;
    void this.#post(message);
  }

  #silence(): void {
    this.#frames?.dispose();
    this.#frames = undefined;
  }

  #post(message: MapMessage): Thenable<boolean> {
    return this.#panel.webview.postMessage(withoutSecrets(message));
  }
}

const NOTHING = new vscode.Disposable(() => undefined);

/** The words of the pages in the editor's language. */
export function localisedWords(): Record<string, string> {
  return Object.fromEntries(Object.entries(mapWords).map(([key, text]) => [key, vscode.l10n.t(text)]));
}

export function newNonce(): string {
  return randomBytes(18).toString('base64url');
}
