import assert from 'node:assert/strict';
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Connection } from '../../src/aws/connection.ts';
import { undoPoolChange } from '../../src/cms/cdf/poolSettings.ts';
import type { CdfApi } from '../../src/cms/cdf/api.ts';
import type { PoolChange } from '../../src/cms/contract/credentials.ts';
import { connectTo, errorOf, person, openCdf } from '../support/cms.ts';
import { startSandbox } from '../support/sandbox.ts';
import type { SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';
import { english } from '../../src/core/wording.ts';

const create = { create: true };

describe('signing in to CMS v1', () => {
  const { signal } = new AbortController();
  let sandbox: SandboxProcess;
  let connection: Connection;
  let cms: CdfApi;
  let UserPoolId: string;
  let ClientId: string;

  before(async () => {
    sandbox = await startSandbox({ args: ['--asset-library-auth', 'cognito'] });
  });
  after(() => sandbox.stop());
  beforeEach(async () => {
    await sandbox.reset();
    connection = await connectTo(sandbox);
    cms = await openCdf(connection, signal);
    UserPoolId = cms.stack.outputs.UserPoolId!;
    ClientId = cms.stack.outputs.UserPoolClientId!;
  });
  afterEach(() => connection.dispose());

  async function settings() {
    const client = await connection.cognito();
    const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }));
    const app = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
    const pool = { ...UserPool!, LastModifiedDate: undefined, EstimatedNumberOfUsers: undefined };
    return { pool, app: app.UserPoolClient };
  }
  const statusOf = async (Username: string) =>
    (await (await connection.cognito()).send(new AdminGetUserCommand({ UserPoolId, Username }))).UserStatus;

  it('makes the user once and changes nothing in the pool', async () => {
    const before = await settings();
    assert.equal(await cms.signIn(person, create, signal), 'created');
    assert.equal(await cms.signIn(person, create, signal), 'found');
    assert.equal(await statusOf(person.username), 'CONFIRMED');
    assert.deepEqual(await settings(), before);
    assert.equal(await cms.vehicle('X', signal), undefined);
  });

  it('needs a sign-in before anything else', async () => {
    assert.equal((await errorOf(cms.vehicle('X', signal))).code, 'CMS_UNAUTHORIZED');
  });

  it('says that the password or the user is wrong', async () => {
    assert.equal((await errorOf(cms.signIn(person, { create: false }, signal))).code, 'SIGN_IN_FAILED');
    await cms.signIn(person, create, signal);
    const error = await errorOf(cms.signIn({ ...person, password: 'Wrong12345' }, { create: false }, signal));
    assert.equal(error.code, 'SIGN_IN_FAILED');
    assert.ok(!JSON.stringify([error.message, error.remedy, error.details]).includes('Wrong12345'));
  });

  it('does not reset the password of a user that exists', async () => {
    await cms.signIn(person, create, signal);
    const error = await errorOf(cms.signIn({ ...person, password: 'Another1234' }, create, signal));
    assert.equal(error.code, 'USER_HAS_OTHER_PASSWORD');
    assert.equal(await cms.signIn(person, create, signal), 'found');
  });

  it('refuses a weak password before it makes the user', async () => {
    const error = await errorOf(cms.signIn({ ...person, password: 'weak' }, create, signal));
    assert.equal(error.code, 'PASSWORD_TOO_WEAK');
    assert.match(error.message, /at least 8 characters, an upper-case letter/);
    assert.equal((await errorOf(cms.checkPassword('weak', signal))).code, 'PASSWORD_TOO_WEAK');
    await assert.rejects(statusOf(person.username));
    await cms.checkPassword(person.password, signal);
  });

  it('tells the rules for the password of a new user before it is made, and none for one that exists', async () => {
    const rules = await cms.passwordRules('newcomer', signal);
    assert.match(
      english(rules?.needs ?? ''),
      /^at least 8 characters, an upper-case letter, a lower-case letter$/,
    );
    assert.match(english(rules?.problem('weakling') ?? ''), /^The password needs an upper-case letter\.$/);
    assert.equal(rules?.problem(person.password), undefined);
    await cms.signIn(person, create, signal);
    assert.equal(await cms.passwordRules(person.username, signal), undefined);
  });

  it('refuses a name that looks like an e-mail address', async () => {
    const error = await errorOf(cms.signIn({ ...person, username: 'a@example.com' }, create, signal));
    assert.equal(error.code, 'REQUEST_INVALID');
  });

  it('says that another user has the e-mail address', async () => {
    await cms.signIn({ ...person, email: 'same@example.com' }, create, signal);
    const error = await errorOf(
      cms.signIn(
        { username: 'second', password: person.password, email: 'same@example.com' },
        create,
        signal,
      ),
    );
    assert.equal(error.code, 'REQUEST_INVALID');
    assert.match(error.message, /same@example\.com/);
  });

  describe('a user that must choose a new password', () => {
    const admin = { username: 'admin', password: 'Temporary1' };
    beforeEach(async () => {
      await (
        await connection.cognito()
      ).send(
        new AdminSetUserPasswordCommand({
          UserPoolId,
          Username: 'admin',
          Password: admin.password,
          Permanent: false,
        }),
      );
    });

    it('is asked for it', async () => {
      const newPassword = () => Promise.resolve('Permanent1');
      assert.equal(await cms.signIn({ ...admin, newPassword }, create, signal), 'repaired');
      assert.equal(await statusOf('admin'), 'CONFIRMED');
      assert.equal(await cms.signIn({ ...admin, password: 'Permanent1' }, create, signal), 'found');
    });

    it('gets a challenge with a name when nobody can be asked', async () => {
      const error = await errorOf(cms.signIn(admin, create, signal));
      assert.equal(error.code, 'SIGN_IN_CHALLENGE');
      assert.equal(error.details.challenge, 'NEW_PASSWORD_REQUIRED');
      assert.equal(await statusOf('admin'), 'FORCE_CHANGE_PASSWORD');
    });

    it('may not choose a weak one', async () => {
      const newPassword = () => Promise.resolve('weak');
      const error = await errorOf(cms.signIn({ ...admin, newPassword }, create, signal));
      assert.equal(error.code, 'PASSWORD_TOO_WEAK');
    });

    it('is not given the password somebody wishes for it', async () => {
      const error = await errorOf(cms.signIn({ ...admin, password: 'Wished1234' }, create, signal));
      assert.equal(error.code, 'USER_HAS_OTHER_PASSWORD');
      assert.equal(await statusOf('admin'), 'FORCE_CHANGE_PASSWORD');
    });
  });

  it('finishes a user that an earlier run left half made', async () => {
    await sandbox.fault({
      operation: 'cognito-idp:AdminSetUserPassword',
      action: { kind: 'error', code: 'InvalidParameterException', message: 'crash', status: 400 },
    });
    await errorOf(cms.signIn(person, create, signal));
    assert.equal(await statusOf(person.username), 'FORCE_CHANGE_PASSWORD');
    const other = await errorOf(cms.signIn({ ...person, password: 'Another1234' }, create, signal));
    assert.equal(other.code, 'USER_HAS_OTHER_PASSWORD');
    assert.equal(await cms.signIn(person, create, signal), 'repaired');
    assert.equal(await cms.signIn(person, create, signal), 'found');
  });

  it('finishes no user that somebody else invited', async () => {
    await (
      await connection.cognito()
    ).send(
      new AdminCreateUserCommand({ UserPoolId, Username: person.username, TemporaryPassword: 'Invited1234' }),
    );
    assert.equal((await errorOf(cms.signIn(person, create, signal))).code, 'USER_HAS_OTHER_PASSWORD');
  });

  it('renews an expired token by itself', async () => {
    await cms.signIn(person, create, signal);
    await sandbox.advanceClock(61 * 60_000);
    assert.equal(await cms.vehicle('X', signal), undefined);
    await Promise.all([1, 2, 3].map(() => cms.vehicle('X', signal)));
  });

  it('says that the sign-in has ended when the refresh token is spent', async () => {
    await cms.signIn(person, create, signal);
    await sandbox.advanceClock(25 * 3_600_000);
    const error = await errorOf(cms.vehicle('X', signal));
    assert.equal(error.code, 'CMS_UNAUTHORIZED');
    assert.match(english(error.remedy ?? ''), /Sign in again/);
  });

  it('knows that this asset library wants a token', async () => {
    assert.equal(await cms.assetLibraryOpen(signal), false);
  });

  describe('by self sign-up', () => {
    const self = { ...person, email: 'self@example.com', options: { signInMode: 'self-sign-up' } };

    it('leaves the pool as it was, and tells what it was', async () => {
      const before = await settings();
      const kept: PoolChange[] = [];
      const keepPoolChange = (change: PoolChange) => void kept.push(change);
      assert.equal(await cms.signIn({ ...self, keepPoolChange }, create, signal), 'created');
      assert.equal(await cms.signIn(self, create, signal), 'found');
      assert.deepEqual(await settings(), before);
      assert.equal(kept.length, 1);
      assert.equal(kept[0]!.userPoolId, UserPoolId);
      await undoPoolChange(connection, kept[0]!, signal);
      assert.deepEqual(await settings(), before);
    });

    it('closes the pool again when the sign-up fails', async () => {
      const before = await settings();
      await sandbox.fault({
        operation: 'cognito-idp:SignUp',
        action: { kind: 'error', code: 'InvalidParameterException', message: 'no', status: 400 },
      });
      assert.equal((await errorOf(cms.signIn(self, create, signal))).code, 'REQUEST_INVALID');
      assert.deepEqual(await settings(), before);
    });

    it('closes the pool again when cancelled', async () => {
      const before = await settings();
      const control = new AbortController();
      await sandbox.fault({ operation: 'cognito-idp:SignUp', action: { kind: 'hang' } });
      const work = errorOf(cms.signIn(self, create, control.signal));
      const open = async () => !(await settings()).pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly;
      await until('the open pool', open);
      control.abort();
      assert.equal((await work).code, 'CANCELLED');
      assert.deepEqual(await settings(), before);
    });

    it('goes on when the answer to the confirmation was lost', async () => {
      const action = { kind: 'reset', when: 'after' };
      await sandbox.fault({ operation: 'cognito-idp:AdminConfirmSignUp', action });
      assert.equal(await cms.signIn(self, create, signal), 'created');
    });

    it('starts over with a user that was never confirmed', async () => {
      const kept: PoolChange[] = [];
      await sandbox.fault({
        operation: 'cognito-idp:AdminConfirmSignUp',
        action: { kind: 'error', code: 'InternalErrorException', message: 'crash', status: 400 },
      });
      const keepPoolChange = (change: PoolChange) => void kept.push(change);
      await errorOf(cms.signIn({ ...self, keepPoolChange }, create, signal));
      assert.equal(await statusOf(person.username), 'UNCONFIRMED');
      for (const password of [person.password, 'Another1234']) {
        const error = await errorOf(cms.signIn({ ...person, password }, create, signal));
        assert.equal(error.code, 'SIGN_IN_FAILED');
        assert.match(english(error.sentence), /never confirmed/);
        assert.match(english(error.remedy!), /"self-sign-up"/);
      }
      // As reported of AWS once: the password of an unconfirmed user is looked at first.
      await sandbox.fault({
        operation: 'cognito-idp:RespondToAuthChallenge',
        action: {
          kind: 'error',
          code: 'NotAuthorizedException',
          message: 'Incorrect username or password.',
          status: 400,
        },
      });
      const looked = await errorOf(cms.signIn(person, create, signal));
      assert.match(english(looked.sentence), /never confirmed/);
      assert.equal(await cms.signIn(self, create, signal), 'repaired');
    });

    it('cannot be done by others afterwards', async () => {
      await cms.signIn(self, create, signal);
      await assert.rejects(
        (await connection.cognito()).send(
          new SignUpCommand({ ClientId, Username: 'stranger', Password: 'Stranger1234' }),
        ),
        { name: 'NotAuthorizedException' },
      );
    });
  });
});
