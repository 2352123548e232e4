import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { TreeRow } from './treeRow.ts';

/**
 * Registers `cmsEnablement.<id>`. Whatever the handler throws is shown once, with a retry.
 * Arguments are unknown: anybody may call a command. `gone`: it was called from a row that is being drawn anew, of
 * which the editor then hands over nothing.
 */
export function registerCommand(
  app: App,
  id: string,
  handler: (target: unknown, others: unknown, gone: boolean) => Promise<void> | void,
): vscode.Disposable {
  const command = `cmsEnablement.${id}`;
  return vscode.commands.registerCommand(command, async (...given: unknown[]) => {
    const [argument, others] = given;
    const target = argument instanceof TreeRow ? argument.node : argument;
    try {
      await handler(target, others, given.length > 0 && argument === undefined);
    } catch (error) {
      app.showError(error, () => void vscode.commands.executeCommand(command, ...given));
    }
  });
}
