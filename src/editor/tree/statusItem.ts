import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { sayPlural } from '../base/say.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { pickOne } from '../base/shown.ts';
import type { Connections } from '../connections/connections.ts';
import type { SandboxController } from '../sandbox/sandboxController.ts';

/** What one may want next of what is connected. */
export interface QuickActions {
  startSandbox: () => Promise<void>;
  stopSandbox: () => Promise<void>;
  copyCliEnvironment: () => Promise<void>;
  addConnection: () => Promise<void>;
  onboardVehicle: () => Promise<void>;
  findVehicle: () => Promise<void>;
}

/** Says in the status bar what is connected; a click opens the few things one may want next. */
export function createStatusItem(
  tasks: Tasks,
  sandbox: SandboxController,
  connections: Connections,
  actions: QuickActions,
): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('cmsEnablement.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Connected Mobility';
  item.command = 'cmsEnablement.quickMenu';
  const draw = (): void => {
    const { status, ready } = sandbox;
    const count = connections.list().length;
    const sandboxWords = {
      stopped: '',
      starting: vscode.l10n.t('sandbox starting'),
      running: vscode.l10n.t('sandbox running'),
      stopping: vscode.l10n.t('sandbox stopping'),
    }[status];
    const parts = [
      sandboxWords,
      count === 0 ? '' : sayPlural(count, l10n.t('1 connection'), l10n.t('{count} connections', { count })),
    ].filter((part) => part !== '');
    if (parts.length === 0) {
      item.hide();
      return;
    }
    const busy = status === 'starting' || status === 'stopping';
    const icon = busy ? 'sync~spin' : status === 'running' ? 'vm-running' : 'cloud';
    item.text = `$(${icon}) Connected Mobility: ${parts.join(', ')}`;
    item.tooltip = ready === undefined ? undefined : `${ready.endpoint} · MQTT ${ready.mqttEndpoint}`;
    item.accessibilityInformation = {
      label: vscode.l10n.t('Connected Mobility: {0}', parts.join(', ')),
      role: 'button',
    };
    item.show();
  };
  draw();
  return vscode.Disposable.from(
    item,
    sandbox.onDidChange(draw),
    connections.onDidChange(draw),
    registerCommand(tasks, 'quickMenu', () => quickMenu(tasks, sandbox.status === 'running', actions)),
  );
}

async function quickMenu(tasks: Tasks, running: boolean, actions: QuickActions): Promise<void> {
  const items: (vscode.QuickPickItem & { act: () => void | Promise<void> })[] = [
    ...(running ? [] : [{ label: vscode.l10n.t('$(play) Start Local Sandbox'), act: actions.startSandbox }]),
    { label: vscode.l10n.t('$(add) Onboard Vehicle…'), act: actions.onboardVehicle },
    { label: vscode.l10n.t('$(search) Find Vehicle…'), act: actions.findVehicle },
    ...(running
      ? [
          {
            label: vscode.l10n.t('$(terminal) Copy AWS CLI Environment for the Sandbox'),
            act: actions.copyCliEnvironment,
          },
        ]
      : []),
    { label: vscode.l10n.t('$(cloud) Add Connection…'), act: actions.addConnection },
    { label: vscode.l10n.t('$(output) Show Log'), act: () => tasks.log.show() },
    // Last: nobody stops it by pressing Enter at once.
    ...(running
      ? [{ label: vscode.l10n.t('$(debug-stop) Stop Local Sandbox'), act: actions.stopSandbox }]
      : []),
  ];
  const picked = await pickOne(items, {
    placeHolder: vscode.l10n.t('Connected Mobility'),
  });
  if (picked !== undefined) await tasks.attempt(() => picked.act());
}
