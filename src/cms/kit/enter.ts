import type { UserPool } from '../../aws/cognito/cognito.ts';
import { enterPool } from '../../aws/cognito/enterPool.ts';
import type { Tokens } from '../../aws/cognito/session.ts';
import { isWrongPassword, neverConfirmed } from '../../aws/cognito/signInErrors.ts';
import { signInWithPassword } from '../../aws/cognito/srp.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { SignIn } from '../contract/credentials.ts';
import type { EnsureResult } from '../contract/steps.ts';
import { setPassword } from './poolUsers.ts';
import { temporaryPassword } from './temporaryPassword.ts';

/** What signing in gave, and whether the user had to be made or mended for it. */
export interface Signed {
  tokens: Tokens;
  result: EnsureResult;
}

/**
 * Signs in somebody who is in the pool with a status. One in FORCE_CHANGE_PASSWORD whose temporary password is the one
 * this product derives (temporaryPassword.ts) was left half-made by an earlier run, and is finished.
 * @param complete does what else an earlier run left undone, only for a user it left half-made
 * @throws CmsError USER_HAS_OTHER_PASSWORD, SIGN_IN_FAILED, SIGN_IN_CHALLENGE
 */
export async function enterExisting(
  pool: UserPool,
  who: SignIn,
  status: string,
  signal: AbortSignal,
  complete?: () => Promise<void>,
): Promise<Signed> {
  try {
    return await enter(pool, who, signal, 'found');
  } catch (error) {
    if (!isWrongPassword(error)) throw error;
    // Cognito was seen to look at the password of an unconfirmed user first, and not to look at it at all.
    if (status === 'UNCONFIRMED') throw neverConfirmed(error);
    if (status === 'FORCE_CHANGE_PASSWORD' && (await isOurs(pool, who, signal))) {
      // The password last: with it the user counts as finished.
      await complete?.();
      await setPassword(pool, who.username, who.password, signal);
      return enter(pool, who, signal, 'repaired');
    }
    const { username } = who;
    throw new CmsError(
      'USER_HAS_OTHER_PASSWORD',
      l10n.t('The user {username} exists with another password.', { username }),
      {
        remedy:
          status === 'FORCE_CHANGE_PASSWORD'
            ? l10n.t(
                'The user still has the temporary password of the invitation: sign in with it, or use another user.',
              )
            : l10n.t(
                'Provide the current password of the user, or use another user name. It is not reset for you.',
              ),
        details: { username, status },
        cause: error,
      },
    );
  }
}

async function isOurs(pool: UserPool, who: SignIn, signal: AbortSignal): Promise<boolean> {
  try {
    const temporary = temporaryPassword(pool.userPoolId, who.username, who.password);
    const answer = await signInWithPassword(pool, who.username, temporary, signal);
    return answer.challenge?.name === 'NEW_PASSWORD_REQUIRED';
  } catch (error) {
    if (isWrongPassword(error)) return false;
    throw error;
  }
}

/** Signs in, and answers the demand for a new password where somebody can be asked for one. */
export async function enter(
  pool: UserPool,
  who: SignIn,
  signal: AbortSignal,
  result: EnsureResult,
): Promise<Signed> {
  const { tokens, isNew } = await enterPool(pool, who, signal);
  return { tokens, result: isNew ? 'repaired' : result };
}
