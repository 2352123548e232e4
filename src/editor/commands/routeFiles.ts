import path from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';

type Item = vscode.QuickPickItem & { uri?: vscode.Uri; browse?: true };

const MOST_FILES = 200;

/** A route file: of the workspace, one that comes with the extension, or any other on this computer. */
export async function pickRouteFile(app: App, title: string): Promise<vscode.Uri | undefined> {
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const found = await vscode.workspace.findFiles(
    '**/*.{csv,kml,kmz,gpx,geojson}',
    '**/node_modules/**',
    MOST_FILES,
  );
  const inWorkspace = found
    .map((uri): Item => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const samples = (await sampleRoutes(app)).map((uri): Item => ({
    label: path.posix.basename(uri.path),
    uri,
  }));
  const picked = await vscode.window.showQuickPick<Item>(
    [
      ...(inWorkspace.length === 0 ? [] : [separator(vscode.l10n.t('workspace')), ...inWorkspace]),
      separator(vscode.l10n.t('samples')),
      ...samples,
      separator(''),
      { label: vscode.l10n.t('Other File…'), browse: true },
    ],
    { title, placeHolder: vscode.l10n.t('Route: CSV, KML, KMZ, GPX or GeoJSON'), matchOnDescription: true },
  );
  return picked?.browse === true ? browse(app, title) : picked?.uri;
}

/** The route files that come with the extension. */
async function sampleRoutes(app: App): Promise<vscode.Uri[]> {
  const folder = vscode.Uri.joinPath(app.context.extensionUri, 'media/routes');
  const files = await vscode.workspace.fs.readDirectory(folder);
  return files
    .filter(([name]) => !name.endsWith('.md'))
    .map(([name]) => vscode.Uri.joinPath(folder, name))
    .sort((a, b) => a.path.localeCompare(b.path));
}

async function browse(app: App, title: string): Promise<vscode.Uri | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title,
      filters: { [vscode.l10n.t('Routes')]: app.work().ROUTE_FILE_EXTENSIONS },
    })) ?? [];
  return uri;
}
