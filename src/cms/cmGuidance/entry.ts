import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { Shared } from '../../core/shared.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { Credentials, PasswordNeed, SignIn } from '../contract/credentials.ts';
import type { SignInOption } from '../contract/fields.ts';
import type { EnsureResult } from '../contract/steps.ts';
import { callCognito, type UserPool } from '../../aws/cognito/cognito.ts';
import { enter, enterExisting, type Signed } from '../kit/enter.ts';
import { checkPassword } from '../kit/passwordPolicy.ts';
import { addressTaken, createUser, readStatus, setPassword } from '../kit/poolUsers.ts';
import type { Session } from '../../aws/cognito/session.ts';
import { temporaryPassword } from '../kit/temporaryPassword.ts';
import { type Claims, claimsOf } from './claims.ts';

/** The group of a user that onboarding has to make. */
export const newUserOption = {
  name: 'newUserGroup',
  value: 'group',
  description:
    'group for a user who doesn\'t exist and is created with AWS credentials; "none" creates no user',
  values: ['platform-admin', 'fleet-viewer', 'none'],
} as const satisfies SignInOption;

/** Who is signed in to a deployment: once, by whoever needs it first. */
export interface Entry {
  enter(signal: AbortSignal): Promise<void>;
  /** Signs in anew, to prove a password. */
  sign(signal: AbortSignal): Promise<void>;
  /** The same, making the user if there is none, in the group that was said. */
  create(signal: AbortSignal): Promise<EnsureResult>;
  /** Of who is signed in; signs in if nobody is. */
  claims(signal: AbortSignal): Promise<Claims>;
}

export function createEntry(
  pool: UserPool,
  session: Session,
  credentials: Credentials,
  need: PasswordNeed,
): Entry {
  let entered: Shared<void> | undefined;
  const begin = (): Shared<void> => {
    const begun = new Shared(
      async (signal: AbortSignal): Promise<void> => {
        const who = await credentials.password(need, signal);
        session.start((await signIn(pool, who, { create: false }, signal)).tokens);
      },
      () => {
        // One that failed is begun anew by the next who asks.
        if (entered === begun) entered = undefined;
      },
    );
    return begun;
  };
  const again = async (create: boolean, signal: AbortSignal): Promise<EnsureResult> => {
    const { tokens, result } = await signIn(
      pool,
      await credentials.password(need, signal),
      { create },
      signal,
    );
    session.start(tokens);
    entered = new Shared(() => Promise.resolve());
    return result;
  };
  const entry: Entry = {
    enter: (signal) => (entered ??= begin()).get(signal),
    async sign(signal) {
      await again(false, signal);
    },
    create: (signal) => again(true, signal),
    async claims(signal) {
      await entry.enter(signal);
      const claims = claimsOf(await session.idToken(signal));
      if (claims !== undefined) return claims;
      throw new CmsError('CMS_UNAUTHORIZED', l10n.t('What the user pool gave out isn’t an ID token.'), {
        remedy: l10n.t('Check that the stack is the one of this CMS, then sign in again.'),
      });
    },
  };
  return entry;
}

/**
 * Signs a user in by SRP; the id token is what all APIs of the CMS take. A user that exists is given neither another
 * password nor another group, unless an earlier run of ours left it half-made.
 */
async function signIn(
  pool: UserPool,
  who: SignIn,
  { create }: { create: boolean },
  signal: AbortSignal,
): Promise<Signed> {
  keepSecret(who.password);
  const group = who.options?.[newUserOption.name] ?? newUserOption.values[0];
  if (!create || group === 'none') return enter(pool, who, signal, 'found');
  const { username, password } = who;
  const joining = (): Promise<void> => join(pool, username, group, signal);
  const status = await readStatus(pool, username, signal);
  if (status !== undefined) return enterExisting(pool, who, status, signal, joining);
  await checkPassword(pool, password, signal);
  const temporary = temporaryPassword(pool.userPoolId, username, password);
  const made = { username, email: username, temporaryPassword: temporary };
  if (!(await createUser(pool, made, signal))) {
    // Made by somebody else since we looked: theirs is neither the group nor the password of ours.
    const now = await readStatus(pool, username, signal);
    if (now === undefined) throw addressTaken(username, username);
    return enterExisting(pool, who, now, signal, joining);
  }
  // The group first: with the password set the user counts as finished.
  await joining();
  await setPassword(pool, username, password, signal);
  return enter(pool, who, signal, 'created');
}

async function join(pool: UserPool, username: string, group: string, signal: AbortSignal): Promise<void> {
  const doing = l10n.t('adding the user {username} to the group {group}', { username, group });
  await callCognito(pool, doing, signal, (client, sdk, options) =>
    client.send(
      new sdk.AdminAddUserToGroupCommand({
        UserPoolId: pool.userPoolId,
        Username: username,
        GroupName: group,
      }),
      options,
    ),
  );
}
