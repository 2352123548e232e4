import * as vscode from 'vscode';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Shell } from '../base/commandLine.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { notify, pickOne } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { IN_THE_WAY, sandboxEnvironment, sandboxProfile, shellLines, withoutProxy } from './environment.ts';
import type { SandboxController } from './sandboxController.ts';

/** The profile of the sandbox in the AWS config file. */
const PROFILE = 'cms-sandbox';

type Sandbox = Pick<SandboxController, 'connectionReady' | 'readyFile'>;
type Backend = LoadBackend<'planProfile' | 'writeProfile'>;

/** Points terminals, the AWS CLI and SDKs at the sandbox. */
export function registerCliEnvironment(tasks: Tasks, sandbox: Sandbox, backend: Backend): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(tasks, 'copyCliEnvironment', () => copyCliEnvironment(sandbox)),
    registerCommand(tasks, 'openSandboxTerminal', () => openTerminal(sandbox)),
    registerCommand(tasks, 'writeSandboxProfile', () => writeSandboxProfile(tasks, sandbox, backend)),
  );
}

/** Copies the lines for the shell that is picked; the shell of the editor's terminal comes first. */
export async function copyCliEnvironment(sandbox: Sandbox): Promise<void> {
  const ready = sandbox.connectionReady();
  const shells: { label: string; description?: string; shell: Shell }[] = [
    { label: 'bash, zsh', shell: 'posix' },
    { label: 'PowerShell', shell: 'powershell' },
  ];
  if (/(pwsh|powershell)(\.exe)?$/i.test(vscode.env.shell)) shells.reverse();
  const picked = await pickOne(shells, { placeHolder: vscode.l10n.t('Shell to copy the environment for') });
  if (picked === undefined) return;
  await vscode.env.clipboard.writeText(
    shellLines(sandboxEnvironment(ready, sandbox.readyFile), picked.shell),
  );
  vscode.window.setStatusBarMessage(
    vscode.l10n.t('$(check) Environment copied: paste it into a terminal'),
    4000,
  );
}

function openTerminal(sandbox: Sandbox): void {
  const env: Record<string, string | null> = {
    ...sandboxEnvironment(sandbox.connectionReady(), sandbox.readyFile),
  };
  for (const name of IN_THE_WAY) env[name] = null;
  for (const name of ['NO_PROXY', 'no_proxy']) env[name] = withoutProxy(process.env[name]);
  vscode.window
    .createTerminal({
      name: vscode.l10n.t('Local Sandbox'),
      iconPath: new vscode.ThemeIcon('vm-running'),
      isTransient: true,
      env,
    })
    .show();
}

/** Writes nothing before the person has seen the lines. */
async function writeSandboxProfile(tasks: Tasks, sandbox: Sandbox, backend: Backend): Promise<void> {
  const keys = sandboxProfile(sandbox.connectionReady(), sandbox.readyFile);
  const change = await backend().planProfile(PROFILE, keys);
  const use = `aws --profile ${PROFILE} iot list-things`;
  if (change.lines.length > 0) {
    const go = vscode.l10n.t('Write Profile');
    const picked = await notify.info(
      change.exists
        ? vscode.l10n.t('Change the profile {0} in {1}?', PROFILE, change.file)
        : vscode.l10n.t('Add the profile {0} to {1}?', PROFILE, change.file),
      {
        modal: true,
        detail: [...change.lines, '', vscode.l10n.t('Nothing else in the file is changed.')].join('\n'),
      },
      go,
    );
    if (picked !== go) return;
    await backend().writeProfile(change);
    tasks.log.info(`Wrote the profile ${PROFILE} to ${change.file}.`);
  }
  const copy = vscode.l10n.t('Copy Command');
  const next = await notify.info(
    vscode.l10n.t('The profile {0} points to the local sandbox: {1}', PROFILE, use),
    copy,
  );
  if (next === copy) await vscode.env.clipboard.writeText(use);
}
