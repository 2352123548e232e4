import type { UserPool } from '../../aws/cognito/cognito.ts';
import { addressOf } from '../../aws/cognito/enterPool.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { SignIn } from '../contract/credentials.ts';
import { enter, enterExisting, type Signed } from '../kit/enter.ts';
import { checkPassword } from '../kit/passwordPolicy.ts';
import {
  addressTaken,
  createUser,
  deleteUser,
  readStatus,
  setPassword,
  signUpUser,
} from '../kit/poolUsers.ts';
import { temporaryPassword } from '../kit/temporaryPassword.ts';
import { withOpenSignUp } from './poolSettings.ts';
import { isSelfSignUp } from './signInMode.ts';

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
