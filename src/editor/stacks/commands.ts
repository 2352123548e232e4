import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { sayPlural } from '../base/say.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
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
  const signIn = async (target?: unknown): Promise<void> => {
    const ref = await targets.stack(target);
    if (ref === undefined) return;
    const signed = await signIns.now(ref);
    if (signed === undefined) return;
    void notify.info(
      signed === 'not needed'
        ? vscode.l10n.t('{0} needs no sign-in: the credentials of its connection are enough.', ref.stack)
        : vscode.l10n.t('Signed in to {0} as {1}.', ref.stack, signed.username),
    );
  };
  tasks.addRemedy(
    ['USER_HAS_OTHER_PASSWORD', 'SIGN_IN_FAILED', 'SIGN_IN_CHALLENGE', 'CMS_UNAUTHORIZED'],
    () => ({
      title: vscode.l10n.t('Sign In…'),
      act: () => tasks.attempt(() => signIn()),
    }),
  );
  return vscode.Disposable.from(
    registerCommand(tasks, 'signIn', ({ target }) => signIn(target)),
    registerCommand(tasks, 'copyStackOutputs', ({ target }) => copyOutputs(tasks, targets, sessions, target)),
    registerCommand(tasks, 'forgetPasswords', () => forgetPasswords(signIns)),
    registerCommand(tasks, 'openCmsUi', ({ target }) => openUi(tasks, targets, sessions, target)),
  );
}

async function forgetPasswords(signIns: SignIns): Promise<void> {
  const count = await signIns.forgetAll();
  void notify.info(
    count === 0
      ? vscode.l10n.t('No passwords were saved.')
      : sayPlural(
          count,
          l10n.t('1 saved password forgotten.'),
          l10n.t('{count} saved passwords forgotten.', { count }),
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
  await vscode.env.clipboard.writeText(`${JSON.stringify(outputs, null, 2)}\n`);
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
    async (work) => ({ url: (await sessions.open(ref, work.signal)).uiUrl }),
  );
  if (opened === undefined) return;
  if (opened.url === undefined) {
    void notify.info(vscode.l10n.t('{0} has no CloudFront address among its outputs.', ref.stack));
  } else await vscode.env.openExternal(vscode.Uri.parse(opened.url));
}
