import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { TreeRow } from '../views/treeRow.ts';

/**
 * Registers `cmsEnablement.<id>`. Whatever the handler throws is shown once, with a retry.
 * Arguments are unknown: anybody may call a command.
 */
export function registerCommand(
  app: App,
  id: string,
  handler: (target: unknown, others: unknown) => Promise<void> | void,
): vscode.Disposable {
  const command = `cmsEnablement.${id}`;
  return vscode.commands.registerCommand(command, async (argument: unknown, others: unknown) => {
    const target = argument instanceof TreeRow ? argument.node : argument;
    try {
      await handler(target, others);
    } catch (error) {
      app.showError(error, () => void vscode.commands.executeCommand(command, target, others));
    }
  });
}
