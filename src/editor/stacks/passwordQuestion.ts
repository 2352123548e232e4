import * as vscode from 'vscode';
import type { PasswordRules } from '../../cms/contract/credentials.ts';
import { say } from '../base/say.ts';
import type { Question } from '../base/wizard.ts';

/** Finds the rules for the password of a user that would be made; undefined when the user exists, or nobody knows. */
export type FindRules = (username: string) => Promise<PasswordRules | undefined>;

/** How long somebody waits for the next question; without an answer until then it is asked without the rules. */
const RULES_MS = 5000;

/** A moment's look, seen in the status bar; undefined where nothing is to be read, or it could not be read. */
export async function lookUpRules(
  read: (signal: AbortSignal) => Promise<PasswordRules | undefined> | undefined,
): Promise<PasswordRules | undefined> {
  const reading = read(AbortSignal.timeout(RULES_MS));
  if (reading === undefined) return undefined;
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('Reading the rules for passwords'),
    },
    async () => {
      try {
        return await reading;
      } catch {
        return undefined;
      }
    },
  );
}

/** What is wrong with a password that somebody chooses. */
export function passwordProblem(value: string, rules: PasswordRules | undefined): string | undefined {
  if (value === '') return vscode.l10n.t('This cannot be empty');
  const problem = rules?.problem(value);
  return problem && say(problem);
}

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
    validate: (value) => passwordProblem(value, rules),
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
