import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { SavedSignIn } from './passwords.ts';
import type { StackRef } from './sessions.ts';
import { runSteps } from '../base/wizard.ts';

/** Asks for user name and password of a stack. Throws CancellationError when the person leaves. */
export async function askSignIn(ref: StackRef, username: string): Promise<SavedSignIn> {
  const answers: Record<string, string> = { username };
  const finished = await runSteps(
    vscode.l10n.t('Sign In to {0}', ref.stack),
    [
      {
        kind: 'text',
        key: 'username',
        prompt: vscode.l10n.t('User name in the user pool of CMS'),
        value: () => answers.username ?? '',
        validate: (value) => (value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      },
      {
        kind: 'text',
        key: 'password',
        prompt: vscode.l10n.t('Password; kept in the secret storage only'),
        password: true,
        value: () => answers.password ?? '',
        validate: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      },
    ],
    answers,
  );
  if (!finished) throw new vscode.CancellationError();
  return { username: (answers.username ?? '').trim(), password: answers.password ?? '' };
}

/** The saved sign-in of a stack, or the one given now (to be kept once it has worked). */
export async function signInFor(app: App, ref: StackRef): Promise<SavedSignIn> {
  return (await app.passwords.get(ref.connectionId, ref.stack)) ?? askSignIn(ref, '');
}

/** Asks who signs in, does it and keeps it. False when it failed or the person left; that is shown already. */
export async function signInNow(app: App, ref: StackRef): Promise<boolean> {
  const given = await askSignIn(ref, (await app.sessions.usernameOf(ref)) ?? '');
  const again = (): void => void signInNow(app, ref).catch((error: unknown) => app.showError(error));
  const done = await app.run(
    { title: vscode.l10n.t('Signing in to {0}', ref.stack), retry: again },
    async (work) => {
      const who = { ...given, newPassword: () => askNewPassword(app, given.username) };
      await app.sessions.signIn(ref, who, { create: false }, work.signal);
      return true;
    },
  );
  if (done === undefined) return false;
  app.refresh();
  return true;
}

/** Signs in before an action that needs it, if nobody is. */
export async function ensureSignedIn(app: App, ref: StackRef): Promise<boolean> {
  return (await app.sessions.hasSignIn(ref)) || signInNow(app, ref);
}

/** Asked when the password is a temporary one that an administrator gave. */
export async function askNewPassword(app: App, username: string): Promise<string> {
  const password = await vscode.window.showInputBox({
    title: vscode.l10n.t('New password'),
    prompt: vscode.l10n.t('{0} still has the temporary password: choose a permanent one', username),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
  });
  // The work's own word for it, so that it is not taken for a failure.
  if (password === undefined) throw app.work().cancelled();
  return password;
}
