import { awsMessage, isAwsError } from '../../aws/errors.ts';
import { CmsError, sentenceOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { callCognito } from '../../aws/cognito/cognito.ts';
import type { UserPool } from '../../aws/cognito/cognito.ts';
import { signInError, wrongPassword } from '../../aws/cognito/signInErrors.ts';

/** The status of a user, such as CONFIRMED or FORCE_CHANGE_PASSWORD; undefined if there is no such user. */
export async function readStatus(
  pool: UserPool,
  username: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await callCognito(
      pool,
      l10n.t('looking for the user {username}', { username }),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.AdminGetUserCommand({ UserPoolId: pool.userPoolId, Username: username }),
          options,
        ),
    );
    return answer.UserStatus ?? 'UNKNOWN';
  } catch (error) {
    if (isAwsError(error, 'UserNotFoundException')) return undefined;
    throw error;
  }
}

/** Makes a user without any mail; false if somebody else was faster. */
export async function createUser(
  pool: UserPool,
  user: { username: string; email: string; temporaryPassword: string },
  signal: AbortSignal,
): Promise<boolean> {
  return creating(pool, user, () =>
    callCognito(
      pool,
      l10n.t('creating the user {username}', { username: user.username }),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.AdminCreateUserCommand({
            UserPoolId: pool.userPoolId,
            Username: user.username,
            TemporaryPassword: user.temporaryPassword,
            MessageAction: 'SUPPRESS',
            UserAttributes: [
              { Name: 'email', Value: user.email },
              { Name: 'email_verified', Value: 'true' },
            ],
          }),
          options,
        ),
    ),
  );
}

/** Signs a user up (the pool must be open for it) and confirms it; false if it was there already. */
export async function signUpUser(
  pool: UserPool,
  user: { username: string; email: string; password: string },
  signal: AbortSignal,
): Promise<boolean> {
  const made = await creating(pool, user, () =>
    callCognito(
      pool,
      l10n.t('signing up the user {username}', { username: user.username }),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.SignUpCommand({
            ClientId: pool.clientId,
            Username: user.username,
            Password: user.password,
            UserAttributes: [{ Name: 'email', Value: user.email }],
          }),
          options,
        ),
    ),
  );
  if (!made) return false;
  try {
    await callCognito(
      pool,
      l10n.t('confirming the user {username}', { username: user.username }),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.AdminConfirmSignUpCommand({ UserPoolId: pool.userPoolId, Username: user.username }),
          options,
        ),
    );
  } catch (error) {
    // The SDK asked again after a lost answer. Cognito has one code for all it does not let happen; the text tells.
    if (!(isAwsError(error, 'NotAuthorizedException') && awsMessage(error).includes('status is CONFIRMED')))
      throw error;
  }
  return true;
}

/** Makes this password the user's own, for good. Only for users this product made and knows as such. */
export async function setPassword(
  pool: UserPool,
  username: string,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await callCognito(
      pool,
      l10n.t('setting the password of {username}', { username }),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.AdminSetUserPasswordCommand({
            UserPoolId: pool.userPoolId,
            Username: username,
            Password: password,
            Permanent: true,
          }),
          options,
        ),
    );
  } catch (error) {
    throw signInError(error, wrongPassword);
  }
}

/** Returns whether there was such a user. */
export async function deleteUser(pool: UserPool, username: string, signal: AbortSignal): Promise<boolean> {
  try {
    await callCognito(
      pool,
      l10n.t('deleting the user {username}', { username }),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.AdminDeleteUserCommand({ UserPoolId: pool.userPoolId, Username: username }),
          options,
        ),
    );
    return true;
  } catch (error) {
    if (isAwsError(error, 'UserNotFoundException')) return false;
    throw error;
  }
}

/** The e-mail address is an alias in the pool of CMS: no two users can have the same. */
export function addressTaken(username: string, email: string): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('Another user of the pool has the e-mail address {email}.', { email }),
    {
      remedy: l10n.t('Use another address for {username}, or sign in as that user.', { username }),
    },
  );
}

async function creating(
  { usernames }: UserPool,
  { username, email }: { username: string; email: string },
  call: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (isAwsError(error, 'UsernameExistsException')) return false;
    if (isAwsError(error, 'AliasExistsException')) throw addressTaken(username, email);
    if (isAwsError(error, 'InvalidParameterException')) {
      throw new CmsError('REQUEST_INVALID', sentenceOf(error), {
        remedy:
          usernames === 'e-mail'
            ? l10n.t('Name the user by an e-mail address, such as name@example.com.')
            : l10n.t('Choose a user name without spaces that does not look like an e-mail address.'),
        cause: error,
      });
    }
    throw signInError(error, wrongPassword);
  }
}
