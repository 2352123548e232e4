import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** Opens the walkthrough of the manifest. It is never opened unasked. */
export function registerGetStarted(app: App): vscode.Disposable {
  return registerCommand(app, 'getStarted', async () => {
    await vscode.commands.executeCommand(
      'workbench.action.openWalkthrough',
      `${app.context.extension.id}#start`,
      false,
    );
  });
}
