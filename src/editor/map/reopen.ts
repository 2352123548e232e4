import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import type { App } from '../app.ts';
import { readRouteFile } from '../routes/routeFile.ts';
import type { MapRestore, MapSource } from './mapSource.ts';
import { createRecordingSource } from './recordingSource.ts';
import { createRouteSource } from './routeSource.ts';
import { createWatchSource } from './watchSource.ts';

/** The source of a map that was open before the window was reloaded. Throws why it cannot be opened again. */
export async function reopen(app: App, restore: MapRestore): Promise<MapSource> {
  switch (restore.kind) {
    case 'watch':
      return createWatchSource(app, restore.connectionId);
    case 'recording':
      return createRecordingSource(app, vscode.Uri.parse(restore.uri, true));
    case 'route': {
      const uri = vscode.Uri.parse(restore.uri, true);
      const { routes } = await readRouteFile(app, uri);
      const { name } = restore;
      if (name !== undefined && !routes.some((route) => route.name === name)) {
        throw new CmsError(
          'ROUTE_INVALID',
          vscode.l10n.t('The route "{0}" is no longer in {1}.', name, uri.fsPath),
        );
      }
      return createRouteSource(uri, routes, name);
    }
  }
}
