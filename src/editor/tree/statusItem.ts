import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** Says in the status bar what is connected; a click opens the few things one may want next. */
export function createStatusItem(app: App): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('cmsEnablement.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'CMS Enablement';
  item.command = 'cmsEnablement.quickMenu';
  const draw = (): void => {
    const { status } = app.sandbox;
    const count = app.connections.list().length;
    const sandbox = {
      stopped: '',
      starting: vscode.l10n.t('sandbox starting'),
      running: vscode.l10n.t('sandbox running'),
      stopping: vscode.l10n.t('sandbox stopping'),
    }[status];
    const parts = [
      sandbox,
      count === 1 ? vscode.l10n.t('1 connection') : count > 1 ? vscode.l10n.t('{0} connections', count) : '',
    ].filter((part) => part !== '');
    if (parts.length === 0) {
      item.hide();
      return;
    }
    const busy = status === 'starting' || status === 'stopping';
    const icon = busy ? 'sync~spin' : status === 'running' ? 'vm-running' : 'cloud';
    item.text = `$(${icon}) CMS: ${parts.join(', ')}`;
    item.tooltip =
      app.sandbox.ready === undefined
        ? undefined
        : `${app.sandbox.ready.endpoint} · MQTT ${app.sandbox.ready.mqttEndpoint}`;
    item.accessibilityInformation = {
      label: vscode.l10n.t('Connected Mobility: {0}', parts.join(', ')),
      role: 'button',
    };
    item.show();
  };
  draw();
  return vscode.Disposable.from(
    item,
    app.sandbox.onDidChange(draw),
    app.connections.onDidChange(draw),
    vscode.commands.registerCommand('cmsEnablement.quickMenu', () => quickMenu(app)),
  );
}

async function quickMenu(app: App): Promise<void> {
  const running = app.sandbox.status === 'running';
  const items = [
    running
      ? { label: vscode.l10n.t('$(debug-stop) Stop Local Sandbox'), command: 'stopSandbox' }
      : { label: vscode.l10n.t('$(play) Start Local Sandbox'), command: 'startSandbox' },
    { label: vscode.l10n.t('$(add) Onboard Vehicle…'), command: 'onboardVehicle' },
    { label: vscode.l10n.t('$(search) Find Vehicle by VIN…'), command: 'findVehicle' },
    ...(running
      ? [
          {
            label: vscode.l10n.t('$(terminal) Copy AWS CLI Environment for the Sandbox'),
            command: 'copyCliEnvironment',
          },
        ]
      : []),
    { label: vscode.l10n.t('$(cloud) Add Connection…'), command: 'addConnection' },
    { label: vscode.l10n.t('$(output) Show Log'), command: 'showLog' },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Connected Mobility'),
  });
  if (picked !== undefined) await vscode.commands.executeCommand(`cmsEnablement.${picked.command}`);
}
