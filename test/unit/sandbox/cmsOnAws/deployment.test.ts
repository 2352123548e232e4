import assert from 'node:assert/strict';
import {
  createInstallations,
  readInstallation,
} from '../../../../src/sandbox/installations/installations.ts';
import type { HttpRequest } from '../../../../src/sandbox/kernel/http.ts';
import { createAws } from '../../../../src/sandbox/services/services.ts';
import { answered } from '../../../support/answered.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';
import { sharedAuthority } from '../iot/harness.ts';

async function setUp() {
  const context = createTestContext();
  const aws = createAws(context, {
    authority: await sharedAuthority(),
    onMessage: (message) => installations.onMessage(message),
  });
  const installations = createInstallations(context, aws, {});
  async function call(request: Partial<HttpRequest>) {
    const whole: HttpRequest = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
      requestId: 'r',
      region: 'us-west-2',
      signed: true,
      trusted: false,
      ...request,
    };
    const service = aws.services.find((each) => each.claims(whole));
    const operation = service?.operation(whole);
    assert.ok(service !== undefined && operation !== undefined);
    const { status, body } = await answered(service, operation, whole);
    return { status, body: String(body) };
  }
  const parameter = async (name: string) => {
    const { status, body } = await call({
      headers: { 'x-amz-target': 'AmazonSSM.GetParameter' },
      body: Buffer.from(JSON.stringify({ Name: name })),
    });
    return status === 200
      ? (JSON.parse(body) as { Parameter: { Value: string } }).Parameter.Value
      : undefined;
  };
  const secret = (name: string) =>
    JSON.parse(aws.secretsManager.secrets.lookUp(name).versions.at(-1)?.value ?? '{}') as Record<
      string,
      unknown
    >;
  const install = (text: string) => installations.add(readInstallation(text));
  const stacks = () => new Map(aws.cloudFormation.stacks.all().map((stack) => [stack.name, stack]));
  return { context, aws, installations, call, parameter, secret, install, stacks };
}

