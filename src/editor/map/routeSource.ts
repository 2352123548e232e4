import path from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { systemClock } from '../../core/work.ts';
import type { Route } from '../../telemetry/drive.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { sayError } from '../base/say.ts';
import { readRouteFile, readRouteText } from '../routes/routeFile.ts';
import { mapRoutes } from './mapRoutes.ts';
import type { MapSource } from './mapSource.ts';

/** After the last key, before the file is read again. Milliseconds. */
const SETTLED_MS = 300;
/**
 * How often the file is looked at beside the watching of its folder, which misses changes: in a folder that is new, on
 * a drive of the network, or where the system watches no more files. Milliseconds.
 */
const LOOK_MS = 2000;
/** What was changed so shortly before the following began may have been changed after it was read. Milliseconds. */
const RECENT_MS = 60_000;

export interface RouteMapSources {
  backend: LoadBackend<'readRoutes' | 'routeFigures'>;
  /** Asks for vehicles that drive a route of the file. */
  simulateRoute: (uri: vscode.Uri) => void;
}

/** Routes of a file as lines on the map: one by its name, or all. They follow the file, saved or not. */
export function createRouteSource(
  { backend, simulateRoute }: RouteMapSources,
  uri: vscode.Uri,
  routes: readonly Route[],
  name: string | undefined,
): MapSource {
  const file = path.posix.basename(uri.path);
  const changed = new vscode.EventEmitter<void>();
  const sceneOf = (all: readonly Route[], note?: string): MapSource['scene'] => {
    const shown = name === undefined ? all : all.filter((route) => route.name === name);
    const figures = shown.map((route) => backend().routeFigures(route));
    return {
      source: 'route',
      title: vscode.l10n.t('Route: {0}', name ?? (all.length === 1 ? (all[0]?.name ?? file) : file)),
      routes: mapRoutes(shown).map((route, i) => ({ ...route, ...figures[i] })),
      steers: [],
      acts: [],
      ...defined({ note }),
    };
  };
  let last = routes;
  let scene = sceneOf(routes);
  const following = followFile(uri, async (signal) => {
    try {
      last = (await readAgain(backend, uri, signal)).routes;
      scene = sceneOf(last);
    } catch (error) {
      if (signal.aborted) return;
      // While somebody types it may be no route; the last one stays.
      scene = sceneOf(last, sayError(error));
    }
    if (!signal.aborted) changed.fire();
  });
  return {
    key: `route:${uri.toString()}#${name ?? ''}`,
    get scene() {
      return scene;
    },
    onScene: changed.event,
    restore: { kind: 'route', uri: uri.toString(), ...defined({ name }) },
    onFrame: () => new vscode.Disposable(() => undefined),
    snapshot: () => ({ kind: 'frame', reset: true, vehicles: [] }),
    simulate: () => simulateRoute(uri),
    file: uri,
    dispose() {
      following.dispose();
      changed.dispose();
    },
  };
}

/** What stands in its editor while that is not saved, otherwise what is on the disk. */
async function readAgain(backend: LoadBackend<'readRoutes'>, uri: vscode.Uri, signal: AbortSignal) {
  const work = { signal, progress: () => undefined, clock: systemClock };
  const edited = vscode.workspace.textDocuments.find(
    ({ uri: of, isDirty }) => isDirty && of.toString() === uri.toString(),
  );
  return edited === undefined
    ? readRouteFile(backend, uri, work)
    : readRouteText(backend, uri, edited.getText(), work);
}

/** Calls back when a file was changed on the disk or in its editor, once it has settled. */
function followFile(uri: vscode.Uri, changed: (signal: AbortSignal) => Promise<void>): vscode.Disposable {
  const folder = vscode.Uri.joinPath(uri, '..');
  const pattern = new vscode.RelativePattern(folder, path.posix.basename(uri.path));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern, false, false, true);
  const since = systemClock.now();
  let timer: NodeJS.Timeout | undefined;
  let reading: AbortController | undefined;
  /** Of the file as it was read last, where it was. */
  let known: FileStamp | undefined;
  const read = async (): Promise<void> => {
    reading?.abort();
    const { signal } = (reading = new AbortController());
    // Before it is read: what changes meanwhile is found by the next look.
    known = (await stampOf(uri)) ?? known;
    if (!signal.aborted) await changed(signal);
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), SETTLED_MS);
  };
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const before = known;
    const found = await stampOf(uri);
    isLooking = false;
    // It was read meanwhile, or is no longer followed.
    if (found === undefined || known !== before || disposed) return;
    const isNew =
      known === undefined
        ? found.mtime > since - RECENT_MS
        : found.mtime !== known.mtime || found.size !== known.size;
    if (isNew) later();
    else known = found;
  };
  const looks = setInterval(() => void look(), LOOK_MS);
  let disposed = false;
  const subscriptions = vscode.Disposable.from(
    watcher,
    watcher.onDidChange(later),
    watcher.onDidCreate(later),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 && document.uri.toString() === uri.toString()) later();
    }),
  );
  return new vscode.Disposable(() => {
    disposed = true;
    clearTimeout(timer);
    clearInterval(looks);
    reading?.abort();
    subscriptions.dispose();
  });
}

type FileStamp = Pick<vscode.FileStat, 'mtime' | 'size'>;

/** Nothing while there is no such file. */
async function stampOf(uri: vscode.Uri): Promise<FileStamp | undefined> {
  try {
    return await vscode.workspace.fs.stat(uri);
  } catch {
    return undefined;
  }
}

/** A map to draw a route on that has no file yet. */
export function createDrawingSource(): MapSource {
  return {
    key: DRAWING,
    scene: {
      source: 'route',
      title: vscode.l10n.t('New Route'),
      routes: [],
      steers: [],
      acts: [],
    },
    restore: { kind: 'draw' },
    onFrame: () => new vscode.Disposable(() => undefined),
    snapshot: () => ({ kind: 'frame', reset: true, vehicles: [] }),
    dispose: () => undefined,
  };
}

export const DRAWING = 'route:new';
