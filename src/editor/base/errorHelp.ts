import * as vscode from 'vscode';

/** The section about an error code in the page of errors that comes with the extension. */
export function errorHelp(extensionUri: vscode.Uri, code: string): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'docs', 'errors.md').with({ fragment: code.toLowerCase() });
}

export async function showErrorHelp(extensionUri: vscode.Uri, code: string): Promise<void> {
  await vscode.commands.executeCommand('markdown.showPreview', errorHelp(extensionUri, code));
}