describe('CMS on AWS in the sandbox @slow', () => {
  it('has a stack for each module, and no fleet UI unless it is wanted', async () => {
    const { install, installations, stacks } = await setUp();
    await install('cms-on-aws:cms');
    assert.deepEqual([...stacks().keys()].sort(), [
      'cms-app--cms-alerts',
      'cms-app--cms-api',
      'cms-app--cms-auth',
      'cms-app--cms-config',
      'cms-app--cms-connect-store',
      'cms-app--cms-predictive-maintenance',
      'cms-app--cms-provisioning',
      'cms-app--cms-vehicle-simulator',
      'cms-auth-setup',
      'cms-vpc',
    ]);
    assert.equal(Object.values(installations.list()[0]?.stacks ?? {})[0], 'cms-app--cms-config');
    const config = stacks().get('cms-app--cms-config');
    assert.equal(
      config?.description,
      '(SO0241-CMS.26) connected-mobility-solution-on-aws - cms-config. Version v3.0.0',
    );
    assert.deepEqual(config.parameters, { AppUniqueId: 'cms', VpcName: 'cms', IdentityProviderId: 'cms' });
    assert.equal(stacks().get('cms-vpc')?.parameters.AppUniqueId, undefined);
    const provisioning = stacks().get('cms-app--cms-provisioning');
    const [authorised] = provisioning?.resources ?? [];
    assert.equal(
      authorised?.logicalId,
      'cmsprovisioningprovisioningdatabaseconstructauthorizedvehiclestable87F60C78',
    );
    assert.match(
      authorised.physicalId,
      /^cms-app--cms-provisioning-cmsprovisioning.*authorizedvehiclestable87F60C78-[A-Z0-9]{12}$/,
    );
  });

  it('stands beside another that shares its identity provider, without some modules', async () => {
    const { install, stacks, parameter, aws } = await setUp();
    await install('cms-on-aws:cms');
    await install('cms-on-aws:fleet-2,idp=cms,vpc=other,ui=yes,without=api+alerts');
    assert.ok(stacks().has('fleet-2-app--cms-ui'));
    assert.ok(!stacks().has('fleet-2-app--cms-api'));
    assert.deepEqual(
      [await parameter('/solution/fleet-2/api'), await parameter('/solution/fleet-2/ui')],
      [undefined, 'fleet-2'],
    );
    assert.equal(await parameter('/solution/fleet-2/config/auth/identity-provider-id'), 'cms');
    assert.equal([...stacks().keys()].filter((name) => name.endsWith('auth-setup')).length, 1);
    assert.ok(aws.iot.parts.rules.isEnabled('fleet_2_provisioning_iot_post_provisioning'));
  });

  it('marks its modules in Parameter Store', async () => {
    const { install, parameter } = await setUp();
    await install('cms-on-aws:cms');
    assert.deepEqual(
      [
        await parameter('/solution/cms'),
        await parameter('/solution/cms/provisioning'),
        await parameter('/solution/cms/cms-vehicle-simulator'),
        await parameter('/solution/cms/config'),
      ],
      ['cms', 'cms', 'cms', undefined],
    );
  });

  for (const [text, problem] of [
    ['cms-on-aws:-cms', /small letters/],
    ['cms-on-aws:elevenchars', /3 to 10/],
    ['cms-on-aws:cms,stack=x', /no "stack"/],
    ['cms-on-aws:cms,ui=perhaps', /yes or no/],
    ['cms-on-aws:cms,without=wheels', /no module "wheels"/],
    ['cms-on-aws:cms,post-delay-ms=soon', /number of milliseconds/],
  ] as const) {
    it(`is not installed as ${text}`, async () => {
      const { install } = await setUp();
      await assert.rejects(install(text), problem);
    });
  }

  it('leaves alone what its owner changed, and makes all of it again after a reset', async () => {
    const { install, aws, installations, context } = await setUp();
    await install('cms-on-aws:cms');
    const { rules, templates } = aws.iot.parts;
    rules.enable('cms_connect_store_iot_save_to_s3_json', false);
    await installations.again(() => undefined);
    assert.ok(!rules.isEnabled('cms_connect_store_iot_save_to_s3_json'));
    await installations.again(() => context.store.reset());
    assert.ok(rules.isEnabled('cms_connect_store_iot_save_to_s3_json'));
    assert.equal(templates.find('cms--provisioning-template').enabled, true);
  });

  describe('gives its service client a token', () => {
    const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());

    it('for the secret in the body, and by Basic', async () => {
      const { install, call, secret } = await setUp();
      await install('cms-on-aws:cms');
      const {
        client_id: id,
        client_secret: key,
        audience,
      } = secret('/solution/auth/cms/service-client-config/default');
      const { scopes, auds, alternate_aud_key: member } = secret('/solution/auth/cms/idp-config');
      assert.deepEqual([audience, member], ['', 'client_id']);
      const inBody = await call({
        path: '/oauth2/token',
        signed: false,
        body: form({
          grant_type: 'client_credentials',
          client_id: String(id),
          client_secret: String(key),
          audience: '',
        }),
      });
      const basic = await call({
        path: '/oauth2/token',
        signed: false,
        headers: { authorization: `Basic ${Buffer.from(`${String(id)}:${String(key)}`).toString('base64')}` },
        body: form({ grant_type: 'client_credentials' }),
      });
      for (const { status, body } of [inBody, basic]) {
        assert.equal(status, 200, body);
        const token = JSON.parse(body) as { access_token: string; expires_in: number; token_type: string };
        assert.deepEqual([token.expires_in, token.token_type], [3600, 'Bearer']);
        const [, claims = ''] = token.access_token.split('.');
        const {
          client_id: of,
          scope,
          aud,
          token_use: use,
        } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
        assert.deepEqual([of, use, aud], [id, 'access', undefined]);
        assert.ok((auds as unknown[]).includes(of));
        assert.ok((scopes as unknown[]).includes(scope));
      }
    });

    for (const [title, change, error] of [
      ['a wrong secret', { client_secret: 'x' }, 'invalid_client'],
      ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
      ['a scope that is not its own', { scope: 'email' }, 'invalid_scope'],
    ] as const) {
      it(`but not for ${title}`, async () => {
        const { install, call, secret } = await setUp();
        await install('cms-on-aws:cms');
        const { client_id: id, client_secret: key } = secret(
          '/solution/auth/cms/service-client-config/default',
        );
        const fields = {
          grant_type: 'client_credentials',
          client_id: String(id),
          client_secret: String(key),
        };
        const { status, body } = await call({
          path: '/oauth2/token',
          signed: false,
          body: form({ ...fields, ...change }),
        });
        assert.deepEqual([status, JSON.parse(body)], [400, { error }]);
      });
    }

    it('and none to the client of users', async () => {
      const { install, call, secret } = await setUp();
      await install('cms-on-aws:cms');
      const { client_id: id, client_secret: key } = secret('/solution/auth/cms/user-client-config/default');
      const { body } = await call({
        path: '/oauth2/token',
        signed: false,
        body: form({ grant_type: 'client_credentials', client_id: String(id), client_secret: String(key) }),
      });
      assert.deepEqual(JSON.parse(body), { error: 'unauthorized_client' });
    });
  });
});

describe('the page of the sandbox shows CMS on AWS @slow', () => {
  it('its vehicles, authorised or heard of, and what they sent', async () => {
    const { install, installations, aws } = await setUp();
    await install('cms-on-aws:cms');
    const [table = ''] = aws.dynamoDb.tables.names().filter((name) => name.includes('authorizedvehicles'));
    aws.dynamoDb.tables.find(table).put({ vin: { S: 'VIN1' } });
    const send = (thing: string, message: object): void =>
      installations.onMessage({
        topic: `cms/data/${thing}`,
        payload: Buffer.from(JSON.stringify(message)),
        ...{ clientId: thing, certificateId: 'c' },
      });
    send('Vehicle_VIN2', { speed: 1 });
    send('fleet', { vehicleidentification: { vin: 'VIN1' } });
    const { vehicles, messages } = installations.overview();
    assert.deepEqual(
      [...vehicles].sort((a, b) => (a.vin < b.vin ? -1 : 1)),
      [
        { vin: 'VIN1', received: 1, accepted: 1 },
        { vin: 'VIN2', received: 1, accepted: 1 },
      ],
    );
    assert.deepEqual(
      messages.map(({ vin, type }) => [vin, type]),
      [
        ['VIN1', 'data'],
        ['VIN2', 'data'],
      ],
    );
  });
});
