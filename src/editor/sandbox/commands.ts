import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { SANDBOX_ID } from '../connections/connections.ts';
import type { SandboxReady } from '../../protocol/sandboxReady.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** Start, stop, reset and use the local sandbox. */
export function registerSandboxCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'startSandbox', () => startSandbox(app)),
    registerCommand(app, 'stopSandbox', () => stopSandbox(app)),
    registerCommand(app, 'resetSandbox', () => resetSandbox(app)),
    registerCommand(app, 'copyCliEnvironment', () => copyCliEnvironment(app)),
  );
}

async function startSandbox(app: App): Promise<void> {
  if (app.sandbox.status === 'running') {
    void vscode.window.showInformationMessage(vscode.l10n.t('The local sandbox is already running.'));
    return;
  }
  const first = !app.sandbox.known;
  const ready = await app.run({ title: vscode.l10n.t('Starting the local sandbox') }, (work) =>
    app.sandbox.start(work.signal),
  );
  if (ready === undefined) return;
  // The welcome button that had the focus is gone: the rows that took its place get it.
  if (first) await vscode.commands.executeCommand('cmsEnablement.stacks.focus');
  // Not waited for: whoever ran this command goes on once the sandbox runs.
  if (first) void offerOnboarding(ready);
  else vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) The local sandbox is running'), 4000);
}

async function offerOnboarding(ready: SandboxReady): Promise<void> {
  const onboard = vscode.l10n.t('Onboard Vehicle…');
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The local sandbox is running at {0} with the stack {1}.',
      ready.endpoint,
      ready.stacks.cms.join(', '),
    ),
    onboard,
  );
  if (picked === onboard) await vscode.commands.executeCommand('cmsEnablement.onboardVehicle');
}

async function stopSandbox(app: App): Promise<void> {
  await app.run({ title: vscode.l10n.t('Stopping the local sandbox'), quiet: true }, () =>
    app.sandbox.stop(),
  );
}

async function resetSandbox(app: App): Promise<void> {
  const reset = vscode.l10n.t('Reset');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Reset the local sandbox?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Every vehicle, user, certificate and message in the sandbox is deleted and the stacks are made anew. Certificate files in your workspace stay, but no longer work.',
      ),
    },
    reset,
  );
  if (picked !== reset) return;
  await app.run({ title: vscode.l10n.t('Resetting the local sandbox') }, async () => {
    // First: with the stacks made anew nobody of the old ones can sign in.
    await app.passwords.forgetConnection(SANDBOX_ID);
    await app.sandbox.reset();
  });
}

/** Shell lines that point the AWS CLI and SDKs at the sandbox. */
async function copyCliEnvironment(app: App): Promise<void> {
  const { endpoint, region, caFile } = app.sandbox.connectionReady();
  const lines = [
    `export AWS_ENDPOINT_URL=${endpoint}`,
    `export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    'export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox',
    `# MQTT: ${app.sandbox.connectionReady().mqttEndpoint}, CA file: ${caFile}`,
  ];
  await vscode.env.clipboard.writeText(`${lines.join('\n')}\n`);
  vscode.window.setStatusBarMessage(
    vscode.l10n.t('$(check) Environment copied: paste it into a terminal'),
    4000,
  );
}
