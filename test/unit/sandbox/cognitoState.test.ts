import assert from 'node:assert/strict';
import { createCognito } from '../../../src/sandbox/services/cognito/cognito.ts';
import { createMemoryStore } from '../../support/sandboxContext.ts';
import { cognitoRequest, createCognitoHarness, plainFlows, signInPlain } from './cognitoHarness.ts';

describe('cognito state', () => {
  it('gives every stack a pool and client of its own', () => {
    const { pools } = createCognitoHarness();
    const [one, two] = [pools.poolOf('cms-dev1'), pools.poolOf('cms-dev2')];
    assert.notEqual(one.userPoolId, two.userPoolId);
    assert.notEqual(one.clientId, two.clientId);
    assert.deepEqual(pools.poolOf('cms-dev2'), two);
    assert.equal(two.userPoolArn, `arn:aws:cognito-idp:us-west-2:123456789012:userpool/${two.userPoolId}`);
  });

  it('keeps users, clients, keys and sign-ins over a restart @slow', async () => {
    const before = createCognitoHarness({}, { ownKey: true });
    const ClientId = await before.addClient({ ExplicitAuthFlows: plainFlows });
    await before.addUser('ann', 'Password');
    const tokens = await signInPlain(before, ClientId, 'ann', 'Password');
    await before.call('AdminSetUserPassword', {
      UserPoolId: before.userPoolId,
      Username: 'admin',
      Password: 'Permanent',
      Permanent: true,
    });

    const after = createCognitoHarness({ store: before.context.store }, { ownKey: true });
    assert.deepEqual(after.pools.poolOf('cms-dev1'), before.pools.poolOf('cms-dev1'));
    assert.deepEqual(await after.tokens.checkIdToken(after.userPoolId, tokens.IdToken), {
      ok: true,
      username: 'ann',
    });
    await signInPlain(after, ClientId, 'admin', 'Permanent');
    await after.call('InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId,
      AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
    });
  });

  it('starts afresh after a reset, under the same ids', async () => {
    const cognito = createCognitoHarness();
    const before = cognito.pools.poolOf('cms-dev1');
    await cognito.addUser('ann', 'Password');
    await cognito.call('UpdateUserPool', { UserPoolId: cognito.userPoolId });
    cognito.context.store.reset();
    cognito.seed();
    assert.deepEqual(cognito.pools.poolOf('cms-dev1'), before);
    const { Users } = await cognito.call<{ Users: { Username: string }[] }>('ListUsers', {
      UserPoolId: cognito.userPoolId,
    });
    assert.deepEqual(
      Users.map(({ Username }) => Username),
      ['admin'],
    );
    const { UserPool } = await cognito.call<{ UserPool: Record<string, unknown> }>('DescribeUserPool', {
      UserPoolId: cognito.userPoolId,
    });
    assert.deepEqual(UserPool.UserPoolAddOns, { AdvancedSecurityMode: 'ENFORCED' });
  });

  it('holds no password and no refresh token in clear', async () => {
    const written = new Map<string, unknown[]>();
    const store = createMemoryStore();
    const spying: typeof store = {
      ...store,
      table<T>(name: string, options?: { volatile?: boolean }) {
        const table = store.table<T>(name, options);
        return {
          ...table,
          get size() {
            return table.size;
          },
          set: (key: string, value: T) => {
            written.set(name, [...(written.get(name) ?? []), key, value]);
            table.set(key, value);
          },
        };
      },
    };
    const cognito = createCognitoHarness({ store: spying });
    const ClientId = await cognito.addClient({ ExplicitAuthFlows: plainFlows });
    await cognito.addUser('ann', 'Sesame-Open1');
    const { RefreshToken, IdToken } = await signInPlain(cognito, ClientId, 'ann', 'Sesame-Open1');
    const all = JSON.stringify([...written]);
    assert.ok(all.includes('ann@example.com'));
    for (const secret of ['Sesame-Open1', RefreshToken, IdToken]) assert.ok(!all.includes(secret));
    assert.ok(!cognito.context.lines.join('\n').includes('Sesame-Open1'));
  });

  it('forgets what has expired', async () => {
    const cognito = createCognitoHarness();
    const ClientId = await cognito.addClient({ ExplicitAuthFlows: plainFlows, RefreshTokenValidity: 1 });
    await cognito.addUser('ann', 'Password');
    const sizes = () =>
      ['cognito.refresh', 'cognito.challenges', 'cognito.revokedOrigins'].map(
        (name) => cognito.context.store.table(name).size,
      );
    const fill = async () => {
      await cognito.call('InitiateAuth', {
        AuthFlow: 'USER_SRP_AUTH',
        ClientId,
        AuthParameters: { USERNAME: 'ann', SRP_A: 'abc' },
      });
      const { RefreshToken } = await signInPlain(cognito, ClientId, 'ann', 'Password');
      await cognito.call('RevokeToken', { Token: RefreshToken, ClientId });
    };
    await fill();
    assert.deepEqual(sizes(), [1, 1, 1]);
    cognito.context.clock.advance(2 * 86_400_000);
    await fill();
    assert.deepEqual(sizes(), [1, 1, 1]);
  });
});

