import { hkdfSync } from 'node:crypto';
import { keepSecret } from '../../core/secrets.ts';

/**
 * The temporary password a new user gets for the moment between AdminCreateUser and AdminSetUserPassword. It
 * follows from the password the user is to have, so that a rerun after a crash in between can prove that the
 * half-made user is our own, made for this very password, and finish it; nobody else's user ever matches.
 * Satisfies every password policy Cognito can hold (length 99 at most, all character classes).
 */
export function temporaryPassword(userPoolId: string, username: string, password: string): string {
  const derived = hkdfSync('sha256', password, `${userPoolId}/${username}`, 'CMS temporary password', 96);
  const temporary = `${Buffer.from(derived).toString('base64url')}aA1!`;
  keepSecret(temporary);
  return temporary;
}
