import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createCognitoHarness, signInPlain } from './cognitoHarness.ts';

const signUpRefused = 'NotAuthorizedException: SignUp is not permitted for this user pool';

describe('cognito sign-up', () => {
  const setup = async (client: Record<string, unknown> = {}) => {
    const cognito = createCognitoHarness();
    await cognito.call('UpdateUserPool', {
      UserPoolId: cognito.userPoolId,
      AutoVerifiedAttributes: ['email'],
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
    });
    const ClientId = await cognito.addClient({ ExplicitAuthFlows: ['USER_PASSWORD_AUTH'], ...client });
    const ann = (extra: Record<string, unknown> = {}) => ({
      ClientId,
      Username: 'ann',
      Password: 'Testing1234',
      UserAttributes: [{ Name: 'email', Value: 'ann@example.com' }],
      ...extra,
    });
    const codeOf = (username: string): string =>
      cognito.context.store.table<{ code: string }>('cognito.codes').get(`${cognito.userPoolId}/${username}`)!
        .code;
    const statusOf = async (username: string) => {
      const user = await cognito.call<{
        UserStatus: string;
        UserAttributes: { Name: string; Value: string }[];
      }>('AdminGetUser', { UserPoolId: cognito.userPoolId, Username: username });
      const verified = user.UserAttributes.find(({ Name }) => Name === 'email_verified')?.Value;
      return { status: user.UserStatus, verified };
    };
    const recovery = (RecoveryMechanisms?: { Priority: number; Name: string }[]) =>
      cognito.call('UpdateUserPool', {
        UserPoolId: cognito.userPoolId,
        AutoVerifiedAttributes: ['email'],
        ...(RecoveryMechanisms ? { AccountRecoverySetting: { RecoveryMechanisms } } : {}),
      });
    return { ...cognito, ClientId, recovery, who: { ClientId, Username: 'ann' }, ann, codeOf, statusOf };
  };

  it('is closed in the pool of a CMS stack', async () => {
    const { refusal, clientId } = createCognitoHarness();
    assert.equal(
      await refusal('SignUp', {
        ClientId: clientId,
        Username: 'ann',
        Password: 'Testing1234',
        UserAttributes: [{ Name: 'email', Value: 'ann@example.com' }],
      }),
      signUpRefused,
    );
  });

  it('makes an unconfirmed user and says where the code would go', async () => {
    const { call, ann, statusOf } = await setup();
    const answer = await call('SignUp', ann());
    assert.equal(answer.UserConfirmed, false);
    assert.match(String(answer.UserSub), /^[0-9a-f-]{36}$/);
    assert.deepEqual(answer.CodeDeliveryDetails, {
      Destination: 'a***@e***',
      DeliveryMedium: 'EMAIL',
      AttributeName: 'email',
    });
    assert.equal((await statusOf('ann')).status, 'UNCONFIRMED');
  });

  it('mentions no code where nothing is verified', async () => {
    const { call, refusal, ann, who, userPoolId } = await setup();
    await call('UpdateUserPool', { UserPoolId: userPoolId });
    assert.equal((await call('SignUp', ann())).CodeDeliveryDetails, undefined);
    assert.equal(
      await refusal('ResendConfirmationCode', who),
      'InvalidParameterException: Cannot resend codes. Auto verification not turned on.',
    );
  });

  it('logs that no mail is sent, and not the code', async () => {
    const { call, ann, codeOf, context } = await setup();
    await call('SignUp', ann());
    const log = context.lines.join('\n');
    assert.match(log, /no mail is sent/);
    assert.ok(!log.includes(codeOf('ann')));
  });

  it('refuses what does not fit, with the texts of AWS', async () => {
    const { refusal, ann } = await setup();
    assert.equal(
      await refusal('SignUp', ann({ UserAttributes: [] })),
      'InvalidParameterException: Attributes did not conform to the schema: email: The attribute is required\n',
    );
    assert.equal(
      await refusal('SignUp', ann({ Username: 'ann@example.com' })),
      'InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias.',
    );
    assert.equal(
      await refusal('SignUp', ann({ Password: 'testing1234' })),
      'InvalidPasswordException: Password did not conform with policy: Password must have uppercase characters',
    );
    assert.equal(
      await refusal('SignUp', ann({ ClientId: 'nosuchclient' })),
      'ResourceNotFoundException: User pool client nosuchclient does not exist.',
    );
  });

  it('does not match a password that is too long against the pattern, which would take minutes', async () => {
    const { refusal, ann } = await setup();
    assert.equal(
      await refusal('SignUp', ann({ Password: `${'a'.repeat(3500)} ` })),
      "InvalidParameterException: 1 validation error detected: Value at 'password' failed to satisfy constraint: " +
        'Member must have length less than or equal to 256',
    );
  });

  it('refuses a username that is taken', async () => {
    const { call, refusal, ann } = await setup();
    await call('SignUp', ann());
    assert.equal(await refusal('SignUp', ann()), 'UsernameExistsException: User already exists');
  });

  it('refuses attributes the client may not write', async () => {
    const { refusal, ann } = await setup({ WriteAttributes: ['email'] });
    for (const Name of ['name', 'email_verified']) {
      const UserAttributes = [
        { Name: 'email', Value: 'ann@example.com' },
        { Name, Value: 'true' },
      ];
      assert.equal(
        await refusal('SignUp', ann({ UserAttributes })),
        'NotAuthorizedException: A client attempted to write unauthorized attribute',
      );
    }
  });

  it('lets the user sign in only once confirmed', async () => {
    const cognito = await setup();
    await cognito.call('SignUp', cognito.ann());
    const parameters = {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: cognito.ClientId,
      AuthParameters: { USERNAME: 'ann', PASSWORD: 'Testing1234' },
    };
    assert.equal(
      await cognito.refusal('InitiateAuth', parameters),
      'UserNotConfirmedException: User is not confirmed.',
    );
    const wrong = { ...parameters, AuthParameters: { USERNAME: 'ann', PASSWORD: 'Wrong1234' } };
    for (let attempt = 0; attempt < 6; attempt++) {
      assert.equal(
        await cognito.refusal('InitiateAuth', wrong),
        'UserNotConfirmedException: User is not confirmed.',
      );
    }
    const who = { UserPoolId: cognito.userPoolId, Username: 'ann' };
    await cognito.call('AdminConfirmSignUp', who);
    assert.equal(
      await cognito.refusal('AdminConfirmSignUp', who),
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
    // An administrator's word confirms the user, not the address.
    assert.deepEqual(await cognito.statusOf('ann'), { status: 'CONFIRMED', verified: 'false' });
    await signInPlain(cognito, cognito.ClientId, 'ann', 'Testing1234');
  });

  describe('ConfirmSignUp', () => {
    it('confirms user and address with the code', async () => {
      const { call, refusal, ann, who, codeOf, statusOf } = await setup();
      await call('SignUp', ann());
      const ConfirmationCode = codeOf('ann');
      const wrong = ConfirmationCode === '000000' ? '000001' : '000000';
      assert.equal(
        await refusal('ConfirmSignUp', { ...who, ConfirmationCode: wrong }),
        'CodeMismatchException: Invalid verification code provided, please try again.',
      );
      await call('ConfirmSignUp', { ...who, ConfirmationCode });
      assert.deepEqual(await statusOf('ann'), { status: 'CONFIRMED', verified: 'true' });
      assert.equal(
        await refusal('ConfirmSignUp', { ...who, ConfirmationCode }),
        'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
      );
    });

    it('refuses a code after a day; a new one can be asked for', async () => {
      const { call, refusal, ann, who, codeOf, context } = await setup();
      await call('SignUp', ann());
      const old = codeOf('ann');
      context.clock.advance(24 * 3_600_000);
      assert.equal(
        await refusal('ConfirmSignUp', { ...who, ConfirmationCode: old }),
        'ExpiredCodeException: Invalid code provided, please request a code again.',
      );
      await call('ResendConfirmationCode', who);
      await call('ConfirmSignUp', { ...who, ConfirmationCode: codeOf('ann') });
      assert.match(await refusal('ResendConfirmationCode', who), /^InvalidParameterException: /);
    });

    it('does not take the verified address of another user, unless forced', async () => {
      const { call, refusal, addUser, ann, who, codeOf, statusOf } = await setup();
      await addUser('first', 'Testing1234', 'ann@example.com');
      await call('SignUp', ann());
      const input = { ...who, ConfirmationCode: codeOf('ann') };
      assert.equal(
        await refusal('ConfirmSignUp', input),
        'AliasExistsException: An account with the email already exists.',
      );
      await call('ConfirmSignUp', { ...input, ForceAliasCreation: true });
      assert.equal((await statusOf('first')).verified, 'false');
      assert.equal((await statusOf('ann@example.com')).verified, 'true');
    });
  });

  describe('ForgotPassword', () => {
    it('sets a new password with the code, once', async () => {
      const cognito = await setup();
      const { call, refusal, who, codeOf } = cognito;
      await cognito.addUser('ann', 'Testing1234');
      const { CodeDeliveryDetails } = await call('ForgotPassword', who);
      assert.equal((CodeDeliveryDetails as { Destination: string }).Destination, 'a***@e***');
      const input = { ...who, ConfirmationCode: codeOf('ann'), Password: 'Changed1234' };
      assert.match(
        await refusal('ConfirmForgotPassword', { ...input, Password: 'weak' }),
        /^InvalidPasswordException: /,
      );
      await call('ConfirmForgotPassword', input);
      await signInPlain(cognito, cognito.ClientId, 'ann', 'Changed1234');
      assert.match(await refusal('ConfirmForgotPassword', input), /^ExpiredCodeException: /);
    });

    it('belongs to the administrator where the pool says admin_only', async () => {
      const { call, refusal, who, addUser, recovery, ClientId, userPoolId } = await setup();
      await addUser('ann', 'Testing1234');
      await recovery([{ Priority: 1, Name: 'admin_only' }]);
      const text = 'NotAuthorizedException: Contact administrator to reset password.';
      assert.equal(await refusal('ForgotPassword', who), text);
      const pool = { UserPoolId: userPoolId, Username: 'ann' };
      assert.equal(await refusal('AdminResetUserPassword', pool), text);
      await call('AdminSetUserPassword', { ...pool, Password: 'Changed1234', Permanent: true });
      await recovery([{ Priority: 1, Name: 'verified_email' }]);
      await call('ForgotPassword', { ClientId, Username: 'ann' });
    });

    it('takes admin_only alone, and names it knows', async () => {
      const { refusal, userPoolId } = await setup();
      const update = (...RecoveryMechanisms: unknown[]) =>
        refusal('UpdateUserPool', {
          UserPoolId: userPoolId,
          AccountRecoverySetting: { RecoveryMechanisms },
        });
      const admin = { Priority: 1, Name: 'admin_only' };
      assert.match(await update(admin, { Priority: 2, Name: 'verified_email' }), /admin_only cannot be used/);
      assert.match(await update({ Priority: 1, Name: 'pigeon' }), /enum value set/);
      assert.match(await update({ ...admin, Priority: 3 }), /less than or equal to 2/);
    });

    it('goes to what the pool says first, and a verified phone first where it says nothing', async () => {
      const { call, refusal, who, addUser, recovery, userPoolId } = await setup();
      await addUser('ann', 'Testing1234');
      const email = { Priority: 1, Name: 'verified_email' };
      const phone = { Priority: 2, Name: 'verified_phone_number' };
      await recovery([{ ...phone, Priority: 1 }]);
      assert.match(await refusal('ForgotPassword', who), /no registered\/verified email or phone_number$/);
      await call('AdminUpdateUserAttributes', {
        UserPoolId: userPoolId,
        Username: 'ann',
        UserAttributes: [
          { Name: 'phone_number', Value: '+15551234567' },
          { Name: 'phone_number_verified', Value: 'true' },
        ],
      });
      const sms = {
        Destination: '+*******4567',
        DeliveryMedium: 'SMS',
        AttributeName: 'phone_number',
      };
      assert.deepEqual((await call('ForgotPassword', who)).CodeDeliveryDetails, sms);
      await recovery([phone, email]);
      const mail = { Destination: 'a***@e***', DeliveryMedium: 'EMAIL', AttributeName: 'email' };
      assert.deepEqual((await call('ForgotPassword', who)).CodeDeliveryDetails, mail);
      await recovery();
      assert.deepEqual((await call('ForgotPassword', who)).CodeDeliveryDetails, sms);
    });

    it('refuses a user who never signed in', async () => {
      const { refusal, ClientId } = await setup();
      assert.equal(
        await refusal('ForgotPassword', { ClientId, Username: 'admin' }),
        'NotAuthorizedException: User password cannot be reset in the current state.',
      );
    });
  });

  describe('PreventUserExistenceErrors', () => {
    const nobody = (ClientId: string) => ({ ClientId, Username: 'nobody' });
    const withCode = (ClientId: string) => ({ ...nobody(ClientId), ConfirmationCode: '123456' });

    it('LEGACY says that there is no such user', async () => {
      const { refusal, ClientId } = await setup();
      const text = 'UserNotFoundException: Username/client id combination not found.';
      assert.equal(await refusal('ForgotPassword', nobody(ClientId)), text);
      assert.equal(await refusal('ResendConfirmationCode', nobody(ClientId)), text);
      assert.equal(await refusal('ConfirmSignUp', withCode(ClientId)), text);
    });

    it('ENABLED answers as if there were', async () => {
      const { call, refusal, ClientId } = await setup({ PreventUserExistenceErrors: 'ENABLED' });
      assert.ok((await call('ForgotPassword', nobody(ClientId))).CodeDeliveryDetails);
      assert.ok((await call('ResendConfirmationCode', nobody(ClientId))).CodeDeliveryDetails);
      const text = 'ExpiredCodeException: Invalid code provided, please request a code again.';
      assert.equal(await refusal('ConfirmSignUp', withCode(ClientId)), text);
      assert.equal(
        await refusal('ConfirmForgotPassword', { ...withCode(ClientId), Password: 'Testing1234' }),
        text,
      );
    });
  });

  it('asks a client with a secret for proof of it', async () => {
    const { call, refusal, ann, ClientId, userPoolId } = await setup({ GenerateSecret: true });
    const { UserPoolClient } = await call<{ UserPoolClient: { ClientSecret: string } }>(
      'DescribeUserPoolClient',
      { UserPoolId: userPoolId, ClientId },
    );
    assert.equal(
      await refusal('SignUp', ann()),
      `NotAuthorizedException: Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
    );
    const hash = (secret: string) => createHmac('sha256', secret).update(`ann${ClientId}`).digest('base64');
    assert.equal(
      await refusal('SignUp', ann({ SecretHash: hash('guess') })),
      `NotAuthorizedException: Unable to verify secret hash for client ${ClientId}`,
    );
    await call('SignUp', ann({ SecretHash: hash(UserPoolClient.ClientSecret) }));
  });

  it('refuses proof of a secret the client does not have', async () => {
    const { refusal, ann, ClientId } = await setup();
    assert.equal(
      await refusal('SignUp', ann({ SecretHash: 'c2VjcmV0' })),
      `NotAuthorizedException: Client ${ClientId} is not configured for secret but secret hash was received`,
    );
  });
});
