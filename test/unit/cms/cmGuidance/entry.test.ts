import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import type { Session } from '../../../../src/aws/cognito/session.ts';
import { createEntry } from '../../../../src/cms/cmGuidance/entry.ts';
import { systemClock } from '../../../../src/core/work.ts';
import { type Answer, awsError } from '../../aws/iot/fakeIot.ts';

const TOKENS = {
  AuthenticationResult: { IdToken: 'id', AccessToken: 'access', RefreshToken: 'r', ExpiresIn: 3600 },
};
const NEW_PASSWORD = { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's', ChallengeParameters: {} };
const WRONG = awsError('NotAuthorizedException', 'Incorrect username or password.');
const POLICY = { UserPool: { Policies: { PasswordPolicy: { MinimumLength: 8 } } } };

/** Onboarding's sign-in against a Cognito that gives these answers, in their order; and the calls it got. */
async function signIn(given: Record<string, Answer[]>) {
  const sent: string[] = [];
  const answers: Record<string, Answer[]> = { DescribeUserPool: [POLICY], ...given };
  const client = {
    send(command: { constructor: { name: string } }) {
      const name = command.constructor.name.replace(/Command$/, '');
      sent.push(name);
      const left = answers[name] ?? [];
      const answer = (left.length > 1 ? left.shift() : left[0]) ?? {};
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  const connection = { clock: systemClock, cognito: () => Promise.resolve(client) };
  const entry = createEntry(
    { connection: connection as unknown as Connection, userPoolId: 'us-west-2_x', clientId: 'c' },
    { start: () => undefined } as unknown as Session,
    {
      password: () =>
        Promise.resolve({
          username: 'ann@example.com',
          password: 'Testing-1234',
          newPassword: () => Promise.resolve('Testing-5678'),
        }),
    } as unknown as Parameters<typeof createEntry>[2],
    {} as Parameters<typeof createEntry>[3],
  );
  const outcome = await entry.create(new AbortController().signal).catch((error: unknown) => error);
  return { outcome, sent };
}

const CHANGES = ['AdminAddUserToGroup', 'AdminSetUserPassword'];
const changesOf = (sent: readonly string[]) => sent.filter((name) => CHANGES.includes(name));

describe('The user of an onboarding with the Guidance @slow', () => {
  it('who was invited and chooses a password stays in the groups of the invitation', async () => {
    const { outcome, sent } = await signIn({
      AdminGetUser: [{ UserStatus: 'FORCE_CHANGE_PASSWORD' }],
      InitiateAuth: [NEW_PASSWORD],
      RespondToAuthChallenge: [TOKENS],
    });
    assert.equal(outcome, 'repaired');
    assert.deepEqual(changesOf(sent), []);
  });

  it('who was left half-made gets the group, and then the password', async () => {
    const { outcome, sent } = await signIn({
      AdminGetUser: [{ UserStatus: 'FORCE_CHANGE_PASSWORD' }],
      InitiateAuth: [WRONG, NEW_PASSWORD, TOKENS],
    });
    assert.equal(outcome, 'repaired');
    assert.deepEqual(changesOf(sent), CHANGES);
  });

  it('who was made by somebody else a moment before gets neither a group nor another password', async () => {
    const { outcome, sent } = await signIn({
      AdminGetUser: [awsError('UserNotFoundException'), { UserStatus: 'CONFIRMED' }],
      AdminCreateUser: [awsError('UsernameExistsException')],
      InitiateAuth: [WRONG],
    });
    assert.equal((outcome as { code?: string }).code, 'USER_HAS_OTHER_PASSWORD');
    assert.deepEqual(changesOf(sent), []);
  });

  it('who is missing is made, with the group before the password', async () => {
    const { outcome, sent } = await signIn({
      AdminGetUser: [awsError('UserNotFoundException')],
      AdminCreateUser: [{}],
      InitiateAuth: [TOKENS],
    });
    assert.equal(outcome, 'created');
    assert.deepEqual(changesOf(sent), CHANGES);
  });
});
