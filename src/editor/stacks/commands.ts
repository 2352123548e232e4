import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { signInNow } from './signIn.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { stackTarget } from './targets.ts';

/** Actions on a stack as a whole. */
export function registerStackCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'signIn', (target) => signIn(app, target)),
    registerCommand(app, 'copyStackOutputs', (target) => copyOutputs(app, target)),
    registerCommand(app, 'openCmsUi', (target) => openUi(app, target)),
  );
}

async function signIn(app: App, target: unknown): Promise<void> {
  const ref = await stackTarget(app, target);
  if (ref === undefined || !(await signInNow(app, ref))) return;
  const username = (await app.sessions.usernameOf(ref)) ?? '';
  void vscode.window.showInformationMessage(vscode.l10n.t('Signed in to {0} as {1}.', ref.stack, username));
}

async function copyOutputs(app: App, target: unknown): Promise<void> {
  const ref = await stackTarget(app, target);
  if (ref === undefined) return;
  const outputs = await app.run(
    { title: vscode.l10n.t('Reading the outputs of {0}', ref.stack), quiet: true },
    async (work) => {
      const found = await app.sessions.find(ref.connectionId, work.signal);
      const deployment = found.find((d) => d.stack.name === ref.stack);
      return { ...deployment?.core?.outputs, ...deployment?.stack.outputs };
    },
  );
  if (outputs === undefined) return;
  await vscode.env.clipboard.writeText(`${JSON.stringify(outputs, null, 2)}\n`);
  vscode.window.setStatusBarMessage(
    vscode.l10n.t('$(check) {0} outputs copied as JSON', Object.keys(outputs).length),
    4000,
  );
}

async function openUi(app: App, target: unknown): Promise<void> {
  const ref = await stackTarget(app, target);
  if (ref === undefined) return;
  const opened = await app.run(
    { title: vscode.l10n.t('Looking for the CMS UI of {0}', ref.stack), quiet: true },
    async (work) => {
      return { url: (await app.sessions.open(ref, work.signal)).uiUrl };
    },
  );
  if (opened === undefined) return;
  if (opened.url === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} has no CloudFront address among its outputs.', ref.stack),
    );
  } else await vscode.env.openExternal(vscode.Uri.parse(opened.url));
}
