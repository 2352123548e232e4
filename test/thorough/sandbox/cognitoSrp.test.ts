import assert from 'node:assert/strict';
import { getDiffieHellman } from 'node:crypto';
import { createSrpSession, signSrpSession } from 'cognito-srp-helper';
import fc from 'fast-check';
import { createPasswordRecord, passwordMatches } from '../../../src/sandbox/services/cognito/srp.ts';
import { createCognitoHarness, plainFlows } from '../../unit/sandbox/cognitoHarness.ts';

const wrong = 'NotAuthorizedException: Incorrect username or password.';

interface Challenge {
  ChallengeName: string;
  Session?: string;
  ChallengeParameters: Record<string, string>;
}

/** The client's half is another implementation of the protocol: the npm package cognito-srp-helper. */
describe('cognito sign-in with SRP', () => {
  const setup = async (settings?: Record<string, unknown>) => {
    const cognito = createCognitoHarness();
    const ClientId = settings === undefined ? cognito.clientId : await cognito.addClient(settings);
    await cognito.addUser('ann', 'Password');

    const start = (username: string, password: string) => {
      const session = createSrpSession(username, password, cognito.userPoolId, false);
      const input = {
        AuthFlow: 'USER_SRP_AUTH',
        ClientId,
        AuthParameters: { USERNAME: username, SRP_A: session.largeA },
      };
      return { session, input };
    };
    const prove = (session: ReturnType<typeof createSrpSession>, challenge: Challenge) => {
      const signed = signSrpSession(session, { ...challenge, $metadata: {} } as never);
      return {
        ClientId,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: {
          USERNAME: challenge.ChallengeParameters.USER_ID_FOR_SRP ?? '',
          PASSWORD_CLAIM_SECRET_BLOCK: signed.secret,
          PASSWORD_CLAIM_SIGNATURE: signed.passwordSignature,
          TIMESTAMP: signed.timestamp,
        },
      };
    };
    /** The input that finishes a sign-in begun with these credentials. */
    const proof = async (username: string, password: string) => {
      const { session, input } = start(username, password);
      return prove(session, await cognito.call<Challenge>('InitiateAuth', input));
    };
    return { ...cognito, ClientId, start, prove, proof };
  };

  it("gives tokens through the stack's own client", async () => {
    const { call, proof } = await setup();
    const answer = await call<{ AuthenticationResult: Record<string, unknown> }>(
      'RespondToAuthChallenge',
      await proof('ann', 'Password'),
    );
    assert.deepEqual(Object.keys(answer.AuthenticationResult).sort(), [
      'AccessToken',
      'ExpiresIn',
      'IdToken',
      'RefreshToken',
      'TokenType',
    ]);
  });

  it('answers the first step with what a client needs', async () => {
    const { call, start } = await setup();
    const challenge = await call<Challenge>('InitiateAuth', start('ann', 'Password').input);
    assert.equal(challenge.ChallengeName, 'PASSWORD_VERIFIER');
    const parameters = challenge.ChallengeParameters;
    assert.deepEqual(Object.keys(parameters).sort(), [
      'SALT',
      'SECRET_BLOCK',
      'SRP_B',
      'USERNAME',
      'USER_ID_FOR_SRP',
    ]);
    assert.equal(parameters.USER_ID_FOR_SRP, 'ann');
    assert.match(parameters.SALT ?? '', /^[0-9a-f]+$/);
    assert.match(parameters.SRP_B ?? '', /^[0-9a-f]{700,768}$/);
  });

  it('signs in by verified email: the id for SRP is the username', async () => {
    const { call, start, prove } = await setup();
    const { session, input } = start('ann@example.com', 'Password');
    const challenge = await call<Challenge>('InitiateAuth', input);
    assert.equal(challenge.ChallengeParameters.USER_ID_FOR_SRP, 'ann');
    assert.ok((await call('RespondToAuthChallenge', prove(session, challenge))).AuthenticationResult);
  });

  it('works again and again, whatever the random values', async () => {
    const { call, proof } = await setup();
    for (let i = 0; i < 10; i++) {
      const answer = await call('RespondToAuthChallenge', await proof('ann', 'Password'));
      assert.ok(answer.AuthenticationResult);
    }
  });

  it('works for passwords and names beyond ASCII', async () => {
    const { call, addUser, proof } = await setup();
    await addUser('zoë', 'Pässwörter 密码', 'zoe@example.com');
    assert.ok(
      (await call('RespondToAuthChallenge', await proof('zoë', 'Pässwörter 密码'))).AuthenticationResult,
    );
  });

  it('works for administrators', async () => {
    const { call, start, prove, userPoolId } = await setup();
    const { session, input } = start('ann', 'Password');
    const challenge = await call<Challenge>('AdminInitiateAuth', { ...input, UserPoolId: userPoolId });
    const answer = await call('AdminRespondToAuthChallenge', {
      ...prove(session, challenge),
      UserPoolId: userPoolId,
    });
    assert.ok(answer.AuthenticationResult);
  });

  it('refuses a wrong password', async () => {
    const { refusal, proof } = await setup();
    assert.equal(await refusal('RespondToAuthChallenge', await proof('ann', 'password')), wrong);
  });

  it('takes a proof once', async () => {
    const { call, refusal, proof } = await setup();
    const input = await proof('ann', 'Password');
    await call('RespondToAuthChallenge', input);
    assert.equal(
      await refusal('RespondToAuthChallenge', input),
      'NotAuthorizedException: Invalid session for the user, session can only be used once.',
    );
  });

  it('takes one guess for each challenge', async () => {
    const { call, refusal, start, prove } = await setup();
    const bad = start('ann', 'guess');
    const challenge = await call<Challenge>('InitiateAuth', bad.input);
    assert.equal(await refusal('RespondToAuthChallenge', prove(bad.session, challenge)), wrong);
    assert.match(
      await refusal('RespondToAuthChallenge', prove(bad.session, challenge)),
      /session can only be used once/,
    );
  });

  it('takes a secret block only for its user and client, and for three minutes', async () => {
    const { refusal, addUser, addClient, proof, context } = await setup();
    await addUser('bob', 'Password');
    const input = await proof('ann', 'Password');
    const other = await addClient({});
    const invalid = 'NotAuthorizedException: Invalid session for the user.';
    assert.equal(await refusal('RespondToAuthChallenge', { ...input, ClientId: other }), invalid);
    const responses = input.ChallengeResponses;
    assert.equal(
      await refusal('RespondToAuthChallenge', {
        ...input,
        ChallengeResponses: { ...responses, PASSWORD_CLAIM_SECRET_BLOCK: 'bWFkZSB1cA==' },
      }),
      invalid,
    );
    assert.equal(
      await refusal('RespondToAuthChallenge', {
        ...input,
        ChallengeResponses: { ...responses, USERNAME: 'bob' },
      }),
      wrong,
    );
    const late = await proof('ann', 'Password');
    context.clock.advance(180_000);
    assert.equal(
      await refusal('RespondToAuthChallenge', late),
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
  });

  it('refuses a proof over another time than the one given', async () => {
    const { refusal, proof } = await setup();
    const input = await proof('ann', 'Password');
    const TIMESTAMP = 'Wed May 1 12:00:00 UTC 2019';
    assert.equal(
      await refusal('RespondToAuthChallenge', {
        ...input,
        ChallengeResponses: { ...input.ChallengeResponses, TIMESTAMP },
      }),
      wrong,
    );
  });

  it('wants the time in the form of the Java world', async () => {
    const { refusal, proof } = await setup();
    const input = await proof('ann', 'Password');
    for (const TIMESTAMP of [
      '2024-05-01T12:00:00Z',
      'Wed May 01 12:00:00 UTC 2024',
      'Mi Mai 1 12:00:00 UTC 2024',
    ]) {
      assert.equal(
        await refusal('RespondToAuthChallenge', {
          ...input,
          ChallengeResponses: { ...input.ChallengeResponses, TIMESTAMP },
        }),
        'InvalidParameterException: TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.',
      );
    }
  });

  it('names the response that is missing', async () => {
    const { refusal, ClientId } = await setup();
    assert.equal(
      await refusal('RespondToAuthChallenge', {
        ClientId,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: { USERNAME: 'ann' },
      }),
      'InvalidParameterException: Missing required parameter PASSWORD_CLAIM_SECRET_BLOCK',
    );
  });

  it('refuses public values that would give the password away', async () => {
    const { refusal, ClientId } = await setup();
    const prime = getDiffieHellman('modp15').getPrime('hex');
    for (const SRP_A of ['0', '000', prime, `${prime}00`, 'xyz', '-1']) {
      assert.equal(
        await refusal('InitiateAuth', {
          AuthFlow: 'USER_SRP_AUTH',
          ClientId,
          AuthParameters: { USERNAME: 'ann', SRP_A },
        }),
        'InvalidParameterException: Invalid value for SRP_A.',
      );
    }
    assert.equal(
      await refusal('InitiateAuth', {
        AuthFlow: 'USER_SRP_AUTH',
        ClientId,
        AuthParameters: { USERNAME: 'ann' },
      }),
      'InvalidParameterException: Missing required parameter SRP_A',
    );
  });

  it('asks for a new password after a temporary one is proven', async () => {
    const { call, proof, userPoolId, ClientId } = await setup();
    await call('AdminSetUserPassword', { UserPoolId: userPoolId, Username: 'admin', Password: 'Temporary' });
    const challenge = await call<Challenge>('RespondToAuthChallenge', await proof('admin', 'Temporary'));
    assert.equal(challenge.ChallengeName, 'NEW_PASSWORD_REQUIRED');
    await call('RespondToAuthChallenge', {
      ClientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: challenge.Session,
      ChallengeResponses: {
        USERNAME: challenge.ChallengeParameters.USER_ID_FOR_SRP,
        NEW_PASSWORD: 'Permanent',
      },
    });
    const answer = await call('RespondToAuthChallenge', await proof('admin', 'Permanent'));
    assert.ok(answer.AuthenticationResult);
  });

  it('refuses a user disabled between the two steps', async () => {
    const { call, refusal, proof, userPoolId } = await setup();
    const input = await proof('ann', 'Password');
    await call('AdminDisableUser', { UserPoolId: userPoolId, Username: 'ann' });
    assert.equal(await refusal('RespondToAuthChallenge', input), 'NotAuthorizedException: User is disabled.');
  });

  it('counts wrong proofs towards the lock-out', async () => {
    const { refusal, start, proof } = await setup();
    for (let i = 0; i < 5; i++) {
      assert.equal(await refusal('RespondToAuthChallenge', await proof('ann', 'guess')), wrong);
    }
    assert.equal(
      await refusal('InitiateAuth', start('ann', 'Password').input),
      'NotAuthorizedException: Password attempts exceeded',
    );
  });

  describe('for an unknown user', () => {
    it('says so where the client allows it', async () => {
      const { refusal, start } = await setup();
      assert.equal(
        await refusal('InitiateAuth', start('nobody', 'Password').input),
        'UserNotFoundException: User does not exist.',
      );
    });

    it('otherwise plays along, with the same salt and id each time, and refuses the proof', async () => {
      const { call, refusal, start, prove } = await setup({
        ExplicitAuthFlows: plainFlows,
        PreventUserExistenceErrors: 'ENABLED',
      });
      const { session, input } = start('nobody', 'Password');
      const first = await call<Challenge>('InitiateAuth', input);
      const second = await call<Challenge>('InitiateAuth', input);
      for (const name of ['SALT', 'USER_ID_FOR_SRP']) {
        assert.equal(first.ChallengeParameters[name], second.ChallengeParameters[name]);
      }
      assert.match(
        first.ChallengeParameters.USER_ID_FOR_SRP ?? '',
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      );
      assert.equal(await refusal('RespondToAuthChallenge', prove(session, first)), wrong);
    });
  });

  describe('its password records', () => {
    it('match their password and no other, for any text', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (password, other) => {
          const record = createPasswordRecord('us-west-2_abc', 'ann', password);
          assert.ok(passwordMatches(record, 'us-west-2_abc', 'ann', password));
          assert.equal(passwordMatches(record, 'us-west-2_abc', 'ann', other), other === password);
          assert.ok(!passwordMatches(record, 'us-west-2_abc', 'bob', password));
          assert.ok(!passwordMatches(record, 'us-west-2_xyz', 'ann', password));
        }),
        { numRuns: 20 },
      );
    });

    it('are salted', () => {
      const one = createPasswordRecord('us-west-2_abc', 'ann', 'Password');
      const two = createPasswordRecord('us-west-2_abc', 'ann', 'Password');
      assert.notEqual(one.salt, two.salt);
      assert.notEqual(one.verifier, two.verifier);
    });
  });
});
