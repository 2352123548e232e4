import assert from 'node:assert/strict';
import {
  createInstallations,
  readInstallation,
} from '../../../../src/sandbox/installations/installations.ts';
import type { Attribute } from '../../../../src/sandbox/installations/cmsOnAws/simulator/library.ts';
import { messageOf } from '../../../../src/sandbox/installations/cmsOnAws/simulator/payload.ts';
import type { HttpRequest } from '../../../../src/sandbox/kernel/http.ts';
import { createAws } from '../../../../src/sandbox/services/services.ts';
import { answered } from '../../../support/answered.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';
import { until } from '../../../support/until.ts';
import { sharedAuthority } from '../iot/harness.ts';

const VIN = 'KMHFG4JG1CA181127';
const PASSWORD = 'Qm7#vTz2!rWk9p';
const ADMIN = 'admin@example.com';

async function setUp() {
  const context = createTestContext();
  const aws = createAws(context, {
    authority: await sharedAuthority(),
    onMessage: (message) => installations.onMessage(message),
  });
  const installations = createInstallations(context, aws, {});
  await installations.add(readInstallation('cms-on-aws:cms'));
  const services = [...installations.services, ...aws.services];
  async function send(request: Partial<HttpRequest>): Promise<{ status: number; body: unknown }> {
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
    const service = services.find((each) => each.claims(whole));
    const operation = service?.operation(whole);
    assert.ok(service !== undefined && operation !== undefined, `${whole.method} ${whole.path}`);
    const { status, body } = await answered(service, operation, whole);
    return { status, body: JSON.parse(String(body)) as unknown };
  }
  const outputs = Object.fromEntries(
    (
      aws.cloudFormation.stacks.all().find(({ name }) => name === 'cms-app--cms-vehicle-simulator')
        ?.outputs ?? []
    ).map(({ key, value }) => [key, value]),
  );
  const cognito = async (operation: string, input: object) => {
    const { status, body } = await send({
      headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
    });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const UserPoolId = outputs.userpoolid;
  await cognito('AdminSetUserPassword', { UserPoolId, Username: ADMIN, Password: PASSWORD, Permanent: true });
  await cognito('UpdateUserPoolClient', {
    UserPoolId,
    ClientId: outputs.consoleclientid,
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  });
  const { AuthenticationResult } = (await cognito('InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: outputs.consoleclientid,
    AuthParameters: { USERNAME: ADMIN, PASSWORD },
  })) as { AuthenticationResult: { IdToken: string } };
  const base = new URL(outputs.EndpointURL ?? '').pathname.replace(/\/$/, '');
  const call = (method: string, at: string, body?: unknown, authorization = AuthenticationResult.IdToken) => {
    const [path = '', query = ''] = at.split('?');
    return send({
      method,
      path: base + path,
      query: new URLSearchParams(query),
      headers: authorization === '' ? {} : { authorization },
      signed: false,
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
  };
  const status = async (...args: Parameters<typeof call>) => (await call(...args)).status;
  return { context, aws, call, status };
}

const carType = {
  type_id: 'car',
  name: VIN,
  topic: 'ignored/topic',
  payload: [
    {
      name: 'vehicleidentification',
      type: 'object',
      payload: [{ name: 'vin', type: 'string', static: true, default: VIN }],
    },
    { name: 'speed', type: 'float' },
  ],
};
const simulation = (change: object = {}) => ({
  sim_id: 'one',
  name: 'first-drive',
  duration: 3600,
  interval: 60,
  devices: [{ type_id: 'car', name: VIN, amount: 2 }],
  ...change,
});

describe('the simulator of CMS on AWS in the sandbox @slow', () => {
  it('wants an id token of its own pool', async () => {
    const { status } = await setUp();
    assert.deepEqual(
      [await status('GET', '/simulation', undefined, ''), await status('GET', '/simulation')],
      [401, 200],
    );
  });

  it('keeps types and simulations, and merges the two', async () => {
    const { call } = await setUp();
    assert.deepEqual(await call('POST', '/device/type', carType), { status: 200, body: {} });
    assert.deepEqual(await call('POST', '/simulation', simulation()), { status: 200, body: {} });
    const { body } = await call('GET', '/simulation/one');
    const { devices, stage, runs } = body as {
      devices: Record<string, unknown>[];
      stage: string;
      runs: number;
    };
    assert.deepEqual([stage, runs], ['sleeping', 0]);
    // The number of devices is a text, whatever it came as.
    assert.deepEqual([devices[0]?.amount, devices[0]?.topic], ['2', 'ignored/topic']);
    assert.deepEqual(await call('DELETE', '/device/type/car'), { status: 200, body: null });
    assert.equal((await call('GET', '/simulation/one')).status, 500);
  });

  it('makes an id that it tells nobody, unless one is given', async () => {
    const { call } = await setUp();
    await call('POST', '/device/type', { ...carType, type_id: '' });
    const [type] = (await call('GET', '/device/type')).body as { type_id: string }[];
    assert.match(type?.type_id ?? '', /^[0-9a-f-]{36}$/);
  });

  for (const [title, method, at, body] of [
    ['an update of a type', 'PUT', '/device/type', carType],
    ['one type', 'GET', '/device/type/car', undefined],
    ['all templates', 'GET', '/template', undefined],
    ['a type without the key of its id', 'POST', '/device/type', { name: 'x', topic: '', payload: [] }],
    [
      'a value with a smallest one',
      'POST',
      '/device/type',
      { ...carType, payload: [{ name: 'a', type: 'float', min: 1, max: 2 }] },
    ],
    ['an unknown simulation', 'GET', '/simulation/none', undefined],
    ['an unknown template', 'GET', '/template/none', undefined],
    ['another action', 'PUT', '/simulation/one', { action: 'pause' }],
    ['a start with a blank in the name', 'PUT', '/simulation/blank', { action: 'start' }],
  ] as const) {
    it(`breaks at ${title}`, async () => {
      const { call } = await setUp();
      await call('POST', '/device/type', carType);
      await call('POST', '/simulation', simulation({ sim_id: 'blank', name: 'a drive' }));
      assert.equal((await call(method, at, body)).status, 500);
    });
  }

  it('refuses names with other characters', async () => {
    const { status } = await setUp();
    assert.equal(await status('POST', '/device/type', { ...carType, name: 'a/b' }), 400);
    assert.equal(await status('POST', '/simulation', simulation({ duration: 1.5 })), 400);
  });

  it('runs a simulation with things of its own, whose messages are stored, and cleans up after it', async () => {
    const { aws, call } = await setUp();
    await call('POST', '/device/type', carType);
    await call('POST', '/simulation', simulation());
    assert.deepEqual(await call('PUT', '/simulation/one', { action: 'start' }), { status: 200, body: {} });
    const { state } = aws.iot.parts;
    const names = [`${VIN}-0`, `${VIN}-1`];
    assert.deepEqual(
      names.map((name) => state.things.get(name)?.attributes),
      [{ simulation_id: 'one' }, { simulation_id: 'one' }],
    );
    const [certificate] = aws.iot.parts.things.principalsOf(`${VIN}-0`);
    const certificateId = certificate?.key.split('/')[1] ?? '';
    assert.equal(state.certificates.get(certificateId)?.status, 'INACTIVE');
    const bucket = aws.s3.buckets.find(
      (aws.cloudFormation.stacks.all().find(({ name }) => name === 'cms-app--cms-connect-store')?.resources ??
        [])[0]?.physicalId ?? '',
    );
    const keys = await until('the messages', () => {
      const stored = bucket.keys('cms/data/simulated/');
      return stored.length === 2 && stored;
    });
    assert.deepEqual(
      keys.map((key) => key.split('/')[3]),
      names,
    );
    const message = JSON.parse(
      Buffer.from(bucket.get(keys[0] ?? '')?.content ?? '', 'base64').toString(),
    ) as object;
    assert.deepEqual((message as { vehicleidentification: object }).vehicleidentification, { vin: VIN });
    assert.deepEqual((await call('GET', '/simulation?op=getRunningStat')).body, { devices: 1, sims: 1 });

    assert.deepEqual(await call('PUT', '/simulation', { action: 'stop', simulations: [simulation()] }), {
      status: 200,
      body: {},
    });
    assert.deepEqual(
      names.map((name) => state.things.has(name)),
      [false, false],
    );
    assert.equal(state.certificates.has(certificateId), false);
    const [{ stage, runs } = { stage: '', runs: 0 }] = (await call('GET', '/simulation')).body as {
      stage: string;
      runs: number;
    }[];
    assert.deepEqual([stage, runs], ['sleeping', 1]);
  });

  it('stays "running" when it has too many ticks, until it is stopped', async () => {
    const { aws, call } = await setUp();
    await call('POST', '/device/type', carType);
    await call('POST', '/simulation', simulation({ interval: 1 }));
    await call('PUT', '/simulation/one', { action: 'start' });
    const stage = async () => ((await call('GET', '/simulation')).body as { stage: string }[])[0]?.stage;
    assert.deepEqual([await stage(), aws.iot.parts.state.things.size], ['running', 0]);
    await call('PUT', '/simulation/one', { action: 'stop' });
    assert.equal(await stage(), 'sleeping');
  });

  it('makes up what a message has', () => {
    const payload: Attribute[] = [
      { name: 'fixed', type: 'bool', static: true, default: true },
      { name: 'kind', type: 'pickOne', arr: ['only'] },
      { name: 'at', type: 'timestamp' },
      { name: 'wave', type: 'sinusoidal' },
      {
        name: 'inner',
        type: 'object',
        payload: [{ name: 'bool', type: 'pickOne', arr: ['x'], static: true, default: true }],
      },
    ];
    assert.deepEqual(messageOf(payload, 0, 0), {
      fixed: true,
      kind: 'only',
      at: '1970-01-01T00:00:00.000Z',
      wave: 0,
      // Below an object only a text is static.
      inner: { bool: 'x' },
    });
    assert.throws(() => messageOf([{ name: 'n', type: 'int', static: true, default: 5 }], 0, 0), TypeError);
  });
});
