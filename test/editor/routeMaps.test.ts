import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { MapPanels } from '../../src/editor/map/mapPanels.ts';
import { registerRouteRequests } from '../../src/editor/map/routeRequests.ts';
import { createDrawingSource, createRouteSource } from '../../src/editor/map/routeSource.ts';
import type { RouteRequest } from '../../src/editor/map/mapPanel.ts';
import { routeFigures } from '../../src/telemetry/drive/routeFigures.ts';
import { mapRequestSchema } from '../../src/protocol/map.ts';
import { readRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { until } from '../support/until.ts';

const root = path.resolve(__dirname, '../..');
const backend = () => ({ mapRequestSchema, readRoutes, routeFigures });
const simulateRoute = (): void => undefined;

/** A line north from the equator; each degree is 110.6 km and a bit. */
const csv = (...latitudes: number[]) =>
  `latitude,longitude\n${latitudes.map((latitude) => `${latitude},10\n`).join('')}`;

describe('a route on the map and its file', () => {
  const person = new Person();
  let folder: string;
  let file: vscode.Uri;

  beforeEach(async () => {
    person.arrive();
    folder = await mkdtemp(path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'route-'));
    file = vscode.Uri.file(path.join(folder, 'north.csv'));
    await writeFile(file.fsPath, csv(0, 1));
  });
  afterEach(async () => {
    person.leave();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await rm(folder, { recursive: true, force: true });
  });

  it('are the same after each edit, saved or not; while it is no route, the last one stays', async () => {
    const { routes } = await readRoutes(Buffer.from(csv(0, 1)), 'north.csv');
    const source = createRouteSource({ backend, simulateRoute }, file, routes, undefined);
    try {
      const note = (): string | undefined => source.scene.note;
      const points = () => source.scene.routes[0]?.points.length;
      assert.equal(points(), 2);
      assert.ok(Math.abs((source.scene.routes[0]?.length ?? 0) - 110_574) < 2);

      await writeFile(file.fsPath, csv(0, 1, 2));
      await until('the change on the disk', () => points() === 3);

      const editor = await vscode.window.showTextDocument(file);
      await editor.edit((edit) => edit.insert(new vscode.Position(4, 0), '3,10\n4,10\n'));
      await until('the change in the editor', () => points() === 5);
      assert.equal(note(), undefined);

      await editor.edit((edit) => edit.insert(new vscode.Position(2, 0), '95,10\n'));
      await until('the fault', () => note() !== undefined);
      assert.match(note() ?? '', /north\.csv, line 3/);
      assert.equal(points(), 5);

      await editor.edit((edit) => edit.delete(new vscode.Range(2, 0, 3, 0)));
      await until('the end of the fault', () => note() === undefined);
      assert.equal(points(), 5);
    } finally {
      source.dispose();
    }
  });

  it('are the same, too, where nobody is told of changes', async () => {
    let content = csv(0, 1);
    let mtime = 1;
    const silent = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
    const refuse = (): never => {
      throw vscode.FileSystemError.NoPermissions();
    };
    const provider = vscode.workspace.registerFileSystemProvider('silent-routes', {
      onDidChangeFile: silent.event,
      watch: () => new vscode.Disposable(() => undefined),
      stat: () => ({ type: vscode.FileType.File, ctime: 1, mtime, size: content.length }),
      readFile: () => Buffer.from(content),
      readDirectory: () => [],
      createDirectory: refuse,
      writeFile: refuse,
      delete: refuse,
      rename: refuse,
    });
    const { routes } = await readRoutes(Buffer.from(content), 'north.csv');
    const at = vscode.Uri.parse('silent-routes:/north.csv');
    const source = createRouteSource({ backend, simulateRoute }, at, routes, undefined);
    try {
      content = csv(0, 1, 2);
      mtime = Date.now();
      await until('the change', () => source.scene.routes[0]?.points.length === 3);
    } finally {
      source.dispose();
      provider.dispose();
    }
  });

  describe('of the page', () => {
    const tasks = new Tasks(silentLog, vscode.Uri.file('/'));
    let panels: MapPanels;
    let requests: vscode.EventEmitter<RouteRequest>;
    let registered: vscode.Disposable;
    let saved: number;

    beforeEach(() => {
      const extensionUri = vscode.Uri.file(root);
      panels = new MapPanels({ extensionUri, log: silentLog, backend }, () =>
        Promise.reject(new Error('Nobody asks.')),
      );
      requests = new vscode.EventEmitter();
      saved = 0;
      const asked = Object.create(panels, { onRoute: { value: requests.event } }) as MapPanels;
      registered = registerRouteRequests(
        Object.assign(asked, {
          show: (...given: Parameters<MapPanels['show']>) => panels.show(...given),
          close: (key: string) => panels.close(key),
        }),
        {
          tasks,
          routes: { tasks, backend, extensionUri, simulateRoute },
          storage: vscode.Uri.file(path.join(folder, 'storage')),
        },
      );
    });
    afterEach(() => {
      registered.dispose();
      panels.dispose();
    });
    const ask = (request: RouteRequest['request']): void =>
      requests.fire({ request, source: createDrawingSource(), saved: () => (saved += 1) });
    const shown = (uri: vscode.Uri) => panels.sourceOf(`route:${uri.toString()}#`);

    it('is saved where the person says, and shown from there', async () => {
      const name = `${path.basename(folder)}/routes/Isar.gpx`;
      ask({
        kind: 'save-route',
        points: [
          [11.5, 48.1],
          [11.6, 48.2],
        ],
      });
      const question = await person.question('.geojson or .gpx');
      assert.equal(question.value, 'routes/route.geojson');
      await question.type('../outside.gpx');
      assert.match(question.problem ?? '', /A path in the folder/);
      await person.answer('.geojson or .gpx', name);
      const at = vscode.Uri.file(path.join(folder, 'routes/Isar.gpx'));
      const source = await until('the route', () => shown(at));
      assert.equal(source.scene.title, 'Route: Isar');
      assert.equal(saved, 1);
      assert.match(await readFile(at.fsPath, 'utf8'), /<trkpt lat="48\.2" lon="11\.6"\/>/);
    });

    it('replaces a file only when that was said', async () => {
      const name = `${path.basename(folder)}/north.geojson`;
      const before = path.join(folder, 'north.geojson');
      await writeFile(before, 'precious');
      ask({
        kind: 'save-route',
        points: [
          [11.5, 48.1],
          [11.6, 48.2],
        ],
      });
      await person.answer('.geojson or .gpx', name);
      const notice = await person.notice('exists. Replace it');
      assert.equal(notice.modal, true);
      notice.answer(undefined);
      await until('nothing to be asked', () => person.open === undefined);
      assert.equal(await readFile(before, 'utf8'), 'precious');
      assert.equal(saved, 0);
    });

    it('is shown when it was dropped: with what is in it, or of the workspace, and from nowhere else', async () => {
      const content = Buffer.from(csv(0, 1)).toString('base64');
      ask({ kind: 'drop', name: '../../..\\east & west.csv', content });
      const kept = vscode.Uri.file(path.join(folder, 'storage/dropped/east _ west.csv'));
      await until('what was dropped', () => shown(kept));
      ask({ kind: 'drop-uri', uri: file.toString() });
      await until('the file of the workspace', () => shown(file));
      ask({ kind: 'drop-uri', uri: 'file:///etc/passwd' });
      const notice = await person.notice('Drop files of the open folder');
      assert.equal(notice.severity, 'warning');
    });
  });
});
