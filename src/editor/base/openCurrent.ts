import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { unlessAborted } from '../../core/shared.ts';

/** The editor notices a change on disk within a second; a slow network drive may take longer. */
const NOTICED_WITHIN_MS = 5000;

/**
 * Opens a file as a document that holds what the file holds now: right after a file was replaced, the editor still
 * gives out the old text. Edits that are not saved yet count.
 * @throws CmsError REQUEST_INVALID when the editor does not notice the change, CANCELLED, and what reading the file throws
 */
export function openCurrent(uri: vscode.Uri, signal: AbortSignal): Promise<vscode.TextDocument> {
  return unlessAborted(opened(uri), signal);
}

async function opened(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty) return document;
  const bytes = await vscode.workspace.fs.readFile(uri);
  const onDisk = lines(await vscode.workspace.decode(bytes, { encoding: document.encoding }));
  const isCurrent = () => document.isDirty || lines(document.getText()) === onDisk;
  if (!isCurrent() && !(await becomes(isCurrent))) {
    const name = vscode.workspace.asRelativePath(uri);
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{name} has changed on disk, and the editor still shows the old text.', { name }),
      { remedy: l10n.t('Open the file, check it, and try again.') },
    );
  }
  return document;
}

/** A document has one kind of line end, and no byte order mark. */
function lines(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
}

/** Whether it becomes true with a change of a document, in time. */
function becomes(isTrue: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (result: boolean) => {
      clearTimeout(timer);
      listener.dispose();
      resolve(result);
    };
    const timer = setTimeout(() => end(isTrue()), NOTICED_WITHIN_MS);
    const listener = vscode.workspace.onDidChangeTextDocument(() => {
      if (isTrue()) end(true);
    });
    if (isTrue()) end(true);
  });
}
