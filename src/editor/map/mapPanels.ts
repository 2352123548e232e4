import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { logError } from '../base/log.ts';
import { sayErrorAndRemedy } from '../base/say.ts';
import { forLabel } from '../base/shown.ts';
import { messageHtml } from './mapHtml.ts';
import { MapPanel, newNonce, type PanelSources, type RouteRequest } from './mapPanel.ts';
import { mapRestoreSchema, type MapRestore, type MapSource } from './mapSource.ts';

/** What the editor knows maps by; to be registered with these panels as its serializer. */
export const MAP_VIEW = 'cmsEnablement.map';

/** What a page is made with. */
const SETTINGS = ['cmsEnablement.map', 'cmsEnablement.units'];

/** The maps of this window, one a source. */
export class MapPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #sources: PanelSources;
  readonly #reopen: (restore: MapRestore) => Promise<MapSource | undefined>;
  readonly #panels = new Map<string, MapPanel>();
  readonly #settings: vscode.Disposable;
  readonly #routes = new vscode.EventEmitter<RouteRequest>();
  /** What a page asks for about route files. */
  readonly onRoute = this.#routes.event;

  /** @param reopen the source of a map that was open before the window was reloaded */
  constructor(sources: PanelSources, reopen: (restore: MapRestore) => Promise<MapSource | undefined>) {
    this.#sources = sources;
    this.#reopen = reopen;
    this.#settings = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!SETTINGS.some((name) => event.affectsConfiguration(name))) return;
      for (const panel of this.#panels.values()) panel.render();
    });
  }

  /** What the map with this key shows, if it is open. */
  sourceOf(key: string): MapSource | undefined {
    return this.#panels.get(key)?.source;
  }

  /** What the open maps show. */
  get sources(): MapSource[] {
    return [...this.#panels.values()].map(({ source }) => source);
  }

  /** What the map in front shows. */
  get active(): MapSource | undefined {
    return [...this.#panels.values()].find(({ isActive }) => isActive)?.source;
  }

  /**
   * Shows a source in the panel of its key, or in a new one. The source is disposed with the panel, or when the panel
   * shows another one. With `id` that vehicle is selected; with `aside` the map opens beside what the person works on,
   * and the focus stays there.
   */
  show(source: MapSource, { id, aside = false }: { id?: string | undefined; aside?: boolean } = {}): void {
    const open = this.#panels.get(source.key);
    if (open !== undefined) {
      open.show(source, id, aside);
      return;
    }
    const panel = vscode.window.createWebviewPanel(MAP_VIEW, forLabel(source.scene.title), {
      viewColumn: aside ? this.#columnAside() : vscode.ViewColumn.Active,
      preserveFocus: aside,
    });
    this.#keep(panel, source, id);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const restore = restoreOf(state);
    try {
      const source = restore === undefined ? undefined : await this.#reopen(restore);
      if (source === undefined) {
        this.#explain(
          panel,
          vscode.l10n.t('This map showed a simulation, which stopped when its window closed.'),
          [{ title: vscode.l10n.t('Simulate Again'), command: 'cmsEnablement.simulateAgain' }],
        );
        return;
      }
      const open = this.#panels.get(source.key);
      // Opened by a command while this one was waiting.
      if (open !== undefined) {
        panel.dispose();
        open.show(source, undefined);
      } else this.#keep(panel, source, undefined);
    } catch (error) {
      logError(this.#sources.log, error);
      this.#explain(panel, sayErrorAndRemedy(error));
    }
  }

  /** Closes the map with this key, if it is open. */
  close(key: string): void {
    this.#panels.get(key)?.dispose();
  }

  dispose(): void {
    this.#settings.dispose();
    this.#routes.dispose();
    for (const panel of [...this.#panels.values()]) panel.dispose();
  }

  /**
   * Where other maps are; otherwise over something that is only looked at, such as a preview or the welcome; otherwise
   * beside the file that is worked on.
   */
  #columnAside(): vscode.ViewColumn {
    const column = [...this.#panels.values()].map((panel) => panel.column).find((each) => each !== undefined);
    if (column !== undefined) return column;
    const { activeTabGroup, all } = vscode.window.tabGroups;
    if (!isWorkedOn(activeTabGroup)) return activeTabGroup.viewColumn;
    return all.find((group) => !isWorkedOn(group))?.viewColumn ?? vscode.ViewColumn.Beside;
  }

  #keep(panel: vscode.WebviewPanel, source: MapSource, select: string | undefined): void {
    const kept = new MapPanel(this.#sources, panel, source, select);
    this.#panels.set(source.key, kept);
    kept.onRoute((request) => this.#routes.fire(request));
    kept.onDidClose(() => {
      this.#panels.delete(source.key);
      this.#tellContext();
    });
    this.#tellContext();
  }

  /** Whether a map hears of vehicles, for menus. */
  #tellContext(): void {
    const hears = this.sources.some(({ history }) => history !== undefined);
    void vscode.commands.executeCommand('setContext', 'cmsEnablement.watching', hears);
  }

  /** In place of the map: why there is none, and what can be done instead. */
  #explain(
    panel: vscode.WebviewPanel,
    text: string,
    first: readonly { title: string; command: string }[] = [],
  ): void {
    const actions = [
      ...first,
      { title: vscode.l10n.t('Watch Fleet on Map'), command: 'cmsEnablement.watchFleet' },
      { title: vscode.l10n.t('Preview Route…'), command: 'cmsEnablement.previewRoute' },
    ];
    panel.webview.options = {
      enableCommandUris: actions.map(({ command }) => command),
      localResourceRoots: [],
    };
    panel.webview.html = messageHtml({
      locale: vscode.env.language,
      title: panel.title,
      cspSource: panel.webview.cspSource,
      nonce: newNonce(),
      text,
      actions,
    });
  }
}

/** Whether a file is in front in a group of editors, rather than nothing, or a page to look at. */
function isWorkedOn({ activeTab }: vscode.TabGroup): boolean {
  const { input } = activeTab ?? {};
  return input !== undefined && !(input instanceof vscode.TabInputWebview);
}

/** What the map kept in its state for us. */
function restoreOf(state: unknown): MapRestore | undefined {
  const read = z.object({ restore: mapRestoreSchema }).safeParse(state);
  return read.success ? read.data.restore : undefined;
}
