import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** Shows which IAM policy is for what, as the extension brings it along; the policies are linked there. */
export function registerIamPolicies(app: App): vscode.Disposable {
  return registerCommand(app, 'showIamPolicies', async () => {
    const page = vscode.Uri.joinPath(app.context.extensionUri, 'docs', 'iam', 'README.md');
    await vscode.commands.executeCommand('markdown.showPreview', page);
  });
}
