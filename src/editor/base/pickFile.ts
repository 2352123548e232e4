import * as vscode from 'vscode';
import { headOf } from './csvHead.ts';
import { csvKind } from './csvKind.ts';
import { fileGlob } from './fileGlob.ts';
import { openFirst } from './openFile.ts';
import { forLabel, notify, pickOne } from './shown.ts';

/** Files of the workspace by a glob pattern, without those of packages. */
export function findFiles(pattern: string): Thenable<vscode.Uri[]> {
  return vscode.workspace.findFiles(pattern, '**/node_modules/**', 200);
}

/** Fleet files of the workspace: the one that is open first, then those that are named as such; no routes. */
export async function findFleetFiles(): Promise<vscode.Uri[]> {
  const rank = (uri: vscode.Uri): number => (uri.path.toLowerCase().includes('.cms-fleet.') ? 0 : 1);
  const files = await findFiles(fileGlob('csv', 'cms-fleet.json'));
  const routes = await Promise.all(files.map(isRoute));
  const fleets = files.filter((_, i) => routes[i] !== true);
  return openFirst(fleets.toSorted((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path)));
}

/** Whether a CSV file is one for sure. */
async function isRoute({ fsPath }: vscode.Uri): Promise<boolean> {
  if (!/\.csv$/i.test(fsPath)) return false;
  const head = await headOf(fsPath);
  return head !== undefined && csvKind(head) === 'route';
}

/**
 * A fleet file of the workspace.
 * @param none said when there is none
 */
export async function pickFleetFile(title: string, none: string): Promise<vscode.Uri | undefined> {
  const files = await findFleetFiles();
  if (files.length === 0) {
    void notify.info(none);
    return undefined;
  }
  const picked = await pickOne(
    files.map((uri) => ({ label: forLabel(vscode.workspace.asRelativePath(uri)), uri })),
    { title, placeHolder: vscode.l10n.t('CSV or JSON with one vehicle per line or entry') },
  );
  return picked?.uri;
}
