import * as vscode from 'vscode';
import { cancelled } from '../../core/errors.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { askAll } from '../base/wizard.ts';
import { forNotification } from '../base/shown.ts';
import type { SavedSignIn } from './passwords.ts';
import type { Sessions } from './sessions.ts';

/** Asks people who signs in to a stack. */
export class SignIns {
  readonly #tasks: Tasks;
  readonly #sessions: Sessions;
  readonly #rows: RowChanges;

  constructor(tasks: Tasks, sessions: Sessions, rows: RowChanges) {
    this.#tasks = tasks;
    this.#sessions = sessions;
    this.#rows = rows;
  }

  /** The saved sign-in of a stack, or the one given now (to be kept once it has worked). Throws CancellationError. */
  async for(ref: StackRef): Promise<SavedSignIn> {
    return (await this.#sessions.saved(ref)) ?? askSignIn(ref, '');
  }

  /** Signs in before an action that needs it, if nobody is. False when that failed, which is shown already. */
  async ensure(ref: StackRef): Promise<boolean> {
    return (await this.#sessions.hasSignIn(ref)) || this.now(ref);
  }

  /** Asks who signs in, does it and keeps it. False when it failed or the person left; that is shown already. */
  async now(ref: StackRef): Promise<boolean> {
    const given = await askSignIn(ref, (await this.#sessions.saved(ref))?.username ?? '');
    const again = (): void => {
      void this.#tasks.attempt(async () => {
        await this.now(ref);
      });
    };
    const done = await this.#tasks.run(
      { title: vscode.l10n.t('Signing in to {0}', ref.stack), retry: again },
      async (work) => {
        const who = { ...given, newPassword: () => askNewPassword(given.username) };
        await this.#sessions.signIn(ref, who, { create: false }, work.signal);
        return true;
      },
    );
    if (done === undefined) return false;
    this.#rows.refresh();
    return true;
  }

  /** Forgets all saved passwords; returns how many there were. */
  async forgetAll(): Promise<number> {
    const count = await this.#sessions.forgetAll();
    this.#rows.refresh();
    return count;
  }
}

/** Asks for user name and password of a stack. Throws CancellationError when the person leaves. */
async function askSignIn(ref: StackRef, username: string): Promise<SavedSignIn> {
  const answers = { username, password: '' };
  const finished = await askAll(
    vscode.l10n.t('Sign In to {0}', ref.stack),
    [
      {
        kind: 'text',
        key: 'username',
        prompt: vscode.l10n.t('User name in the user pool of CMS'),
        value: () => answers.username,
        validate: (value) => (value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      },
      {
        kind: 'text',
        key: 'password',
        prompt: vscode.l10n.t('Password; kept in the secret storage only'),
        password: true,
        value: () => answers.password,
        validate: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      },
    ],
    answers,
  );
  if (!finished) throw new vscode.CancellationError();
  return { username: answers.username.trim(), password: answers.password };
}

/** Asked when the password is a temporary one that an administrator gave. Throws CANCELLED when the person leaves. */
export async function askNewPassword(username: string): Promise<string> {
  const password = await vscode.window.showInputBox({
    title: vscode.l10n.t('New password'),
    prompt: forNotification(
      vscode.l10n.t('{0} still has the temporary password: choose a permanent one', username),
    ),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
  });
  if (password === undefined) throw cancelled();
  return password;
}
