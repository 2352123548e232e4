import { CmsError } from '../../core/errors.ts';
import { callCognito } from './cognito.ts';
import type { UserPool } from './cognito.ts';

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
export function passwordProblems(password: string, policy: PasswordPolicy): string[] {
  const minimum = policy.MinimumLength ?? SERVICE_MINIMUM;
  const checks: [boolean, string][] = [
    [password.length < minimum, `at least ${minimum} characters`],
    [password.length > MAX_LENGTH, `at most ${MAX_LENGTH} characters`],
    [password !== password.trim(), 'no space at its beginning or end'],
    [policy.RequireUppercase === true && !/[A-Z]/.test(password), 'an upper-case letter'],
    [policy.RequireLowercase === true && !/[a-z]/.test(password), 'a lower-case letter'],
    [policy.RequireNumbers === true && !/[0-9]/.test(password), 'a digit'],
    [policy.RequireSymbols === true && !SYMBOL.test(password), 'a symbol such as ! or -'],
  ];
  return checks.filter(([wrong]) => wrong).map(([, words]) => words);
}

/** Checks a password against the pool's policy. @throws CmsError PASSWORD_TOO_WEAK naming what is missing */
export async function checkPassword(pool: UserPool, password: string, signal: AbortSignal): Promise<void> {
  const answer = await callCognito(pool, 'reading the password policy', signal, (client, sdk, options) =>
    client.send(new sdk.DescribeUserPoolCommand({ UserPoolId: pool.userPoolId }), options),
  );
  const problems = passwordProblems(password, answer.UserPool?.Policies?.PasswordPolicy ?? {});
  if (problems.length === 0) return;
  throw new CmsError('PASSWORD_TOO_WEAK', `The password needs ${problems.join(', ')}.`, {
    remedy: 'Choose another password.',
    details: { missing: problems.join('; ') },
  });
}
