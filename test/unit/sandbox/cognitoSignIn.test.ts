import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { decodeJwt } from 'jose';
import { createCognitoHarness, plainFlows, signInPlain } from './cognitoHarness.ts';

const wrong = 'NotAuthorizedException: Incorrect username or password.';

interface Challenge {
  ChallengeName: string;
  Session: string;
  ChallengeParameters: Record<string, string>;
}

describe('cognito sign-in with a password @slow', () => {
  const setup = async (settings: Record<string, unknown> = {}, limits = true) => {
    const cognito = createCognitoHarness({ config: { limits } });
    const ClientId = await cognito.addClient({ ExplicitAuthFlows: plainFlows, ...settings });
    await cognito.addUser('ann', 'Password');
    const initiate = (AuthFlow: string, AuthParameters: Record<string, string>, client = ClientId) => ({
      AuthFlow,
      ClientId: client,
      AuthParameters,
    });
    const admin = (AuthFlow: string, AuthParameters: Record<string, string>, client = ClientId) => ({
      ...initiate(AuthFlow, AuthParameters, client),
      UserPoolId: cognito.userPoolId,
    });
    const plain = (PASSWORD: string, USERNAME = 'ann') =>
      initiate('USER_PASSWORD_AUTH', { USERNAME, PASSWORD });
    const refresh = (REFRESH_TOKEN: string, client = ClientId) =>
      initiate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN }, client);
    const who = { UserPoolId: cognito.userPoolId, Username: 'ann' };
    return { ...cognito, ClientId, initiate, admin, plain, refresh, who };
  };

  it('gives tokens for the right password, by username or verified email', async () => {
    const { call, plain } = await setup();
    for (const name of ['ann', 'ann@example.com']) {
      const answer = await call<{
        AuthenticationResult: Record<string, unknown>;
        ChallengeParameters: unknown;
      }>('InitiateAuth', plain('Password', name));
      assert.deepEqual(answer.ChallengeParameters, {});
      assert.equal(answer.AuthenticationResult.TokenType, 'Bearer');
      assert.equal(answer.AuthenticationResult.ExpiresIn, 3600);
      assert.equal(decodeJwt(String(answer.AuthenticationResult.IdToken))['cognito:username'], 'ann');
    }
  });

  it('does not take an unverified email for a name', async () => {
    const { call, refusal, plain, who } = await setup();
    await call('AdminUpdateUserAttributes', {
      ...who,
      UserAttributes: [{ Name: 'email_verified', Value: 'false' }],
    });
    assert.equal(
      await refusal('InitiateAuth', plain('Password', 'ann@example.com')),
      'UserNotFoundException: User does not exist.',
    );
  });

  it('works for administrators under both names of the flow', async () => {
    const { call, admin } = await setup();
    for (const flow of ['ADMIN_NO_SRP_AUTH', 'ADMIN_USER_PASSWORD_AUTH']) {
      const answer = await call('AdminInitiateAuth', admin(flow, { USERNAME: 'ann', PASSWORD: 'Password' }));
      assert.ok(answer.AuthenticationResult);
    }
  });

  it('refuses a wrong password', async () => {
    const { refusal, plain, admin } = await setup();
    assert.equal(await refusal('InitiateAuth', plain('password')), wrong);
    assert.equal(
      await refusal(
        'AdminInitiateAuth',
        admin('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD: 'guess' }),
      ),
      wrong,
    );
  });

  it('tells an unknown user apart only where the client allows it', async () => {
    const open = await setup();
    assert.equal(
      await open.refusal('InitiateAuth', open.plain('Password', 'nobody')),
      'UserNotFoundException: User does not exist.',
    );
    const closed = await setup({ PreventUserExistenceErrors: 'ENABLED' });
    assert.equal(await closed.refusal('InitiateAuth', closed.plain('Password', 'nobody')), wrong);
  });

  it('names the parameter that is missing', async () => {
    const { refusal, initiate, ClientId } = await setup();
    assert.equal(
      await refusal('InitiateAuth', initiate('USER_PASSWORD_AUTH', { PASSWORD: 'Password' })),
      'InvalidParameterException: Missing required parameter USERNAME',
    );
    assert.equal(
      await refusal('InitiateAuth', initiate('USER_PASSWORD_AUTH', { USERNAME: 'ann' })),
      'InvalidParameterException: Missing required parameter PASSWORD',
    );
    assert.equal(
      await refusal('InitiateAuth', { AuthFlow: 'REFRESH_TOKEN_AUTH', ClientId }),
      'InvalidParameterException: Missing required parameter REFRESH_TOKEN',
    );
  });

  it('refuses a disabled user', async () => {
    const { call, refusal, plain, who } = await setup();
    await call('AdminDisableUser', who);
    assert.equal(
      await refusal('InitiateAuth', plain('Password')),
      'NotAuthorizedException: User is disabled.',
    );
  });

  it('refuses an unknown client and a client of another pool', async () => {
    const { refusal, admin, initiate } = await setup();
    const parameters = { USERNAME: 'ann', PASSWORD: 'Password' };
    const text = 'ResourceNotFoundException: User pool client nosuchclient does not exist.';
    assert.equal(
      await refusal('InitiateAuth', initiate('USER_PASSWORD_AUTH', parameters, 'nosuchclient')),
      text,
    );
    assert.equal(
      await refusal('AdminInitiateAuth', admin('ADMIN_NO_SRP_AUTH', parameters, 'nosuchclient')),
      text,
    );
  });

  it('asks a client with a secret for proof of it', async () => {
    const { call, refusal, initiate, ClientId, userPoolId } = await setup({ GenerateSecret: true });
    const { UserPoolClient } = await call<{ UserPoolClient: { ClientSecret: string } }>(
      'DescribeUserPoolClient',
      { UserPoolId: userPoolId, ClientId },
    );
    const parameters = { USERNAME: 'ann', PASSWORD: 'Password' };
    assert.match(
      await refusal('InitiateAuth', initiate('USER_PASSWORD_AUTH', parameters)),
      /configured with secret but SECRET_HASH was not received$/,
    );
    const SECRET_HASH = createHmac('sha256', UserPoolClient.ClientSecret)
      .update(`ann${ClientId}`)
      .digest('base64');
    await call('InitiateAuth', initiate('USER_PASSWORD_AUTH', { ...parameters, SECRET_HASH }));
  });

  describe('flows a client does not allow', () => {
    const parameters = { USERNAME: 'ann', PASSWORD: 'Password' };

    it("are all but SRP and refresh for the stack's own client", async () => {
      const { refusal, initiate, admin, clientId } = await setup();
      assert.equal(
        await refusal('InitiateAuth', initiate('USER_PASSWORD_AUTH', parameters, clientId)),
        'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
      );
      assert.equal(
        await refusal('AdminInitiateAuth', admin('ADMIN_NO_SRP_AUTH', parameters, clientId)),
        'InvalidParameterException: Auth flow not enabled for this client',
      );
      assert.equal(
        await refusal('InitiateAuth', initiate('CUSTOM_AUTH', parameters, clientId)),
        'InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.',
      );
      assert.equal(
        await refusal('InitiateAuth', initiate('USER_AUTH', parameters, clientId)),
        'InvalidParameterException: USER_AUTH flow not enabled for this client',
      );
    });

    it('are SRP and refresh when only another is named', async () => {
      const { refusal, initiate } = await setup({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
      assert.equal(
        await refusal('InitiateAuth', initiate('USER_SRP_AUTH', { USERNAME: 'ann', SRP_A: 'abc' })),
        'InvalidParameterException: USER_SRP_AUTH is not enabled for the client.',
      );
      assert.match(
        await refusal('InitiateAuth', initiate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: 'x' })),
        /^InvalidParameterException: .*not enabled for this client$/,
      );
    });

    it('are only the password flows under the older names', async () => {
      const { call, refusal, initiate, admin, plain } = await setup({
        ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH'],
      });
      await call('AdminInitiateAuth', admin('ADMIN_NO_SRP_AUTH', parameters));
      assert.match(await refusal('InitiateAuth', plain('Password')), /USER_PASSWORD_AUTH flow not enabled/);
      const challenge = await call<Challenge>(
        'InitiateAuth',
        initiate('USER_SRP_AUTH', { USERNAME: 'ann', SRP_A: 'abc' }),
      );
      assert.equal(challenge.ChallengeName, 'PASSWORD_VERIFIER');
    });

    it('include SRP where only custom sign-in is allowed', async () => {
      const { refusal, initiate } = await setup({ ExplicitAuthFlows: ['CUSTOM_AUTH_FLOW_ONLY'] });
      assert.match(
        await refusal('InitiateAuth', initiate('USER_SRP_AUTH', { USERNAME: 'ann', SRP_A: 'abc' })),
        /USER_SRP_AUTH is not enabled/,
      );
    });

    it('are those of the other side', async () => {
      const { refusal, initiate, admin } = await setup();
      const text = 'InvalidParameterException: Initiate Auth method not supported.';
      assert.equal(await refusal('InitiateAuth', initiate('ADMIN_NO_SRP_AUTH', parameters)), text);
      assert.equal(await refusal('InitiateAuth', initiate('ADMIN_USER_PASSWORD_AUTH', parameters)), text);
      assert.equal(await refusal('AdminInitiateAuth', admin('USER_PASSWORD_AUTH', parameters)), text);
    });
  });

  describe('lock-out', () => {
    it('begins after five failures and doubles with each further one', async () => {
      const { call, refusal, plain, context } = await setup();
      for (let i = 0; i < 5; i++) assert.equal(await refusal('InitiateAuth', plain('guess')), wrong);
      const exceeded = 'NotAuthorizedException: Password attempts exceeded';
      assert.equal(await refusal('InitiateAuth', plain('Password')), exceeded);
      context.clock.advance(1000);
      assert.equal(await refusal('InitiateAuth', plain('guess')), wrong);
      context.clock.advance(1999);
      assert.equal(await refusal('InitiateAuth', plain('Password')), exceeded);
      context.clock.advance(1);
      await call('InitiateAuth', plain('Password'));
      assert.equal(await refusal('InitiateAuth', plain('guess')), wrong);
      await call('InitiateAuth', plain('Password'));
    });

    it('does not happen without limits', async () => {
      const { call, refusal, plain } = await setup({}, false);
      for (let i = 0; i < 7; i++) assert.equal(await refusal('InitiateAuth', plain('guess')), wrong);
      await call('InitiateAuth', plain('Password'));
    });
  });

  describe('NEW_PASSWORD_REQUIRED', () => {
    const invited = async (attributes: { Name: string; Value: string }[]) => {
      const cognito = await setup();
      const temporary = { USERNAME: 'new', PASSWORD: 'Temporary' };
      await cognito.call('AdminCreateUser', {
        UserPoolId: cognito.userPoolId,
        Username: 'new',
        TemporaryPassword: 'Temporary',
        MessageAction: 'SUPPRESS',
        UserAttributes: attributes,
      });
      const first = () =>
        cognito.call<Challenge>('AdminInitiateAuth', cognito.admin('ADMIN_NO_SRP_AUTH', temporary));
      const answer = (Session: string, responses: Record<string, string>) => ({
        ClientId: cognito.ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: 'new', NEW_PASSWORD: 'Permanent', ...responses },
      });
      return { ...cognito, temporary, first, answer };
    };
    const email = [{ Name: 'email', Value: 'new@example.com' }];

    it('is asked of a user with a temporary password', async () => {
      const { first } = await invited(email);
      const challenge = await first();
      assert.equal(challenge.ChallengeName, 'NEW_PASSWORD_REQUIRED');
      assert.ok(challenge.Session.length >= 20);
      assert.equal(challenge.ChallengeParameters.requiredAttributes, '[]');
      assert.deepEqual(JSON.parse(challenge.ChallengeParameters.userAttributes ?? ''), {
        email: 'new@example.com',
        email_verified: 'false',
      });
    });

    it('gives tokens for a new password, by the client or an administrator', async () => {
      const client = await invited(email);
      assert.ok(
        (await client.call('RespondToAuthChallenge', client.answer((await client.first()).Session, {})))
          .AuthenticationResult,
      );
      await signInPlain(client, client.ClientId, 'new', 'Permanent');
      const admin = await invited(email);
      assert.ok(
        (
          await admin.call('AdminRespondToAuthChallenge', {
            ...admin.answer((await admin.first()).Session, {}),
            UserPoolId: admin.userPoolId,
          })
        ).AuthenticationResult,
      );
    });

    it('takes a session once, and not a made-up or expired one', async () => {
      const { call, refusal, first, answer, context } = await invited(email);
      const { Session } = await first();
      assert.equal(
        await refusal('RespondToAuthChallenge', answer('x'.repeat(20), {})),
        'NotAuthorizedException: Invalid session for the user.',
      );
      context.clock.advance(180_000);
      assert.equal(
        await refusal('RespondToAuthChallenge', answer(Session, {})),
        'NotAuthorizedException: Invalid session for the user, session is expired.',
      );
      const next = (await first()).Session;
      await call('RespondToAuthChallenge', answer(next, {}));
      assert.equal(
        await refusal('RespondToAuthChallenge', answer(next, {})),
        'NotAuthorizedException: Invalid session for the user, session can only be used once.',
      );
    });

    it('does not open a session of one user or client for another', async () => {
      const { refusal, first, answer, addClient } = await invited(email);
      const { Session } = await first();
      const text = 'NotAuthorizedException: Invalid session for the user.';
      assert.equal(await refusal('RespondToAuthChallenge', answer(Session, { USERNAME: 'ann' })), text);
      const other = await addClient({ ExplicitAuthFlows: plainFlows });
      assert.equal(
        await refusal('RespondToAuthChallenge', { ...answer(Session, {}), ClientId: other }),
        text,
      );
    });

    it('leaves the session open after a weak password', async () => {
      const { call, refusal, first, answer } = await invited(email);
      const { Session } = await first();
      assert.match(
        await refusal('RespondToAuthChallenge', answer(Session, { NEW_PASSWORD: 'weak' })),
        /^InvalidPasswordException: /,
      );
      await call('RespondToAuthChallenge', answer(Session, {}));
    });

    it('wants the required attributes that are missing, and no change of others', async () => {
      const bare = await invited([]);
      const challenge = await bare.first();
      assert.equal(challenge.ChallengeParameters.requiredAttributes, '["userAttributes.email"]');
      assert.equal(
        await bare.refusal('RespondToAuthChallenge', bare.answer(challenge.Session, {})),
        'InvalidParameterException: Invalid attributes given, email is missing',
      );
      await bare.call(
        'RespondToAuthChallenge',
        bare.answer(challenge.Session, { 'userAttributes.email': 'new@example.com' }),
      );
      const full = await invited(email);
      const { Session } = await full.first();
      assert.equal(
        await full.refusal(
          'RespondToAuthChallenge',
          full.answer(Session, { 'userAttributes.email': 'new@example.com' }),
        ),
        'NotAuthorizedException: Cannot modify an already provided email',
      );
    });

    it('is too late when the temporary password has expired', async () => {
      const { refusal, admin, temporary, context } = await invited(email);
      context.clock.advance(7 * 86_400_000);
      assert.equal(
        await refusal('AdminInitiateAuth', admin('ADMIN_NO_SRP_AUTH', temporary)),
        'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
      );
    });

    it('knows no other challenge', async () => {
      const { refusal, first, answer } = await invited(email);
      const { Session } = await first();
      assert.equal(
        await refusal('RespondToAuthChallenge', { ...answer(Session, {}), ChallengeName: 'SMS_MFA' }),
        'NotAuthorizedException: Invalid session for the user.',
      );
      assert.match(
        await refusal('RespondToAuthChallenge', { ...answer(Session, {}), ChallengeName: 'RIDDLE' }),
        /Member must satisfy enum value set/,
      );
    });
  });

  describe('refresh', () => {
    it('gives new tokens of the same sign-in, and no refresh token', async () => {
      const cognito = await setup();
      const first = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      cognito.context.clock.advance(1_800_000);
      for (const flow of ['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN']) {
        const { AuthenticationResult } = await cognito.call<{
          AuthenticationResult: { IdToken: string; AccessToken: string; RefreshToken?: string };
        }>('InitiateAuth', cognito.initiate(flow, { REFRESH_TOKEN: first.RefreshToken }));
        assert.equal(AuthenticationResult.RefreshToken, undefined);
        const before = decodeJwt(first.IdToken);
        const after = decodeJwt(AuthenticationResult.IdToken);
        assert.equal(after.origin_jti, before.origin_jti);
        assert.equal(after.auth_time, before.auth_time);
        assert.equal(after.exp! - before.exp!, 1800);
        assert.notEqual(after.jti, before.jti);
      }
    });

    it('works for administrators', async () => {
      const cognito = await setup();
      const { RefreshToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      const input = cognito.admin('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
      assert.ok((await cognito.call('AdminInitiateAuth', input)).AuthenticationResult);
    });

    it('ends with the validity of the client', async () => {
      const cognito = await setup({
        RefreshTokenValidity: 1,
        TokenValidityUnits: { RefreshToken: 'days' },
      });
      const { RefreshToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      cognito.context.clock.advance(86_399_999);
      await cognito.call('InitiateAuth', cognito.refresh(RefreshToken));
      cognito.context.clock.advance(1);
      assert.equal(
        await cognito.refusal('InitiateAuth', cognito.refresh(RefreshToken)),
        'NotAuthorizedException: Refresh Token has expired',
      );
    });

    it('refuses a made-up token, and one of another client', async () => {
      const cognito = await setup();
      const { RefreshToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      const other = await cognito.addClient({ ExplicitAuthFlows: plainFlows });
      for (const input of [cognito.refresh('made.up'), cognito.refresh(RefreshToken, other)]) {
        assert.equal(
          await cognito.refusal('InitiateAuth', input),
          'NotAuthorizedException: Invalid Refresh Token',
        );
      }
    });

    it('refuses a disabled user', async () => {
      const cognito = await setup();
      const { RefreshToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      await cognito.call('AdminDisableUser', cognito.who);
      assert.equal(
        await cognito.refusal('InitiateAuth', cognito.refresh(RefreshToken)),
        'NotAuthorizedException: User is disabled.',
      );
    });
  });

  describe('signing out', () => {
    const revoked = 'NotAuthorizedException: Refresh Token has been revoked';

    it('RevokeToken ends one sign-in only', async () => {
      const cognito = await setup();
      const one = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      const two = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      const input = { Token: one.RefreshToken, ClientId: cognito.ClientId };
      await cognito.call('RevokeToken', input);
      await cognito.call('RevokeToken', input);
      assert.equal(await cognito.refusal('InitiateAuth', cognito.refresh(one.RefreshToken)), revoked);
      assert.equal(
        await cognito.refusal('GetUser', { AccessToken: one.AccessToken }),
        'NotAuthorizedException: Access Token has been revoked',
      );
      await cognito.call('InitiateAuth', cognito.refresh(two.RefreshToken));
      await cognito.call('GetUser', { AccessToken: two.AccessToken });
    });

    it('RevokeToken takes refresh tokens of its own client only', async () => {
      const cognito = await setup();
      const { RefreshToken, AccessToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      assert.match(
        await cognito.refusal('RevokeToken', { Token: AccessToken, ClientId: cognito.ClientId }),
        /^UnsupportedTokenTypeException: /,
      );
      const other = await cognito.addClient({});
      assert.match(
        await cognito.refusal('RevokeToken', { Token: RefreshToken, ClientId: other }),
        /^UnauthorizedException: /,
      );
      assert.match(
        await cognito.refusal('RevokeToken', {
          Token: RefreshToken,
          ClientId: cognito.ClientId,
          ClientSecret: 'guess',
        }),
        /^UnauthorizedException: /,
      );
      const without = await cognito.addClient({ EnableTokenRevocation: false });
      assert.match(
        await cognito.refusal('RevokeToken', { Token: RefreshToken, ClientId: without }),
        /^UnsupportedOperationException: /,
      );
    });

    it('GlobalSignOut and AdminUserGlobalSignOut end all sign-ins of a user', async () => {
      for (const operation of ['GlobalSignOut', 'AdminUserGlobalSignOut']) {
        const cognito = await setup();
        await cognito.addUser('bob', 'Password');
        const one = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
        const two = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
        const bob = await signInPlain(cognito, cognito.ClientId, 'bob', 'Password');
        await cognito.call(
          operation,
          operation === 'GlobalSignOut' ? { AccessToken: one.AccessToken } : cognito.who,
        );
        for (const { RefreshToken } of [one, two]) {
          assert.equal(await cognito.refusal('InitiateAuth', cognito.refresh(RefreshToken)), revoked);
        }
        assert.equal(
          await cognito.refusal('GetUser', { AccessToken: two.AccessToken }),
          'NotAuthorizedException: Access Token has been revoked',
        );
        // API Gateway only checks the signature and the time.
        assert.deepEqual(await cognito.tokens.checkIdToken(cognito.userPoolId, two.IdToken), {
          ok: true,
          username: 'ann',
        });
        await cognito.call('GetUser', { AccessToken: bob.AccessToken });
        await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      }
    });
  });

  describe('GetUser', () => {
    it('shows what the client may read', async () => {
      const cognito = await setup({ ReadAttributes: ['email'] });
      await cognito.call('AdminUpdateUserAttributes', {
        ...cognito.who,
        UserAttributes: [{ Name: 'name', Value: 'Ann' }],
      });
      const { AccessToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      const user = await cognito.call<{ Username: string; UserAttributes: { Name: string }[] }>('GetUser', {
        AccessToken,
      });
      assert.equal(user.Username, 'ann');
      assert.deepEqual(
        user.UserAttributes.map(({ Name }) => Name),
        ['sub', 'email'],
      );
    });

    it('refuses an id token, a made-up one and an expired one', async () => {
      const cognito = await setup();
      const { AccessToken, IdToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      const invalid = 'NotAuthorizedException: Invalid Access Token';
      assert.equal(await cognito.refusal('GetUser', { AccessToken: IdToken }), invalid);
      assert.equal(await cognito.refusal('GetUser', { AccessToken: 'made.up.token' }), invalid);
      assert.equal(
        await cognito.refusal('GetUser', { AccessToken: `${AccessToken.slice(0, -4)}AAAA` }),
        invalid,
      );
      cognito.context.clock.advance(3_600_000);
      assert.equal(
        await cognito.refusal('GetUser', { AccessToken }),
        'NotAuthorizedException: Access Token has expired',
      );
    });

    it('refuses a disabled user', async () => {
      const cognito = await setup();
      const { AccessToken } = await signInPlain(cognito, cognito.ClientId, 'ann', 'Password');
      await cognito.call('AdminDisableUser', cognito.who);
      assert.equal(
        await cognito.refusal('GetUser', { AccessToken }),
        'NotAuthorizedException: User is disabled.',
      );
    });
  });
});
