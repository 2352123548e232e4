import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import type { ConnectionState, ConnectionStates } from '../connections/connectionStates.ts';
import { SANDBOX_ID, type SandboxController } from '../sandbox/sandboxController.ts';

/** Tells the editor what there is, so that the palette offers only what can work. */
export function tellContexts(
  connections: Pick<Connections, 'list' | 'usable' | 'onDidChange'>,
  states: Pick<ConnectionStates, 'of' | 'onDidChange'>,
  sandbox: Pick<SandboxController, 'known' | 'onDidChange'>,
): vscode.Disposable {
  const tell = (): void => {
    const contexts = {
      connected: connections.usable.some((id) => id === SANDBOX_ID || canWork(states.of(id))),
      hasConnections: connections.list().length > 0,
      sandboxKnown: sandbox.known,
    };
    for (const [key, value] of Object.entries(contexts))
      void vscode.commands.executeCommand('setContext', `cmsEnablement.${key}`, value);
  };
  tell();
  return vscode.Disposable.from(
    connections.onDidChange(tell),
    states.onDidChange(tell),
    sandbox.onDidChange(tell),
  );
}

/** One that was not tried yet may work, and a network comes back. */
function canWork(state: ConnectionState): boolean {
  return state.kind !== 'failed' || state.mayPass;
}
