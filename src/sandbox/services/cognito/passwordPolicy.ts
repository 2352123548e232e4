import { randomInt } from 'node:crypto';
import { AwsError } from '../../kernel/http.ts';
import { present } from '../../kit/present.ts';

/** `Policies.PasswordPolicy` of a user pool. */
export interface PasswordPolicy {
  MinimumLength: number;
  RequireUppercase: boolean;
  RequireLowercase: boolean;
  RequireNumbers: boolean;
  RequireSymbols: boolean;
  TemporaryPasswordValidityDays: number;
}

// Amazon Cognito developer guide, "Adding user pool password requirements". A space counts as a symbol.
const symbols = /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+= ]/;

/** Throws InvalidPasswordException, which names the first rule that the password breaks. */
export function checkPassword(policy: PasswordPolicy, password: string): void {
  const broken = brokenRule(policy, password);
  if (broken !== undefined) {
    throw new AwsError('InvalidPasswordException', `Password did not conform with policy: ${broken}`);
  }
}

function brokenRule(policy: PasswordPolicy, password: string): string | undefined {
  if (password.length < policy.MinimumLength) return 'Password not long enough';
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) return 'Password must have uppercase characters';
  if (policy.RequireLowercase && !/[a-z]/.test(password)) return 'Password must have lowercase characters';
  if (policy.RequireNumbers && !/[0-9]/.test(password)) return 'Password must have numeric characters';
  if (policy.RequireSymbols && !symbols.test(password)) return 'Password must have symbol characters';
  return undefined;
}

/** A temporary password that any policy accepts. */
export function randomPassword(policy: PasswordPolicy): string {
  const sets = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '!@#%&?'];
  const length = Math.max(policy.MinimumLength, 16);
  const characters = Array.from({ length }, (_, index) => {
    const set = present(sets[index % sets.length], 'A set of characters');
    return set.charAt(randomInt(set.length));
  });
  return characters.join('');
}
