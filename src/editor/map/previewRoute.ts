import path from 'node:path';
import * as vscode from 'vscode';
import type { Route } from '../../telemetry/drive.ts';
import { RouteChoice, type RouteSources } from '../routes/routeChoice.ts';
import { say } from '../base/say.ts';
import { forLabel, notify, pickOne } from '../base/shown.ts';
import { createRouteSource, type RouteMapSources } from './routeSource.ts';
import type { MapPanels } from './mapPanels.ts';

export type PreviewSources = Omit<RouteSources, 'backend'> & RouteMapSources;

/** Draws the route of a file on the map, before anybody drives it. */
export async function previewRoute(
  panels: MapPanels,
  sources: PreviewSources,
  target: unknown,
): Promise<void> {
  const choice = new RouteChoice(sources);
  if (!(await (target instanceof vscode.Uri ? choice.read(target) : pickFile(choice)))) return;
  if (choice.file === undefined) return;
  const { uri, routes, notes } = choice.file;
  const file = path.posix.basename(uri.path);
  const picked = routes.length === 1 ? { name: undefined } : await pickName(file, routes);
  if (picked === undefined) return;
  panels.show(createRouteSource(sources, uri, routes, picked.name));
  if (notes.length > 0) void notify.info(`${file}: ${notes.map(say).join(' ')}`);
}

async function pickFile(choice: RouteChoice): Promise<boolean> {
  const picked = await pickOne(choice.items(undefined), {
    title: vscode.l10n.t('Preview Route'),
    placeHolder: vscode.l10n.t('GPX, KML, KMZ, CSV, GeoJSON, TCX and more'),
    matchOnDescription: true,
  });
  return picked !== undefined && choice.take(picked.value);
}

/** One of the routes, or all of them on one map. */
async function pickName(
  file: string,
  routes: readonly Route[],
): Promise<{ name: string | undefined } | undefined> {
  const all = { label: vscode.l10n.t('All {0} Routes', routes.length), description: '', name: undefined };
  return pickOne(
    [
      all,
      ...routes.map(({ name, points }) => ({
        label: forLabel(name),
        description: vscode.l10n.t('{0} points', points.length),
        name,
      })),
    ],
    { title: vscode.l10n.t('Routes in {0}', file), placeHolder: vscode.l10n.t('Route to show') },
  );
}
