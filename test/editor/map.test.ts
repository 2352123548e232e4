import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { MapPanel } from '../../src/editor/map/mapPanel.ts';
import { MapPanels } from '../../src/editor/map/mapPanels.ts';
import { mapTiles } from '../../src/editor/map/mapSettings.ts';
import type { MapRestore, MapSource } from '../../src/editor/map/mapSource.ts';
import {
  mapRequestSchema,
  mapSettingsSchema,
  type MapFrame,
  type MapMessage,
} from '../../src/protocol/map.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { until } from '../support/until.ts';
import type { SimulationControl } from '../../src/protocol/control.ts';

const root = path.resolve(__dirname, '../..');
const VIN = 'WVWZZZ1JZXW000001';

/** A panel whose page is the test. */
function createPanel() {
  const received = new vscode.EventEmitter<unknown>();
  const viewState = new vscode.EventEmitter<void>();
  const disposed = new vscode.EventEmitter<void>();
  const sent: MapMessage[] = [];
  const panel = {
    visible: true,
    title: '',
    iconPath: undefined,
    webview: {
      html: '',
      options: {} as vscode.WebviewOptions,
      cspSource: 'https://webview.test',
      asWebviewUri: (uri: vscode.Uri) => uri,
      postMessage: (message: MapMessage) => {
        sent.push(message);
        return Promise.resolve(true);
      },
      onDidReceiveMessage: received.event,
    },
    onDidChangeViewState: viewState.event,
    onDidDispose: disposed.event,
    reveal: () => undefined,
    dispose: () => disposed.fire(),
  };
  return {
    panel: panel as unknown as vscode.WebviewPanel,
    sent,
    page: (message: unknown) => received.fire(message),
    show(visible: boolean) {
      panel.visible = visible;
      viewState.fire();
    },
    kinds: () => sent.splice(0).map((message) => message.kind),
  };
}

function createSource(key = 'test', restore?: MapRestore) {
  const frames = new vscode.EventEmitter<MapFrame>();
  const told: unknown[] = [];
  let readers = 0;
  const source: MapSource & { disposed: boolean } = {
    key,
    scene: { source: 'watch', title: 'Fleet', routes: [], steers: ['pause'], acts: ['show-log'] },
    restore,
    disposed: false,
    snapshot: () => ({ kind: 'frame', reset: true, vehicles: [] }),
    onFrame: (...given) => {
      readers += 1;
      const listener = frames.event(...given);
      return new vscode.Disposable(() => {
        readers -= 1;
        listener.dispose();
      });
    },
    steer: (control: SimulationControl) => told.push(control),
    act: (request) => told.push(request),
    wake: () => told.push('wake'),
    dispose() {
      this.disposed = true;
    },
  };
  const frame: MapFrame = { kind: 'frame', vehicles: [] };
  return { source, told, change: () => frames.fire(frame), readers: () => readers };
}

function createSources() {
  const warnings: string[] = [];
  const sources = {
    extensionUri: vscode.Uri.file(root),
    log: { ...silentLog, warn: (line: string) => warnings.push(line) },
    backend: () => ({ mapRequestSchema }),
  };
  return { sources, warnings };
}

function opened(restore?: MapRestore) {
  const window = createPanel();
  const shown = createSource('test', restore);
  const { sources, warnings } = createSources();
  const map = new MapPanel(sources, window.panel, shown.source, undefined);
  return { ...window, ...shown, map, warnings };
}

