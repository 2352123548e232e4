import type { SignIn } from '../contract/credentials.ts';
import type { SignInOption } from '../contract/fields.ts';

/**
 * How a user that is missing is made.
 * `admin`: AdminCreateUser + AdminSetUserPassword + SRP; changes nothing in the pool.
 * `self-sign-up`: the ancestor's way: opens the pool by read-modify-write, signs up, confirms.
 */
export const signInModeOption = {
  name: 'signInMode',
  value: 'mode',
  description: '"admin" changes nothing in the user pool; "self-sign-up" opens it for sign-up',
  values: ['admin', 'self-sign-up'],
} as const satisfies SignInOption;

export function isSelfSignUp({ options }: Pick<SignIn, 'options'>): boolean {
  return options?.[signInModeOption.name] === 'self-sign-up';
}
