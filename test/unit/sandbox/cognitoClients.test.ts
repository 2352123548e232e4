import assert from 'node:assert/strict';
import { createCognitoHarness } from './cognitoHarness.ts';

type Client = Record<string, unknown> & { ClientId: string };

describe('cognito app clients', () => {
  const setup = () => {
    const cognito = createCognitoHarness();
    const ids = { UserPoolId: cognito.userPoolId, ClientId: cognito.clientId };
    const describeClient = async (ClientId = cognito.clientId): Promise<Client> =>
      (await cognito.call<{ UserPoolClient: Client }>('DescribeUserPoolClient', { ...ids, ClientId }))
        .UserPoolClient;
    const create = (settings: Record<string, unknown>) => ({
      UserPoolId: cognito.userPoolId,
      ClientName: 'mine',
      ...settings,
    });
    return { ...cognito, ids, describeClient, create };
  };

  it('has the settings of the CMS template @slow', async () => {
    const { describeClient, userPoolId, clientId } = setup();
    const client = await describeClient();
    assert.match(clientId, /^[a-z0-9]{26}$/);
    assert.equal(client.ClientName, 'client-website-123456789012');
    assert.equal(client.UserPoolId, userPoolId);
    assert.equal(client.ClientSecret, undefined);
    assert.equal(client.ExplicitAuthFlows, undefined);
    assert.equal(client.RefreshTokenValidity, 1);
    assert.equal(client.IdTokenValidity, undefined);
    assert.deepEqual(client.WriteAttributes, ['address', 'email', 'phone_number']);
    assert.equal((client.ReadAttributes as string[]).length, 11);
    assert.equal(client.AllowedOAuthFlowsUserPoolClient, false);
    assert.equal(client.EnableTokenRevocation, true);
  });

  it('refuses a client that does not exist, or belongs to another pool @slow', async () => {
    const cognito = createCognitoHarness({}, { stacks: ['cms-dev1', 'cms-dev2'] });
    const other = cognito.pools.poolOf('cms-dev2').clientId;
    for (const ClientId of ['nosuchclient', other]) {
      assert.equal(
        await cognito.refusal('DescribeUserPoolClient', { UserPoolId: cognito.userPoolId, ClientId }),
        `ResourceNotFoundException: User pool client ${ClientId} does not exist.`,
      );
    }
  });

  it('lists the clients of one pool in pages @slow', async () => {
    const { call, addClient, userPoolId, clientId, pools } = setup();
    pools.poolOf('cms-dev2');
    const second = await addClient({});
    const names = { [clientId]: 'client-website-123456789012', [second]: 'test-client' };
    const [one = '', two = ''] = [clientId, second].sort();
    const first = await call('ListUserPoolClients', { UserPoolId: userPoolId, MaxResults: 1 });
    assert.deepEqual(first.UserPoolClients, [
      { ClientId: one, UserPoolId: userPoolId, ClientName: names[one] },
    ]);
    const last = await call('ListUserPoolClients', {
      UserPoolId: userPoolId,
      NextToken: first.NextToken,
    });
    assert.deepEqual(last, {
      UserPoolClients: [{ ClientId: two, UserPoolId: userPoolId, ClientName: names[two] }],
    });
  });

  it('gives a new client the defaults of the service', async () => {
    const { call, create, describeClient } = setup();
    const { UserPoolClient } = await call<{ UserPoolClient: Client }>('CreateUserPoolClient', create({}));
    assert.equal(UserPoolClient.RefreshTokenValidity, 30);
    assert.equal(UserPoolClient.ClientSecret, undefined);
    assert.deepEqual(await describeClient(UserPoolClient.ClientId), UserPoolClient);
  });

  it('makes a secret when asked', async () => {
    const { call, create } = setup();
    const { UserPoolClient } = await call<{ UserPoolClient: Client }>(
      'CreateUserPoolClient',
      create({ GenerateSecret: true }),
    );
    assert.match(String(UserPoolClient.ClientSecret), /^[a-z0-9]{51}$/);
  });

  it('refuses older and newer flow names in one list', async () => {
    const { refusal, create, ids } = setup();
    const mixed = { ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] };
    assert.match(
      await refusal('CreateUserPoolClient', create(mixed)),
      /^InvalidParameterException: .*cannot be used along with values without ALLOW_ prefix/,
    );
    assert.match(await refusal('UpdateUserPoolClient', { ...ids, ...mixed }), /^InvalidParameterException: /);
  });

  it('refuses a flow name it does not know', async () => {
    const { refusal, create } = setup();
    assert.match(
      await refusal('CreateUserPoolClient', create({ ExplicitAuthFlows: ['ADMIN_USER_PASSWORD_AUTH'] })),
      /^InvalidParameterException: 1 validation error detected: Value 'ADMIN_USER_PASSWORD_AUTH' at 'explicitAuthFlows\.1\.member' failed to satisfy constraint: Member must satisfy enum value set: \[/,
    );
  });

  it('refuses write attributes without the required ones, or with what no client may write', async () => {
    const { refusal, create, ids } = setup();
    for (const WriteAttributes of [['name'], ['email', 'email_verified'], ['email', 'sub'], ['email', 'x']]) {
      assert.equal(
        await refusal('CreateUserPoolClient', create({ WriteAttributes })),
        'InvalidParameterException: Invalid write attributes specified while creating a client',
      );
      assert.equal(
        await refusal('UpdateUserPoolClient', { ...ids, WriteAttributes }),
        'InvalidParameterException: Invalid write attributes specified while updating a client',
      );
    }
    assert.equal(
      await refusal('CreateUserPoolClient', create({ ReadAttributes: ['shoe_size'] })),
      'InvalidParameterException: Invalid read attributes specified while creating a client',
    );
  });

  it('refuses token lifetimes AWS does not offer', async () => {
    const { refusal, create } = setup();
    for (const bad of [
      { IdTokenValidity: 4, TokenValidityUnits: { IdToken: 'minutes' } },
      { AccessTokenValidity: 2, TokenValidityUnits: { AccessToken: 'days' } },
      { RefreshTokenValidity: 59, TokenValidityUnits: { RefreshToken: 'minutes' } },
      { RefreshTokenValidity: 3651 },
    ]) {
      assert.equal(
        await refusal('CreateUserPoolClient', create(bad)),
        'InvalidParameterException: Invalid range for token validity.',
      );
    }
  });

  it('refuses an identity provider the pool does not have', async () => {
    const { refusal, create, userPoolId } = setup();
    assert.equal(
      await refusal('CreateUserPoolClient', create({ SupportedIdentityProviders: ['Google'] })),
      `InvalidParameterException: The provider Google does not exist for User Pool ${userPoolId}.`,
    );
  });

  describe('UpdateUserPoolClient', () => {
    it('resets everything it is not told', async () => {
      const { call, describeClient, ids } = setup();
      const before = await describeClient();
      const flows = ['ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'];
      const { UserPoolClient } = await call<{ UserPoolClient: Client }>('UpdateUserPoolClient', {
        ...ids,
        ExplicitAuthFlows: flows,
      });
      assert.deepEqual(UserPoolClient.ExplicitAuthFlows, flows);
      assert.equal(UserPoolClient.RefreshTokenValidity, 30);
      assert.equal(UserPoolClient.ReadAttributes, undefined);
      assert.equal(UserPoolClient.WriteAttributes, undefined);
      assert.equal(UserPoolClient.ClientName, before.ClientName);
      assert.equal(UserPoolClient.CreationDate, before.CreationDate);
      assert.deepEqual(await describeClient(), UserPoolClient);
    });

    it('keeps everything when the whole document is written back', async () => {
      const { call, describeClient, context } = setup();
      const before = await describeClient();
      context.clock.advance(1000);
      await call('UpdateUserPoolClient', before);
      assert.deepEqual(await describeClient(), {
        ...before,
        LastModifiedDate: context.clock.now() / 1000,
      });
    });

    it('keeps the secret', async () => {
      const { call, addClient, describeClient, ids } = setup();
      const ClientId = await addClient({ GenerateSecret: true });
      const { ClientSecret } = await describeClient(ClientId);
      await call('UpdateUserPoolClient', { ...ids, ClientId });
      assert.equal((await describeClient(ClientId)).ClientSecret, ClientSecret);
    });
  });

  it('deletes a client for good', async () => {
    const { send, refusal, addClient, ids } = setup();
    const ClientId = await addClient({});
    const answer = await send('DeleteUserPoolClient', { ...ids, ClientId });
    assert.deepEqual([answer.status, answer.body], [200, '']);
    assert.match(
      await refusal('DeleteUserPoolClient', { ...ids, ClientId }),
      /^ResourceNotFoundException: User pool client /,
    );
  });
});
