import * as vscode from 'vscode';
import { fileGlob } from './fileGlob.ts';
import { forLabel, notify, pickOne } from './shown.ts';

/** Files of the workspace by a glob pattern, without those of packages. */
export function findFiles(pattern: string): Thenable<vscode.Uri[]> {
  return vscode.workspace.findFiles(pattern, '**/node_modules/**', 200);
}

/** Fleet files of the workspace; those that are named as such come first. */
export async function findFleetFiles(): Promise<vscode.Uri[]> {
  const rank = (uri: vscode.Uri): number => (uri.path.toLowerCase().includes('.cms-fleet.') ? 0 : 1);
  const files = await findFiles(fileGlob('csv', 'cms-fleet.json'));
  return files.toSorted((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
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
