import assert from 'node:assert/strict';
import { createCognitoHarness, plainFlows, signInPlain } from './cognitoHarness.ts';

interface User {
  Username: string;
  UserStatus: string;
  Enabled: boolean;
  UserAttributes: { Name: string; Value: string }[];
}

describe('cognito users, by an administrator', () => {
  const setup = () => {
    const cognito = createCognitoHarness();
    const who = (Username: string) => ({ UserPoolId: cognito.userPoolId, Username });
    const user = async (username: string) => {
      const found = await cognito.call<User>('AdminGetUser', who(username));
      const attributes = Object.fromEntries(found.UserAttributes.map(({ Name, Value }) => [Name, Value]));
      return { ...found, attributes };
    };
    const email = (value: string, verified = 'true') => [
      { Name: 'email', Value: value },
      { Name: 'email_verified', Value: verified },
    ];
    return { ...cognito, who, user, email };
  };

  it("has the stack's first admin, who must change the password", async () => {
    const { user } = setup();
    const admin = await user('admin');
    assert.equal(admin.UserStatus, 'FORCE_CHANGE_PASSWORD');
    assert.equal(admin.attributes.email_verified, 'true');
  });

  it('creates a user who must change the password', async () => {
    const { call, user, who, email } = setup();
    const { User } = await call<{ User: Record<string, unknown> }>('AdminCreateUser', {
      ...who('ann'),
      UserAttributes: email('ann@example.com'),
      TemporaryPassword: 'Temporary',
      MessageAction: 'SUPPRESS',
    });
    assert.equal(User.Username, 'ann');
    assert.equal(User.UserStatus, 'FORCE_CHANGE_PASSWORD');
    assert.equal(User.Enabled, true);
    const read = await user('ann');
    assert.match(read.attributes.sub ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(read.attributes.email, 'ann@example.com');
  });

  it('creates a user without the required attributes: they are asked for at the first sign-in', async () => {
    const { call, user, who } = setup();
    await call('AdminCreateUser', who('bare'));
    assert.deepEqual(Object.keys((await user('bare')).attributes), ['sub']);
  });

  it('refuses a username that is taken', async () => {
    const { refusal, addUser, who } = setup();
    await addUser('ann', 'Password');
    assert.equal(
      await refusal('AdminCreateUser', who('ann')),
      'UsernameExistsException: User account already exists',
    );
  });

  it('takes usernames that differ only in case for different users', async () => {
    const { call, addUser, who } = setup();
    await addUser('ann', 'Password');
    await call('AdminCreateUser', who('Ann'));
  });

  it('refuses a username that looks like an email address', async () => {
    const { refusal, who } = setup();
    assert.equal(
      await refusal('AdminCreateUser', who('ann@example.com')),
      'InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias.',
    );
  });

  it('refuses a second verified use of an email, unless the alias is to move', async () => {
    const { call, refusal, addUser, user, who, email } = setup();
    await addUser('ann', 'Password', 'shared@example.com');
    const second = { ...who('bob'), UserAttributes: email('shared@example.com') };
    assert.equal(
      await refusal('AdminCreateUser', second),
      'UsernameExistsException: An account with the email already exists.',
    );
    await call('AdminCreateUser', { ...second, ForceAliasCreation: true });
    assert.equal((await user('ann')).attributes.email_verified, 'false');
    assert.equal((await user('shared@example.com')).Username, 'bob');
  });

  it('refuses attributes and passwords that do not fit', async () => {
    const { refusal, who } = setup();
    const attempt = (input: Record<string, unknown>) =>
      refusal('AdminCreateUser', { ...who('ann'), ...input });
    const one = (Name: string, Value: string) => ({ UserAttributes: [{ Name, Value }] });
    assert.equal(
      await attempt(one('email', 'nobody')),
      'InvalidParameterException: Invalid email address format.',
    );
    assert.equal(
      await attempt(one('phone_number', '0123')),
      'InvalidParameterException: Invalid phone number format.',
    );
    assert.equal(
      await attempt(one('custom:shoe', '42')),
      'InvalidParameterException: Attributes did not conform to the schema: Type for attribute {custom:shoe} could not be determined',
    );
    assert.match(await attempt(one('sub', 'x')), /^InvalidParameterException: .*sub/);
    assert.match(
      await attempt(one('email_verified', 'maybe')),
      /^InvalidParameterException: .*email_verified/,
    );
    assert.match(await attempt(one('updated_at', 'now')), /^InvalidParameterException: .*updated_at/);
    assert.match(await attempt(one('birthdate', 'May')), /^InvalidParameterException: .*birthdate/);
    assert.equal(
      await attempt({ TemporaryPassword: 'password' }),
      'InvalidPasswordException: Password did not conform with policy: Password must have uppercase characters',
    );
    assert.equal(await refusal('AdminGetUser', who('ann')), 'UserNotFoundException: User does not exist.');
  });

  it('does not repeat a password or username in a validation message', async () => {
    const { refusal, who } = setup();
    const message = await refusal('AdminCreateUser', {
      ...who('two words'),
      TemporaryPassword: ' Leading',
    });
    assert.equal(
      message,
      "InvalidParameterException: 2 validation errors detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+; Value at 'temporaryPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+.*[\\S]+",
    );
  });

  it('renews an invitation only while it is open', async () => {
    const { call, refusal, addUser, who } = setup();
    await call('AdminCreateUser', { ...who('ann'), MessageAction: 'SUPPRESS' });
    await call('AdminCreateUser', { ...who('ann'), MessageAction: 'RESEND' });
    await addUser('bob', 'Password');
    assert.equal(
      await refusal('AdminCreateUser', { ...who('bob'), MessageAction: 'RESEND' }),
      'UnsupportedUserStateException: Resend not possible. bob status is not FORCE_CHANGE_PASSWORD',
    );
    assert.equal(
      await refusal('AdminCreateUser', { ...who('eve'), MessageAction: 'RESEND' }),
      'UserNotFoundException: User does not exist.',
    );
  });

  it('logs that no mail is sent, and no password', async () => {
    const { call, who, context } = setup();
    await call('AdminCreateUser', { ...who('ann'), TemporaryPassword: 'TopSecret' });
    const log = context.lines.join('\n');
    assert.match(log, /no mail is sent/);
    assert.doesNotMatch(log, /TopSecret/);
  });

  it('sets a password for good, or one to be changed', async () => {
    const { call, refusal, user, who } = setup();
    await call('AdminSetUserPassword', { ...who('admin'), Password: 'Permanent', Permanent: true });
    assert.equal((await user('admin')).UserStatus, 'CONFIRMED');
    await call('AdminSetUserPassword', { ...who('admin'), Password: 'Temporary' });
    assert.equal((await user('admin')).UserStatus, 'FORCE_CHANGE_PASSWORD');
    assert.equal(
      await refusal('AdminSetUserPassword', { ...who('admin'), Password: 'Short', Permanent: true }),
      'InvalidPasswordException: Password did not conform with policy: Password not long enough',
    );
    assert.equal(
      await refusal('AdminSetUserPassword', { ...who('eve'), Password: 'Permanent' }),
      'UserNotFoundException: User does not exist.',
    );
  });

  it('finds a user by name, verified email or sub', async () => {
    const { call, addUser, user, who, email } = setup();
    await addUser('ann', 'Password', 'ann@example.com');
    const { attributes } = await user('ann');
    assert.equal((await user('ann@example.com')).Username, 'ann');
    assert.equal((await user(attributes.sub ?? '')).Username, 'ann');
    await call('AdminUpdateUserAttributes', {
      ...who('ann'),
      UserAttributes: email('new@example.com', 'false'),
    });
    await assert.rejects(user('new@example.com'), /UserNotFoundException/);
  });

  it('changes attributes: a new email is unverified, an empty value removes', async () => {
    const { call, refusal, addUser, user, who } = setup();
    await addUser('ann', 'Password');
    await call('AdminUpdateUserAttributes', {
      ...who('ann'),
      UserAttributes: [
        { Name: 'email', Value: 'new@example.com' },
        { Name: 'name', Value: 'Ann' },
      ],
    });
    const changed = (await user('ann')).attributes;
    assert.equal(changed.email, 'new@example.com');
    assert.equal(changed.email_verified, 'false');
    assert.equal(changed.name, 'Ann');
    await call('AdminUpdateUserAttributes', {
      ...who('ann'),
      UserAttributes: [{ Name: 'name', Value: '' }],
    });
    assert.equal((await user('ann')).attributes.name, undefined);
    assert.match(
      await refusal('AdminUpdateUserAttributes', {
        ...who('ann'),
        UserAttributes: [{ Name: 'email', Value: '' }],
      }),
      /^InvalidParameterException: /,
    );
  });

  it('does not let two users verify one email', async () => {
    const { refusal, addUser, who, email } = setup();
    await addUser('ann', 'Password', 'ann@example.com');
    await addUser('bob', 'Password', 'bob@example.com');
    assert.equal(
      await refusal('AdminUpdateUserAttributes', {
        ...who('bob'),
        UserAttributes: email('ann@example.com'),
      }),
      'AliasExistsException: An account with the email already exists.',
    );
  });

  it('deletes a user with the tokens, so that the name is free again', async () => {
    const { call, send, refusal, addUser, addClient, who, ...cognito } = setup();
    const ClientId = await addClient({ ExplicitAuthFlows: plainFlows });
    await addUser('ann', 'Password');
    const tokens = await signInPlain(
      { ...cognito, call, send, refusal, addUser, addClient },
      ClientId,
      'ann',
      'Password',
    );
    const answer = await send('AdminDeleteUser', who('ann'));
    assert.deepEqual([answer.status, answer.body], [200, '']);
    assert.equal(
      await refusal('GetUser', { AccessToken: tokens.AccessToken }),
      'UserNotFoundException: User does not exist.',
    );
    await addUser('ann', 'Password');
    assert.equal(
      await refusal('GetUser', { AccessToken: tokens.AccessToken }),
      'UserNotFoundException: User does not exist.',
    );
    assert.equal(
      await refusal('InitiateAuth', {
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId,
        AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
      }),
      'NotAuthorizedException: Invalid Refresh Token',
    );
    assert.equal(await refusal('AdminDeleteUser', who('eve')), 'UserNotFoundException: User does not exist.');
  });

  it('disables and enables a user', async () => {
    const { call, refusal, addUser, user, who } = setup();
    await addUser('ann', 'Password');
    await call('AdminDisableUser', who('ann'));
    assert.equal((await user('ann')).Enabled, false);
    await call('AdminEnableUser', who('ann'));
    assert.equal((await user('ann')).Enabled, true);
    for (const operation of ['AdminDisableUser', 'AdminEnableUser', 'AdminUserGlobalSignOut']) {
      assert.equal(await refusal(operation, who('eve')), 'UserNotFoundException: User does not exist.');
    }
  });

  it('resets a password: the user must set a new one with a code', async () => {
    const { call, refusal, addUser, addClient, user, who, context, userPoolId } = setup();
    const ClientId = await addClient({ ExplicitAuthFlows: plainFlows });
    await addUser('ann', 'Password');
    await call('AdminResetUserPassword', who('ann'));
    assert.equal((await user('ann')).UserStatus, 'RESET_REQUIRED');
    assert.equal(
      await refusal('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId,
        AuthParameters: { USERNAME: 'ann', PASSWORD: 'Password' },
      }),
      'PasswordResetRequiredException: Password reset required for the user',
    );
    const code = context.store.table<{ code: string }>('cognito.codes').get(`${userPoolId}/ann`)!.code;
    await call('ConfirmForgotPassword', {
      ClientId,
      Username: 'ann',
      ConfirmationCode: code,
      Password: 'Another1',
    });
    assert.equal((await user('ann')).UserStatus, 'CONFIRMED');
  });

  it('refuses to reset a password nobody could be told about', async () => {
    const { call, refusal, addUser, who } = setup();
    assert.equal(
      await refusal('AdminResetUserPassword', who('admin')),
      'NotAuthorizedException: User password cannot be reset in the current state.',
    );
    await addUser('ann', 'Password');
    await call('AdminUpdateUserAttributes', {
      ...who('ann'),
      UserAttributes: [{ Name: 'email_verified', Value: 'false' }],
    });
    assert.equal(
      await refusal('AdminResetUserPassword', who('ann')),
      'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number',
    );
  });
});
