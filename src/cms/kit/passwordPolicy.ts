import { CmsError, isCancelled } from '../../core/errors.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n, type Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { PasswordRules } from '../contract/credentials.ts';
import { callCognito } from '../../aws/cognito/cognito.ts';
import type { UserPool } from '../../aws/cognito/cognito.ts';
import { readStatus } from './poolUsers.ts';

/** What a pool demands (Cognito `PasswordPolicyType`). */
export interface PasswordPolicy {
  MinimumLength?: number | undefined;
  RequireUppercase?: boolean | undefined;
  RequireLowercase?: boolean | undefined;
  RequireNumbers?: boolean | undefined;
  RequireSymbols?: boolean | undefined;
}

const MAX_LENGTH = 256;
const SERVICE_MINIMUM = 6;
// Amazon Cognito Developer Guide, "Password policies": these count as symbols; a space inside does too.
const SYMBOL = /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+= ]/;

/** What a password lacks, as words that complete "needs …"; empty when it is good. */
export function passwordProblems(password: string, policy: PasswordPolicy): Message[] {
  const minimum = policy.MinimumLength ?? SERVICE_MINIMUM;
  const checks: [boolean, Message][] = [
    [password.length < minimum, l10n.t('at least {count} characters', { count: minimum })],
    [password.length > MAX_LENGTH, l10n.t('at most {count} characters', { count: MAX_LENGTH })],
    [password !== password.trim(), l10n.t('no space at its beginning or end')],
    [policy.RequireUppercase === true && !/[A-Z]/.test(password), l10n.t('an upper-case letter')],
    [policy.RequireLowercase === true && !/[a-z]/.test(password), l10n.t('a lower-case letter')],
    [policy.RequireNumbers === true && !/[0-9]/.test(password), l10n.t('a digit')],
    [policy.RequireSymbols === true && !SYMBOL.test(password), l10n.t('a symbol such as ! or -')],
  ];
  return checks.filter(([wrong]) => wrong).map(([, words]) => words);
}

/** The rules of the pool for a user that is not there yet; undefined as in `Deployment.passwordRules`. */
export async function newPasswordRules(
  pool: UserPool,
  username: string,
  signal: AbortSignal,
): Promise<PasswordRules | undefined> {
  try {
    if ((await readStatus(pool, username, signal)) !== undefined) return undefined;
    return await poolRules(pool, signal);
  } catch (error) {
    // Who may not look is told when the user is made.
    if (isCancelled(error)) throw error;
    return undefined;
  }
}

/** The rules of the pool, for whomever; undefined as in `Deployment.poolPasswordRules`. */
export async function poolRules(pool: UserPool, signal: AbortSignal): Promise<PasswordRules | undefined> {
  try {
    return rulesOf(await readPolicy(pool, signal));
  } catch (error) {
    if (isCancelled(error)) throw error;
    return undefined;
  }
}

function rulesOf(policy: PasswordPolicy): PasswordRules {
  const all = passwordProblems('', policy);
  return {
    needs: all.length === 0 ? undefined : l10n.list(all, 'comma'),
    problem(password) {
      const problems = passwordProblems(password, policy);
      return problems.length === 0 ? undefined : tooWeak(problems);
    },
  };
}

function tooWeak(problems: readonly Message[]): Message {
  return l10n.t('The password needs {needs}.', { needs: l10n.list([...problems], 'comma') });
}

/** Checks a password against the pool's policy. @throws CmsError PASSWORD_TOO_WEAK naming what is missing */
export async function checkPassword(pool: UserPool, password: string, signal: AbortSignal): Promise<void> {
  const problems = passwordProblems(password, await readPolicy(pool, signal));
  if (problems.length === 0) return;
  throw new CmsError('PASSWORD_TOO_WEAK', tooWeak(problems), {
    remedy: l10n.t('Choose another password.'),
    details: { missing: problems.map(english).join('; ') },
  });
}

async function readPolicy(pool: UserPool, signal: AbortSignal): Promise<PasswordPolicy> {
  const answer = await callCognito(
    pool,
    l10n.t('reading the password policy'),
    signal,
    (client, sdk, options) =>
      client.send(new sdk.DescribeUserPoolCommand({ UserPoolId: pool.userPoolId }), options),
  );
  const { Policies } = expectField(answer, 'UserPool', 'DescribeUserPool');
  return Policies?.PasswordPolicy ?? {};
}
