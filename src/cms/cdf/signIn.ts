import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { SignIn } from '../contract/credentials.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { UserPool } from '../../aws/cognito/cognito.ts';
import { addressOf, enterPool } from '../../aws/cognito/enterPool.ts';
import type { Tokens } from '../../aws/cognito/session.ts';
import { isWrongPassword, neverConfirmed } from '../../aws/cognito/signInErrors.ts';
import { signInWithPassword } from '../../aws/cognito/srp.ts';
import { checkPassword } from './passwordPolicy.ts';
import { withOpenSignUp } from './poolSettings.ts';
import { addressTaken, createUser, deleteUser, readStatus, setPassword, signUpUser } from './poolUsers.ts';
import { isSelfSignUp } from './signInMode.ts';
import { temporaryPassword } from './temporaryPassword.ts';

interface Signed {
  tokens: Tokens;
  result: EnsureResult;
}

/**
 * Signs a user in to the user pool of a CMS v1, and makes the user first where `create` says so.
 *
 * A user that exists is never given another password. There is one exception: a user in
 * FORCE_CHANGE_PASSWORD whose temporary password is the one this product derives from the same password
 * (temporaryPassword.ts) was left half-made by an earlier run, and is finished (`repaired`). A user that stayed
 * unconfirmed in an earlier self sign-up has never been used: in that mode it is made again.
 * @throws CmsError USER_HAS_OTHER_PASSWORD, SIGN_IN_FAILED, SIGN_IN_CHALLENGE, PASSWORD_TOO_WEAK, REQUEST_INVALID
 */
export async function signIn(
  pool: UserPool,
  who: SignIn,
  options: { create: boolean },
  signal: AbortSignal,
): Promise<Signed> {
  keepSecret(who.password);
  if (!options.create) return enter(pool, who, signal, 'found');
  const status = await readStatus(pool, who.username, signal);
  if (status === undefined) return make(pool, who, signal);
  if (status === 'UNCONFIRMED' && isSelfSignUp(who)) {
    await checkPassword(pool, who.password, signal);
    await deleteUser(pool, who.username, signal);
    return { ...(await make(pool, who, signal)), result: 'repaired' };
  }
  return enterExisting(pool, who, status, signal);
}

async function make(pool: UserPool, who: SignIn, signal: AbortSignal): Promise<Signed> {
  const { username, password } = who;
  await checkPassword(pool, password, signal);
  const email = who.email ?? addressOf(username);
  let made: boolean;
  if (isSelfSignUp(who)) {
    made = await withOpenSignUp(pool, who.keepPoolChange, signal, () =>
      signUpUser(pool, { username, email, password }, signal),
    );
  } else {
    const temporary = temporaryPassword(pool.userPoolId, username, password);
    made = await createUser(pool, { username, email, temporaryPassword: temporary }, signal);
    if (made) await setPassword(pool, username, password, signal);
  }
  if (made) return enter(pool, who, signal, 'created');
  // Made by somebody else since we looked; if not, Cognito means that another user has this address.
  const status = await readStatus(pool, username, signal);
  if (status === undefined) throw addressTaken(username, email);
  return enterExisting(pool, who, status, signal);
}

async function enterExisting(
  pool: UserPool,
  who: SignIn,
  status: string,
  signal: AbortSignal,
): Promise<Signed> {
  try {
    return await enter(pool, who, signal, 'found');
  } catch (error) {
    if (!isWrongPassword(error)) throw error;
    // Cognito was seen to look at the password of an unconfirmed user first, and not to look at it at all.
    if (status === 'UNCONFIRMED') throw neverConfirmed(error);
    if (status === 'FORCE_CHANGE_PASSWORD' && (await isOurs(pool, who, signal))) {
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

async function enter(
  pool: UserPool,
  who: SignIn,
  signal: AbortSignal,
  result: EnsureResult,
): Promise<Signed> {
  const { tokens, isNew } = await enterPool(pool, who, signal);
  return { tokens, result: isNew ? 'repaired' : result };
}
