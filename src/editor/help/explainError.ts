import * as vscode from 'vscode';
import { ERROR_CODES } from '../../core/errorCodes.ts';
import type { App } from '../app.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** The section about a code in the page of errors that the extension brings along. */
export function errorHelp(context: vscode.ExtensionContext, code: string): vscode.Uri {
  return vscode.Uri.joinPath(context.extensionUri, 'docs', 'errors.md').with({
    fragment: code.toLowerCase(),
  });
}

/** Shows what a code of the log or of a message means: its causes and what to do. Asks for the code if none is given. */
export function registerExplainError(app: App): vscode.Disposable {
  return registerCommand(app, 'explainError', async (target) => {
    const code = ERROR_CODES.find((known) => known === target) ?? (await askCode());
    if (code === undefined) return;
    await vscode.commands.executeCommand('markdown.showPreview', errorHelp(app.context, code));
  });
}

function askCode(): Thenable<string | undefined> {
  return vscode.window.showQuickPick([...ERROR_CODES], {
    title: vscode.l10n.t('Explain Error Code'),
    placeHolder: vscode.l10n.t('The code, as it stands in the log or on the command line'),
  });
}
