import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { Node } from '../base/node.ts';
import { redacted } from '../../core/secrets.ts';
import { say, sayPlural } from '../base/say.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
import { SIGN_IN_CODES } from '../../cms/contract/needs.ts';
import { needCalled, type PickNeed } from './needCalled.ts';
import type { Sessions } from './sessions.ts';
import type { SignIns } from './signIn.ts';
import type { Targets } from './targets.ts';

/** Sign in to a stack, and look at it as a whole. */
export function registerStacks(
  tasks: Tasks,
  targets: Targets,
  sessions: Sessions,
  signIns: SignIns,
): vscode.Disposable {
  const signIn = async (target: unknown, pick: PickNeed): Promise<void> => {
    const ref = await targets.stack(target);
    if (ref === undefined) return;
    const need = (target instanceof Node ? target.need : undefined) ?? (await signIns.needOf(ref, pick));
    const signed = need && (await signIns.now(ref, need));
    if (signed === undefined) return;
    void notify.info(
      signed === 'not needed'
        ? vscode.l10n.t('{0} needs no sign-in: the credentials of its connection are enough.', ref.stack)
        : signed === 'by token'
          ? vscode.l10n.t('Signed in to {0}.', ref.stack)
          : vscode.l10n.t('Signed in to {0} as {1}.', ref.stack, signed.username),
    );
  };
  tasks.addRemedy(SIGN_IN_CODES, ({ details }) => ({
    title: vscode.l10n.t('Sign In…'),
    // The stack that failed, whatever was selected since, and what was missing there.
    act: () => tasks.attempt(() => signIn(targets.usedLast, needCalled(details.need))),
  }));
  return vscode.Disposable.from(
    registerCommand(tasks, 'signIn', ({ target }) => signIn(target, needCalled(undefined))),
    registerCommand(tasks, 'copyStackOutputs', ({ target }) => copyOutputs(tasks, targets, sessions, target)),
    registerCommand(tasks, 'forgetPasswords', () => forgetPasswords(signIns)),
    registerCommand(tasks, 'openCmsUi', ({ target }) => openUi(tasks, targets, sessions, target)),
  );
}

async function forgetPasswords(signIns: SignIns): Promise<void> {
  const count = await signIns.forgetAll();
  void notify.info(
    count === 0
      ? vscode.l10n.t('No sign-ins were saved.')
      : sayPlural(
          count,
          l10n.t('1 saved sign-in forgotten.'),
          l10n.t('{count} saved sign-ins forgotten.', { count }),
        ),
  );
}

async function copyOutputs(
  tasks: Tasks,
  targets: Targets,
  sessions: Sessions,
  target: unknown,
): Promise<void> {
  const ref = await targets.stack(target);
  if (ref === undefined) return;
  const outputs = await tasks.run(
    { title: vscode.l10n.t('Reading the outputs of {0}', ref.stack), quiet: true },
    async (work) => {
      const found = await sessions.find(ref.connectionId, work.signal);
      const deployment = found.find((d) => d.stack.name === ref.stack);
      const parts = Object.values(deployment?.parts ?? {}).map(({ outputs }) => outputs);
      return Object.assign({}, ...parts, deployment?.stack.outputs) as Record<string, string>;
    },
  );
  if (outputs === undefined) return;
  await vscode.env.clipboard.writeText(`${JSON.stringify(redacted(outputs), null, 2)}\n`);
  const count = Object.keys(outputs).length;
  vscode.window.setStatusBarMessage(
    sayPlural(
      count,
      l10n.t('$(check) 1 output copied as JSON'),
      l10n.t('$(check) {count} outputs copied as JSON', { count }),
    ),
    4000,
  );
}

async function openUi(tasks: Tasks, targets: Targets, sessions: Sessions, target: unknown): Promise<void> {
  const ref = await targets.stack(target);
  if (ref === undefined) return;
  const opened = await tasks.run(
    { title: vscode.l10n.t('Looking for the CMS UI of {0}', ref.stack), quiet: true },
    async (work) => {
      const deployment = await sessions.open(ref, work.signal);
      const capabilities = await deployment.capabilities(work.signal);
      return { url: deployment.uiUrl, no: capabilities.find(({ id }) => id === 'ui')?.no };
    },
  );
  if (opened === undefined) return;
  const { url, no } = opened;
  if (url === undefined) {
    const none = vscode.l10n.t('{0} has no web page.', ref.stack);
    void notify.info(no === undefined ? none : `${none} (${say(no)})`);
  } else await vscode.env.openExternal(vscode.Uri.parse(url));
}
