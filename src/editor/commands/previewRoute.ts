import path from 'node:path';
import * as vscode from 'vscode';
import type { Route } from '../../telemetry/drive.ts';
import type { App } from '../app.ts';
import { createRouteSource, readRouteFile } from '../map/routeSource.ts';
import { showMap } from '../map/showMap.ts';
import { registerCommand } from './register.ts';
import { pickRouteFile } from './routeFiles.ts';

/** Draws the route of a file on the map, before anybody drives it. */
export function registerPreviewRoute(app: App): vscode.Disposable {
  return registerCommand(app, 'previewRoute', async (target) => {
    const uri =
      target instanceof vscode.Uri ? target : await pickRouteFile(app, vscode.l10n.t('Preview Route'));
    if (uri === undefined) return;
    const file = path.posix.basename(uri.path);
    const read = await app.run({ title: vscode.l10n.t('Reading {0}', file), quiet: true }, () =>
      readRouteFile(app, uri),
    );
    if (read === undefined) return;
    const picked = read.routes.length === 1 ? { name: undefined } : await pickName(file, read.routes);
    if (picked === undefined) return;
    showMap(app, createRouteSource(uri, read.routes, picked.name));
    if (read.notes.length > 0) {
      void vscode.window.showInformationMessage(`${file}: ${read.notes.join(' ')}`);
    }
  });
}

/** One of the routes, or all of them on one map. */
async function pickName(
  file: string,
  routes: readonly Route[],
): Promise<{ name: string | undefined } | undefined> {
  const all = { label: vscode.l10n.t('All {0} Routes', routes.length), description: '', name: undefined };
  return vscode.window.showQuickPick(
    [
      all,
      ...routes.map(({ name, points }) => ({
        label: name,
        description: vscode.l10n.t('{0} points', points.length),
        name,
      })),
    ],
    { title: vscode.l10n.t('Routes in {0}', file), placeHolder: vscode.l10n.t('Route to show') },
  );
}
