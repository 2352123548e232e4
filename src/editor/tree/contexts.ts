import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import type { SandboxController } from '../sandbox/sandboxController.ts';

/** Tells the editor what there is, so that the palette offers only what can work. */
export function tellContexts(
  connections: Pick<Connections, 'list' | 'usable' | 'onDidChange'>,
  sandbox: Pick<SandboxController, 'known' | 'onDidChange'>,
): vscode.Disposable {
  const tell = (): void => {
    const contexts = {
      connected: connections.usable.length > 0,
      hasConnections: connections.list().length > 0,
      sandboxKnown: sandbox.known,
    };
    for (const [key, value] of Object.entries(contexts))
      void vscode.commands.executeCommand('setContext', `cmsEnablement.${key}`, value);
  };
  tell();
  return vscode.Disposable.from(connections.onDidChange(tell), sandbox.onDidChange(tell));
}