describe('the panel of a map', () => {
  it('tells a page that is ready the scene and everything, then what changes', () => {
    const it = opened();
    it.change();
    assert.deepEqual(it.kinds(), []);
    it.page({ kind: 'ready' });
    it.change();
    assert.deepEqual(it.kinds(), ['scene', 'frame', 'frame']);
  });

  it('tells nothing while it is hidden, and everything when its page comes back', () => {
    const it = opened();
    it.page({ kind: 'ready' });
    it.kinds();
    it.show(false);
    it.change();
    assert.equal(it.readers(), 0);
    assert.deepEqual(it.kinds(), []);
    it.show(true);
    it.page({ kind: 'ready' });
    assert.deepEqual(
      it.sent.map((message) => [message.kind, 'reset' in message && message.reset]),
      [
        ['scene', false],
        ['frame', true],
      ],
    );
    assert.equal(it.readers(), 1);
  });

  it('drops and logs what the page sends against the rules, and its problems', () => {
    const it = opened();
    for (const message of [
      undefined,
      'ready',
      { kind: 'steer', control: { do: 'speed', factor: 1e9 } },
      { kind: 'act', act: 'rm' },
    ]) {
      it.page(message);
    }
    it.page({ kind: 'problem', message: 'no WebGL' });
    assert.deepEqual(it.told, []);
    assert.equal(it.warnings.length, 5);
    assert.equal(it.warnings[4], '[map] no WebGL');
  });

  it('hands on steering and acts', () => {
    const it = opened();
    it.page({ kind: 'steer', control: { do: 'pause' } });
    it.page({ kind: 'act', act: 'diagnose', id: VIN });
    assert.deepEqual(it.told, [{ do: 'pause' }, { kind: 'act', act: 'diagnose', id: VIN }]);
  });

  it('selects a vehicle once, and leaves the choice to the person after that', () => {
    const it = opened();
    it.map.show(it.source, VIN);
    it.page({ kind: 'ready' });
    it.page({ kind: 'ready' });
    const scenes = it.sent.filter((message) => message.kind === 'scene');
    assert.deepEqual(
      scenes.map(({ select }) => select),
      [VIN, undefined],
    );
    it.kinds();
    it.map.show(it.source, 'ANOTHER');
    assert.deepEqual(it.sent, [{ kind: 'select', id: 'ANOTHER' }]);
  });

  it('wakes a source that is asked for again, and replaces it by another', () => {
    const it = opened();
    it.map.show(it.source, undefined);
    assert.deepEqual(it.told, ['wake']);
    const other = createSource();
    it.page({ kind: 'ready' });
    it.map.show(other.source, undefined);
    assert.equal(it.source.disposed, true);
    assert.equal(it.readers(), 0);
    it.page({ kind: 'ready' });
    assert.equal(other.readers(), 1);
  });

  it('ends its source when it is closed', () => {
    const it = opened();
    it.page({ kind: 'ready' });
    it.map.dispose();
    assert.equal(it.source.disposed, true);
    assert.equal(it.readers(), 0);
  });

  it('may read the map of the extension and nothing else', () => {
    const it = opened();
    const { enableScripts, localResourceRoots, enableCommandUris } = it.panel.webview.options;
    assert.equal(enableScripts, true);
    assert.equal(enableCommandUris, undefined);
    assert.deepEqual(
      localResourceRoots?.map(({ fsPath }) => fsPath),
      [path.join(root, 'dist/map')],
    );
  });

  it('gives its page words, files that exist, and how it is opened again', () => {
    const restore = { kind: 'watch', connectionId: 'sandbox', stack: 'cms-dev1' } as const;
    const { panel } = opened(restore);
    const [, json = ''] = /id="settings"[^>]*>(.*?)<\/script>/s.exec(panel.webview.html) ?? [];
    const settings = mapSettingsSchema.parse(JSON.parse(json));
    assert.deepEqual(settings.restore, restore);
    assert.equal(settings.words.fitAll, 'Fit All');
    assert.equal(settings.units, 'metric');
    const scripts = [...panel.webview.html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, uri = '']) => uri);
    for (const uri of [settings.workerUri, settings.basemapUri, ...scripts]) {
      assert.ok(readFileSync(vscode.Uri.parse(uri).fsPath).length > 0, uri);
    }
    assert.equal(scripts.length, 2);
  });
});

