import * as vscode from 'vscode';
import { csvKind, type CsvKind } from '../base/csvKind.ts';
import { headOf } from '../base/csvHead.ts';
import { fileGlob } from '../base/fileGlob.ts';
import { type Log, logError } from '../base/log.ts';
import { findFiles } from '../base/pickFile.ts';

/**
 * What the CSV files of the workspace are, since their names do not say it: menus of files leave out what only the other
 * kind can be used for (`package.json`, by context keys). A file that is neither for sure has both.
 */
export function registerCsvKinds(log: Log, read: typeof headOf = headOf): vscode.Disposable {
  const kinds = new Map<string, { uri: vscode.Uri; kind: CsvKind }>();
  /** Which look at a file was the last one. */
  const looks = new Map<string, symbol>();
  const tell = (): void => {
    for (const kind of ['fleet', 'route'] as const) {
      const files = [...kinds.values()].filter((each) => each.kind === kind);
      // The editor names a file by either, depending on where it is.
      const names = files.flatMap(({ uri }) => [uri.fsPath, uri.path]);
      void vscode.commands.executeCommand('setContext', `cmsEnablement.${kind}Files`, [...new Set(names)]);
    }
  };
  const keep = (uri: vscode.Uri, head: string | undefined): boolean => {
    const key = uri.toString();
    const kind = head === undefined ? undefined : csvKind(head);
    if (kinds.get(key)?.kind === kind) return false;
    if (kind === undefined) kinds.delete(key);
    else kinds.set(key, { uri, kind });
    return true;
  };
  /** Forgets a file, also what is being read of it. */
  const forget = (uri: vscode.Uri): boolean => {
    looks.delete(uri.toString());
    return keep(uri, undefined);
  };
  const lookAt = async (uris: readonly vscode.Uri[]): Promise<void> => {
    let isChanged = false;
    for (const uri of uris) {
      const key = uri.toString();
      const look = Symbol(key);
      looks.set(key, look);
      const head = await read(uri.fsPath);
      // A later look, or the end of the file, has said what it is by now.
      if (looks.get(key) !== look) continue;
      looks.delete(key);
      isChanged = keep(uri, head) || isChanged;
    }
    if (isChanged) tell();
  };
  const look = (find: () => PromiseLike<vscode.Uri[]> | vscode.Uri[]): void => {
    const looking = async (): Promise<void> => lookAt(await find());
    looking().catch((error: unknown) => logError(log, error));
  };
  const lookAtAll = (): void => look(() => findFiles(fileGlob('csv')));
  const watcher = vscode.workspace.createFileSystemWatcher(fileGlob('csv'));
  lookAtAll();
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate((uri) => look(() => [uri])),
    watcher.onDidChange((uri) => look(() => [uri])),
    watcher.onDidDelete((uri) => {
      if (forget(uri)) tell();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      const left = [...kinds.values()].filter(
        ({ uri }) => vscode.workspace.getWorkspaceFolder(uri) === undefined,
      );
      if (left.filter(({ uri }) => forget(uri)).length > 0) tell();
      lookAtAll();
    }),
  );
}
