import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { SANDBOX_ID } from '../connections/connections.ts';
import { showMap } from './showMap.ts';
import { createWatchSource, watchKey } from './watchSource.ts';
import { Node } from '../base/node.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** Shows every vehicle that sends telemetry over a connection. */
export function registerWatchFleet(app: App): vscode.Disposable {
  return registerCommand(app, 'watchFleet', async (target) => {
    const connectionId = await connectionTarget(app, target);
    if (connectionId !== undefined) watchOnMap(app, connectionId, undefined);
  });
}

/** The map of a connection's fleet: the one that is open, which then tries again if it gave up, or a new one. */
export function watchOnMap(app: App, connectionId: string, vin: string | undefined): void {
  const source = app.maps.sourceOf(watchKey(connectionId)) ?? createWatchSource(app, connectionId);
  showMap(app, source, vin === undefined ? {} : { vin });
}

/** The connection of a row, the only one there is, or the one picked. */
async function connectionTarget(app: App, target: unknown): Promise<string | undefined> {
  if (target instanceof Node && target.connectionId !== undefined) return target.connectionId;
  const ids = [
    ...(app.sandbox.status === 'running' ? [SANDBOX_ID] : []),
    ...app.connections.list().map(({ id }) => id),
  ];
  if (ids.length === 1) return ids[0];
  if (ids.length === 0) {
    const start = vscode.l10n.t('Start Local Sandbox');
    const add = vscode.l10n.t('Add Connection…');
    const picked = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no fleet to watch yet. Start the local sandbox, or add a connection to your AWS account.',
      ),
      start,
      add,
    );
    if (picked === start) await vscode.commands.executeCommand('cmsEnablement.startSandbox');
    if (picked === add) await vscode.commands.executeCommand('cmsEnablement.addConnection');
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    ids.map((id) => ({ label: app.connections.labelOf(id), id })),
    { title: vscode.l10n.t('Watch Fleet on Map'), placeHolder: vscode.l10n.t('Connection') },
  );
  return picked?.id;
}
