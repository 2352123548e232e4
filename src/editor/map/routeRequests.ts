import path from 'node:path';
import * as vscode from 'vscode';
import { checkWay, makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { drawnRouteText, isDrawnRouteName } from './drawnRoute.ts';
import type { MapPanels } from './mapPanels.ts';
import { previewRoute, type PreviewSources } from './previewRoute.ts';
import { DRAWING } from './routeSource.ts';

interface Sources {
  tasks: Tasks;
  routes: PreviewSources;
  /** Where files are kept that were dropped on a map. */
  storage: vscode.Uri;
}

/** Does what the page of a map asks for about route files: saves what was drawn, opens what was dropped. */
export function registerRouteRequests(panels: MapPanels, sources: Sources): vscode.Disposable {
  return panels.onRoute(({ request, source, saved }) => {
    void sources.tasks.attempt(async () => {
      switch (request.kind) {
        case 'save-route': {
          const file = await save(request.points, source.file);
          if (file === undefined) return;
          saved();
          await previewRoute(panels, sources.routes, file);
          panels.close(DRAWING);
          return;
        }
        case 'drop':
          await previewRoute(panels, sources.routes, await keep(sources.storage, request));
          return;
        case 'drop-uri': {
          const uri = vscode.Uri.parse(request.uri);
          // A page names no file but those of the workspace, which a person can drag from the Explorer.
          if (vscode.workspace.getWorkspaceFolder(uri) === undefined) {
            void notify.warn(
              vscode.l10n.t('Drop files of the open folder, or preview others with Preview Route.'),
            );
            return;
          }
          await previewRoute(panels, sources.routes, uri);
        }
      }
    });
  });
}

/** Asks for a name in the workspace and writes the route there; undefined when the person leaves. */
async function save(
  points: readonly (readonly [number, number])[],
  before: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  const folder =
    (before && vscode.workspace.getWorkspaceFolder(before)) ?? vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    const open = vscode.l10n.t('Open Folder');
    const text = vscode.l10n.t('Routes are saved in the workspace, and no folder is open.');
    if ((await notify.warn(text, open)) === open) await vscode.commands.executeCommand('vscode.openFolder');
    return undefined;
  }
  const title = vscode.l10n.t('Save Route');
  const name = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('File in {0}: .geojson or .gpx', folder.name),
    value: proposal(folder, before),
    ignoreFocusOut: true,
    validateInput: (text) =>
      isDrawnRouteName(text)
        ? undefined
        : vscode.l10n.t('A path in the folder that ends with .geojson or .gpx'),
  });
  if (name === undefined) return undefined;
  const file = vscode.Uri.joinPath(folder.uri, name);
  if (await exists(file)) {
    const replace = vscode.l10n.t('Replace');
    const text = vscode.l10n.t('{0} already exists. Replace it with the route you drew?', name);
    if ((await notify.warn(text, { modal: true }, replace)) !== replace) return undefined;
  }
  const parent = path.dirname(file.fsPath);
  await makeFolder(folder.uri.fsPath, parent, 0o755);
  await checkWay(folder.uri.fsPath, file.fsPath);
  await writeFileSafely(file.fsPath, drawnRouteText(name, points), 0o644);
  return file;
}

function proposal(folder: vscode.WorkspaceFolder, before: vscode.Uri | undefined): string {
  const known = before && path.posix.relative(folder.uri.path, before.path);
  if (known === undefined || known.startsWith('..')) return 'routes/route.geojson';
  return isDrawnRouteName(known) ? known : `${known.replace(/\.[^./]*$/, '')}.geojson`;
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}

/** A dropped file has no place that could be read again, so it is kept. */
async function keep(
  storage: vscode.Uri,
  { name, content }: { name: string; content: string },
): Promise<vscode.Uri> {
  const plain = path.posix.basename(name.replaceAll('\\', '/')).replace(/[^\p{L}\p{N}._ -]/gu, '_');
  const file = vscode.Uri.joinPath(storage, 'dropped', plain.replace(/^\.+/, '_') || 'route');
  await makeFolder(storage.fsPath, path.dirname(file.fsPath));
  await writeFileSafely(file.fsPath, Buffer.from(content, 'base64'));
  return file;
}
