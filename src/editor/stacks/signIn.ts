import * as vscode from 'vscode';
import type {
  CredentialNeed,
  Given,
  GivenNeed,
  IssuerNeed,
  PasswordNeed,
  PasswordRules,
} from '../../cms/contract/credentials.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import { isGiven } from '../../cms/contract/needs.ts';
import { cancelled } from '../../core/errors.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { StackRef } from '../base/stackRef.ts';
import { say } from '../base/say.ts';
import type { Tasks } from '../base/tasks.ts';
import { askAll, type Question } from '../base/wizard.ts';
import { forNotification } from '../base/shown.ts';
import { type FindRules, lookUpRules, passwordProblem, passwordQuestion } from './passwordQuestion.ts';
import type { SavedSignIn } from './passwords.ts';
import type { Sessions } from './sessions.ts';

interface Asked {
  /** Proposed. */
  username: string;
  /** Where the work makes users that are not there yet. */
  findRules?: FindRules;
}

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

  /** What something of a deployment needs; undefined when it could not be opened, which is shown already. */
  needOf(
    ref: StackRef,
    pick: (deployment: Deployment, signal: AbortSignal) => CredentialNeed | Promise<CredentialNeed>,
  ): Promise<CredentialNeed | undefined> {
    return this.#tasks.run(
      { title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true },
      async ({ signal }) => pick(await this.#sessions.open(ref, signal), signal),
    );
  }

  /**
   * Asks for what is needed, unless that is known; to be given to `Sessions` when the work begins.
   * Throws CancellationError when the person leaves.
   */
  async ask(ref: StackRef, need: CredentialNeed, who: Asked = { username: '' }): Promise<Given | undefined> {
    if (!isGiven(need) || (await this.#sessions.has(ref, need))) return undefined;
    return askFor(this.#sessions, ref, need, who);
  }

  /** Signs in before the vehicles are read, if nobody is. False when that failed, which is shown already. */
  async ensure(ref: StackRef): Promise<boolean> {
    const need = await this.needOf(ref, ({ vehicles }) => vehicles.needs);
    if (need === undefined) return false;
    return !isGiven(need) || (await this.#sessions.has(ref, need)) || this.#sign(ref, need);
  }

  /** Asks for what is needed, signs in and keeps it. Undefined when it failed, which is shown already. */
  async now(
    ref: StackRef,
    need: CredentialNeed,
  ): Promise<{ username: string } | 'by token' | 'not needed' | undefined> {
    if (!isGiven(need)) return 'not needed';
    if (!(await this.#sign(ref, need))) return undefined;
    return need.kind === 'issuer' ? 'by token' : this.#sessions.saved(ref, need);
  }

  async #sign(ref: StackRef, need: GivenNeed): Promise<boolean> {
    const before = need.kind === 'password' ? await this.#sessions.saved(ref, need) : undefined;
    const given = await askFor(this.#sessions, ref, need, { username: before?.username ?? '' });
    const again = (): void => {
      void this.#tasks.attempt(async () => {
        await this.#sign(ref, need);
      });
    };
    const done = await this.#tasks.run(
      { title: vscode.l10n.t('Signing in to {0}', ref.stack), retry: again },
      async (work) => {
        await this.#sessions.signIn(ref, need, given, work.signal);
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

/** Throws CancellationError when the person leaves. */
async function askFor(
  sessions: Pick<Sessions, 'open'>,
  ref: StackRef,
  need: GivenNeed,
  who: Asked,
): Promise<Given> {
  switch (need.kind) {
    case 'password': {
      const given = await askSignIn(ref, need, who);
      return { ...given, newPassword: () => askNewPassword(given.username, rulesIn(sessions, ref)) };
    }
    case 'issuer':
      return { token: await askToken(ref, need) };
  }
}

/** Throws CancellationError when the person leaves. */
async function askToken(ref: StackRef, { label }: IssuerNeed): Promise<string> {
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t('Sign In to {0}', ref.stack),
    prompt: forNotification(vscode.l10n.t('{0}; stored only in VS Code’s secret storage', say(label))),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
  });
  if (token === undefined) throw new vscode.CancellationError();
  return token.trim();
}

/** Asks for user name and password of a stack. Throws CancellationError when the person leaves. */
async function askSignIn(
  ref: StackRef,
  need: PasswordNeed,
  { username, findRules }: Asked,
): Promise<SavedSignIn> {
  const answers = { username, password: '' };
  const name = (): string => answers.username.trim();
  const password: Question = {
    kind: 'text',
    key: 'password',
    prompt: vscode.l10n.t('Password; stored only in VS Code’s secret storage'),
    password: true,
    value: () => answers.password,
    validate: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
  };
  const finished = await askAll(
    vscode.l10n.t('Sign In to {0}', ref.stack),
    [
      {
        kind: 'text',
        key: 'username',
        prompt: say(need.label),
        value: () => answers.username,
        validate: (value) => (value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      },
      findRules === undefined ? password : passwordQuestion('password', answers, name, findRules),
    ],
    answers,
  );
  if (!finished) throw new vscode.CancellationError();
  return { username: name(), password: answers.password };
}

/** Finds the rules for passwords of the user pool of a stack, where they may be looked at. */
export function rulesIn(
  sessions: Pick<Sessions, 'open'>,
  ref: StackRef,
): () => Promise<PasswordRules | undefined> {
  return () => lookUpRules(async (signal) => (await sessions.open(ref, signal)).poolPasswordRules?.(signal));
}

/**
 * Asked when the password is a temporary one that an administrator gave. Refuses what the user pool would refuse. Throws
 * CANCELLED when the person leaves.
 */
export async function askNewPassword(
  username: string,
  findRules: () => Promise<PasswordRules | undefined>,
): Promise<string> {
  const rules = await findRules();
  const password = await vscode.window.showInputBox({
    title: vscode.l10n.t('New password'),
    prompt: forNotification(
      rules?.needs === undefined
        ? vscode.l10n.t('{0} still has the temporary password: choose a permanent one', username)
        : vscode.l10n.t(
            '{0} still has the temporary password: choose a permanent one; it needs {1}',
            username,
            say(rules.needs),
          ),
    ),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => passwordProblem(value, rules),
  });
  if (password === undefined) throw cancelled();
  return password;
}
