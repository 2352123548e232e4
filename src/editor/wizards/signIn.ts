import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { SavedSignIn } from '../passwords.ts';
import type { StackRef } from '../sessions.ts';
import { runSteps } from './multiStep.ts';

/** The saved sign-in of a stack, or the one given now (kept once it has worked). Throws when the person leaves. */
export async function signInFor(app: App, ref: StackRef): Promise<SavedSignIn> {
  const saved = await app.passwords.get(ref.connectionId, ref.stack);
  if (saved !== undefined) return saved;
  const answers: Record<string, string> = {};
  const notEmpty = (value: string): string | undefined =>
    value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined;
  const finished = await runSteps(
    vscode.l10n.t('Sign In to {0}', ref.stack),
    [
      {
        kind: 'text',
        key: 'username',
        prompt: vscode.l10n.t('User name in the user pool of CMS'),
        value: () => answers.username ?? '',
        validate: notEmpty,
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
