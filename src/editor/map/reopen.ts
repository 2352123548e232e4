import path from 'node:path';
import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { readRouteFile } from '../routes/routeFile.ts';
import type { MapRestore, MapSource } from './mapSource.ts';
import { createRecordingSource, type RecordingSources } from './recordingSource.ts';
import { createDrawingSource, createRouteSource, type RouteMapSources } from './routeSource.ts';
import { createWatchSource, type WatchSources } from './watchSource.ts';

/** What maps are made from. */
export type MapSources = RecordingSources &
  WatchSources &
  RouteMapSources & {
    /** The map of a simulation; undefined if it ended with its window. */
    findSimulation: (id: string) => Promise<MapSource | undefined>;
  };

/**
 * The source of a map that was open before the window was reloaded; undefined if its simulation ended with its window.
 * Throws why it cannot be opened again.
 */
export async function reopen(sources: MapSources, restore: MapRestore): Promise<MapSource | undefined> {
  switch (restore.kind) {
    case 'simulation':
      return sources.findSimulation(restore.id);
    case 'watch':
      return createWatchSource(sources, { connectionId: restore.connectionId, stack: restore.stack });
    case 'recording':
      return createRecordingSource(sources, vscode.Uri.parse(restore.uri, true));
    case 'draw':
      return createDrawingSource();
    case 'route': {
      const uri = vscode.Uri.parse(restore.uri, true);
      const title = vscode.l10n.t('Reading {0}', path.posix.basename(uri.path));
      const { routes } = await sources.tasks.watched({ title, quiet: true }, (work) =>
        readRouteFile(sources.backend, uri, work),
      );
      const { name } = restore;
      if (name !== undefined && !routes.some((route) => route.name === name)) {
        throw new CmsError(
          'ROUTE_INVALID',
          l10n.t('The route "{name}" is no longer in {file}.', { name, file: uri.fsPath }),
        );
      }
      return createRouteSource(sources, uri, routes, name);
    }
  }
}
