import * as vscode from 'vscode';
import { openToRead } from '../../core/bounded.ts';
import { fileGlob } from '../base/fileGlob.ts';
import { findFiles } from '../base/pickFile.ts';

/** The beginning of a file is enough to see its header. */
const HEAD_BYTES = 4096;

/**
 * What the CSV files of the workspace are, since their names do not say it: menus of files leave out what only the other
 * kind can be used for (`package.json`, by context keys). A file that is neither for sure has both.
 */
export function registerCsvKinds(): vscode.Disposable {
  const kinds = new Map<string, { uri: vscode.Uri; kind: 'fleet' | 'route' }>();
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
  const look = async (...uris: readonly vscode.Uri[]): Promise<void> => {
    let isChanged = false;
    for (const uri of uris) isChanged = keep(uri, await headOf(uri.fsPath)) || isChanged;
    if (isChanged) tell();
  };
  const lookAtAll = async (): Promise<void> => look(...(await findFiles(fileGlob('csv'))));
  const watcher = vscode.workspace.createFileSystemWatcher(fileGlob('csv'));
  void lookAtAll();
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate((uri) => void look(uri)),
    watcher.onDidChange((uri) => void look(uri)),
    watcher.onDidDelete((uri) => {
      if (keep(uri, undefined)) tell();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void lookAtAll()),
  );
}

/** Nothing of a file that cannot be read: who opens it is told why. */
async function headOf(path: string): Promise<string | undefined> {
  try {
    const file = await openToRead(path);
    if (file.isPipe) {
      await file.close();
      return undefined;
    }
    // Left after its first piece, the stream closes the file.
    for await (const piece of file.stream() as AsyncIterable<Buffer>)
      return piece.toString('utf8', 0, HEAD_BYTES);
    return '';
  } catch {
    return undefined;
  }
}

/** By the first line: a column with the VIN, or positions. */
export function csvKind(head: string): 'fleet' | 'route' | undefined {
  const lines = head.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const first = lines.find((line) => line.trim() !== '' && !/^"?sep=/i.test(line)) ?? '';
  const cells = first.split(/[,;\t|]/).map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase(),
  );
  if (cells.includes('vin')) return 'fleet';
  const names = (...words: string[]): boolean => cells.some((cell) => words.includes(cell));
  if (names('lat', 'latitude') && names('lon', 'lng', 'long', 'longitude')) return 'route';
  const isNumber = (cell: string | undefined): boolean =>
    cell !== undefined && /^[+-]?\d+(\.\d+)?$/.test(cell);
  return isNumber(cells[0]) && isNumber(cells[1]) ? 'route' : undefined;
}
