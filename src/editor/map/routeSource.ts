import path from 'node:path';
import * as vscode from 'vscode';
import type { Route } from '../../telemetry/drive.ts';
import type { ReadRoutes } from '../../telemetry/routes/readRoutes.ts';
import type { App } from '../app.ts';
import { mapRoutes } from './mapRoutes.ts';
import type { MapSource } from './mapSource.ts';

/** The routes in a file. Throws ROUTE_INVALID with the line or element, or what the file system says. */
export async function readRouteFile(app: App, uri: vscode.Uri): Promise<ReadRoutes> {
  const { readRoutes } = app.work();
  return readRoutes(await vscode.workspace.fs.readFile(uri), path.posix.basename(uri.path));
}

/** Routes of a file as lines on the map: one by its name, or all. */
export function createRouteSource(
  uri: vscode.Uri,
  routes: readonly Route[],
  name: string | undefined,
): MapSource {
  const file = path.posix.basename(uri.path);
  return {
    key: `route:${uri.toString()}#${name ?? ''}`,
    scene: {
      source: 'route',
      title: vscode.l10n.t('Route: {0}', name ?? (routes.length === 1 ? (routes[0]?.name ?? file) : file)),
      routes: mapRoutes(name === undefined ? routes : routes.filter((route) => route.name === name)),
      steers: [],
      acts: [],
    },
    restore: { kind: 'route', uri: uri.toString(), ...(name === undefined ? {} : { name }) },
    // A route does not change by itself.
    onFrame: () => new vscode.Disposable(() => undefined),
    snapshot: () => ({ kind: 'frame', reset: true, vehicles: [] }),
    dispose: () => undefined,
  };
}
