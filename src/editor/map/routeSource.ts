import path from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { Route } from '../../telemetry/drive.ts';
import { mapRoutes } from './mapRoutes.ts';
import type { MapSource } from './mapSource.ts';

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
    restore: { kind: 'route', uri: uri.toString(), ...defined({ name }) },
    // A route does not change by itself.
    onFrame: () => new vscode.Disposable(() => undefined),
    snapshot: () => ({ kind: 'frame', reset: true, vehicles: [] }),
    dispose: () => undefined,
  };
}
