import * as vscode from 'vscode';
import { type Log, logError } from './log.ts';

/**
 * Tells the palette (`package.json`, by a context key) whether the workspace has such a file.
 * @param key without the name of the extension
 * @param pattern a glob pattern
 */
export function tellWhetherThere(key: string, pattern: string, log: Log): vscode.Disposable {
  /** Which look was the last one. */
  let last = 0;
  const look = async (): Promise<void> => {
    const mine = ++last;
    const [found] = await vscode.workspace.findFiles(pattern, '**/node_modules/**', 1);
    if (mine === last)
      await vscode.commands.executeCommand('setContext', `cmsEnablement.${key}`, found !== undefined);
  };
  const again = (): void => void look().catch((error: unknown) => logError(log, error));
  const watcher = vscode.workspace.createFileSystemWatcher(pattern, false, true);
  again();
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(again),
    watcher.onDidDelete(again),
    vscode.workspace.onDidChangeWorkspaceFolders(again),
  );
}
