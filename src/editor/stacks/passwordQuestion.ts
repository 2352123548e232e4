import * as vscode from 'vscode';
import type { PasswordRules } from '../../cms/contract/credentials.ts';
import { say } from '../base/say.ts';
import type { Question } from '../base/wizard.ts';

/** Finds the rules for the password of a user that would be made; undefined when the user exists, or nobody knows. */
export type FindRules = (username: string) => Promise<PasswordRules | undefined>;

/**
 * Asks for the password of a user. Where the user would be made it says so, and refuses what the user pool would refuse.
 * @param key of the answer
 */
export function passwordQuestion(
  key: string,
  answers: Readonly<Record<string, string>>,
  username: () => string,
  findRules: FindRules,
): Question {
  let rules: PasswordRules | undefined;
  return {
    kind: 'text',
    prepare: async () => void (rules = await findRules(username())),
    key,
    prompt: () => passwordPrompt(username(), rules),
    password: true,
    value: () => answers[key] ?? '',
    validate(value) {
      if (value === '') return vscode.l10n.t('This cannot be empty');
      const problem = rules?.problem(value);
      return problem && say(problem);
    },
  };
}

function passwordPrompt(username: string, rules: PasswordRules | undefined): string {
  if (rules === undefined)
    return vscode.l10n.t('Password for the CMS user {0}; stored only in VS Code’s secret storage', username);
  return rules.needs === undefined
    ? vscode.l10n.t(
        'Password for the CMS user {0}, who will be created; stored only in VS Code’s secret storage',
        username,
      )
    : vscode.l10n.t(
        'Password for the CMS user {0}, who will be created; it needs {1}. Stored only in VS Code’s secret storage',
        username,
        say(rules.needs),
      );
}