describe('cognito service', () => {
  const request = (target: string) => cognitoRequest({ headers: { 'x-amz-target': target } });

  it('knows its operations by the target header', () => {
    const { service } = createCognitoHarness();
    assert.equal(service.name, 'cognito-idp');
    assert.equal(service.operation(request('AWSCognitoIdentityProviderService.SignUp')), 'SignUp');
    for (const target of [
      'AWSCognitoIdentityProviderService.CreateUserPool',
      'AWSCognitoIdentityProviderService.constructor',
      'AWSCognitoIdentityProviderService.GET jwks.json',
      'SomethingElse.SignUp',
      'SignUp',
    ]) {
      assert.equal(service.operation(request(target)), undefined, target);
    }
  });

  it('knows its public documents by their path only', () => {
    const { service, userPoolId } = createCognitoHarness();
    const operation = (method: string, path: string) => service.operation(cognitoRequest({ method, path }));
    assert.equal(operation('GET', `/${userPoolId}/.well-known/jwks.json`), 'GET jwks.json');
    assert.equal(
      operation('GET', `/${userPoolId}/.well-known/openid-configuration`),
      'GET openid-configuration',
    );
    assert.equal(operation('POST', `/${userPoolId}/.well-known/jwks.json`), undefined);
    assert.equal(operation('GET', `/x/${userPoolId}/.well-known/jwks.json`), undefined);
    assert.equal(operation('GET', '/.well-known/jwks.json'), undefined);
    assert.equal(operation('POST', '/'), undefined);
  });

  it('lets exactly the operations of people without an AWS account be unsigned', () => {
    const { service } = createCognitoHarness();
    for (const name of [
      'SignUp',
      'ConfirmSignUp',
      'ResendConfirmationCode',
      'ForgotPassword',
      'ConfirmForgotPassword',
      'InitiateAuth',
      'RespondToAuthChallenge',
      'GetUser',
      'GlobalSignOut',
      'RevokeToken',
      'GET jwks.json',
    ]) {
      assert.ok(service.unsigned(name), name);
    }
    for (const name of [
      'AdminInitiateAuth',
      'AdminRespondToAuthChallenge',
      'AdminCreateUser',
      'DescribeUserPool',
      'UpdateUserPoolClient',
      'ListUsers',
      'toString',
      'nothing',
    ]) {
      assert.ok(!service.unsigned(name), name);
    }
  });

  it('puts an error of the edge into its own shape', () => {
    const { service } = createCognito(createCognitoHarness().context);
    const answer = service.error(
      { code: 'TooManyRequestsException', message: 'Rate exceeded', status: 400 },
      request(''),
    );
    assert.equal(answer.status, 400);
    assert.equal(answer.headers?.['content-type'], 'application/x-amz-json-1.1');
    assert.equal(answer.headers['x-amzn-errortype'], 'TooManyRequestsException:');
    assert.deepEqual(JSON.parse(String(answer.body)), {
      __type: 'TooManyRequestsException',
      message: 'Rate exceeded',
    });
  });
});
