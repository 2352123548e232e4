import * as vscode from 'vscode';

const SECTION = 'cmsEnablement.sandbox';
export const INSTALLATIONS_SETTING = `${SECTION}.installations`;

/** What the setting names, each as `KIND:NAME[,KEY=VALUE…]`. Nothing while the setting before it counts. */
export function wantedInstallations(): string[] {
  const settings = vscode.workspace.getConfiguration(SECTION);
  return stacksBefore(settings).length > 0 ? [] : settings.get<string[]>('installations', []);
}

/** The arguments for the start of the sandbox. */
export function installArguments(): string[] {
  const stacks = stacksBefore(vscode.workspace.getConfiguration(SECTION));
  return stacks.length > 0 ? ['--stack', ...stacks] : ['--install', ...wantedInstallations()];
}

/** The stacks of the setting that this one replaced, which counts as long as only that one is set. */
function stacksBefore(settings: vscode.WorkspaceConfiguration): string[] {
  const set = settings.inspect<string[]>('installations');
  const isSet = [set?.globalValue, set?.workspaceValue, set?.workspaceFolderValue].some(
    (value) => value !== undefined,
  );
  return isSet ? [] : settings.get<string[]>('stacks', []);
}

/** `KIND:NAME`, by which the sandbox knows an installation. */
export function idOf(installation: string): string {
  return installation.split(',', 1)[0] ?? installation;
}