describe('maps after a reload of the window', () => {
  async function revived(state: unknown, reopen: (restore: MapRestore) => Promise<MapSource>) {
    const window = createPanel();
    const panels = new MapPanels(createSources().sources, reopen);
    await panels.deserializeWebviewPanel(window.panel, state);
    return { ...window, panels };
  }

  it('show again what the page had kept', async () => {
    const { source } = createSource('route');
    const restore: MapRestore = { kind: 'route', uri: 'file:///a.gpx', name: 'A' };
    let asked: unknown;
    const it = await revived({ camera: { zoom: 3 }, restore }, (given) => {
      asked = given;
      return Promise.resolve(source);
    });
    assert.deepEqual(asked, restore);
    assert.equal(it.panels.sourceOf('route'), source);
    it.panels.dispose();
    assert.equal(source.disposed, true);
  });

  it('say in place of a simulation that it ended with its window, and offer what can be done', async () => {
    for (const state of [undefined, {}, { restore: { kind: 'watch' } }, { restore: 'x' }]) {
      const it = await revived(state, () => Promise.reject(new Error('Nobody asks.')));
      assert.match(it.panel.webview.html, /which stopped when its window closed/);
      assert.match(it.panel.webview.html, /href="command:cmsEnablement\.watchFleet"/);
      assert.deepEqual(it.panel.webview.options.enableCommandUris, [
        'cmsEnablement.simulateAgain',
        'cmsEnablement.watchFleet',
        'cmsEnablement.previewRoute',
      ]);
      assert.notEqual(it.panel.webview.options.enableScripts, true);
      it.panels.dispose();
    }
  });

  it('say why they cannot be opened again', async () => {
    const restore: MapRestore = { kind: 'recording', uri: 'file:///a.jsonl' };
    const it = await revived({ restore }, () =>
      Promise.reject(new Error('There is no such file <any more>.')),
    );
    assert.match(it.panel.webview.html, /There is no such file &lt;any more&gt;\./);
    it.panels.dispose();
  });
});

describe('a map that opens by itself', () => {
  const { tabGroups } = vscode.window;
  const closeAll = () => vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const columnsOf = (type: string) =>
    tabGroups.all
      .filter(({ tabs }) =>
        tabs.some(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(type)),
      )
      .map(({ viewColumn }) => viewColumn);
  let panels: MapPanels;

  beforeEach(async () => {
    await closeAll();
    panels = new MapPanels(createSources().sources, () => Promise.reject(new Error('Nobody asks.')));
  });
  afterEach(async () => {
    panels.dispose();
    await closeAll();
  });

  const shown = async (): Promise<vscode.ViewColumn | undefined> => {
    panels.show(createSource().source, { aside: true });
    await until('the map', () => columnsOf('cmsEnablement.map').length > 0);
    return columnsOf('cmsEnablement.map')[0];
  };

  it('is over a preview, not beside it', async () => {
    const preview = vscode.window.createWebviewPanel('preview', 'Preview of a README', vscode.ViewColumn.One);
    await until('the preview', () => columnsOf('preview').length > 0);
    assert.equal(await shown(), vscode.ViewColumn.One);
    assert.equal(tabGroups.all.length, 1);
    preview.dispose();
  });

  it('is beside a file that is worked on, over a preview that is there already', async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'vin' }));
    const preview = vscode.window.createWebviewPanel('preview', 'Preview', {
      viewColumn: vscode.ViewColumn.Two,
      preserveFocus: true,
    });
    await until('the preview', () => columnsOf('preview').length > 0);
    assert.equal(await shown(), vscode.ViewColumn.Two);
    assert.equal(tabGroups.all.length, 2);
    preview.dispose();
  });

  it('is beside a file that is worked on', async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'vin' }));
    assert.equal(await shown(), vscode.ViewColumn.Two);
  });
});

describe('the street tiles of the map', () => {
  const setting = vscode.workspace.getConfiguration('cmsEnablement.map');
  afterEach(() => setting.update('tiles', undefined, vscode.ConfigurationTarget.Global));

  it('are none by default', () => {
    assert.equal(mapTiles(createSources().sources.log), undefined);
  });

  it('are said in the log, and left out, when they cannot be used', async () => {
    await setting.update(
      'tiles',
      { url: 'http://example.com/{z}/{x}/{y}.png' },
      vscode.ConfigurationTarget.Global,
    );
    const { sources, warnings } = createSources();
    assert.equal(mapTiles(sources.log), undefined);
    assert.match(warnings[0] ?? '', /cmsEnablement\.map\.tiles is not used: url must begin with https/);
  });

  it('are in the scene and in the policy of the page when they are set', async () => {
    const url = 'https://tiles.example.com/{z}/{x}/{y}.png';
    await setting.update('tiles', { url, attribution: '© Us' }, vscode.ConfigurationTarget.Global);
    const it = opened();
    assert.match(it.panel.webview.html, /connect-src https:\/\/webview\.test https:\/\/tiles\.example\.com;/);
    it.page({ kind: 'ready' });
    const [scene] = it.sent;
    assert.ok(scene?.kind === 'scene');
    assert.deepEqual(scene.tiles, { kind: 'raster', url, attribution: '© Us' });
  });
});
