import * as vscode from 'vscode';
import type { CredentialNeed, Given, GivenNeed } from '../../cms/contract/credentials.ts';
import type { OnboardingFields } from '../../cms/contract/fields.ts';
import { say } from '../base/say.ts';
import { answerOf, type Question } from '../base/wizard.ts';
import { type FindRules, passwordQuestion } from '../stacks/passwordQuestion.ts';
import type { SavedSignIn } from '../stacks/passwords.ts';

/** Answers that are no fields. */
export const SIGN_IN_NAME = 'signInName';
export const PASSWORD = 'password';

/** Asks for the token, or the password, and before that for the name if it is no field of the request. */
export function signInQuestions(
  { signIn }: OnboardingFields,
  need: GivenNeed,
  answers: Record<string, string>,
  findRules: FindRules,
): Question[] {
  const validate = (value: string): string | undefined =>
    value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined;
  const name: Question = {
    kind: 'text',
    key: SIGN_IN_NAME,
    prompt: say(need.label),
    value: () => answers[SIGN_IN_NAME] ?? '',
    validate,
  };
  const username = (): string => answerOf(answers, signIn?.field ?? SIGN_IN_NAME).trim();
  const password: Question =
    need.kind === 'password'
      ? passwordQuestion(PASSWORD, answers, username, findRules)
      : {
          kind: 'text',
          key: PASSWORD,
          prompt: () => vscode.l10n.t('{0}; stored only in VS Code’s secret storage', say(need.label)),
          password: true,
          value: () => answers[PASSWORD] ?? '',
          validate: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
        };
  return signIn === undefined && need.kind === 'password' ? [name, password] : [password];
}

/** Who signs in, or the token, by the answers; undefined when nothing is needed, or nothing was asked. */
export function givenOf(
  need: CredentialNeed,
  fields: OnboardingFields,
  answers: Record<string, string>,
  saved: SavedSignIn | undefined,
): Given | undefined {
  switch (need.kind) {
    case 'iam':
      return undefined;
    case 'password':
      return signInOf(fields, answers, saved);
    case 'issuer': {
      const token = answerOf(answers, PASSWORD).trim();
      return token === '' ? undefined : { token };
    }
  }
}

function signInOf(
  { signIn }: OnboardingFields,
  answers: Record<string, string>,
  saved: SavedSignIn | undefined,
): Given | undefined {
  const name = signIn?.field ?? SIGN_IN_NAME;
  const who = saved ?? { username: answerOf(answers, name).trim(), password: answerOf(answers, PASSWORD) };
  const email = signIn?.emailField === undefined ? '' : (answers[signIn.emailField] ?? '');
  return email === '' || who.username !== answers[name]?.trim() ? who : { ...who, email };
}
