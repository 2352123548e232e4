import assert from 'node:assert/strict';
import { createAdmin } from '../../../src/sandbox/admin.ts';
import { createClock } from '../../../src/sandbox/kernel/clock.ts';
import { AwsError, type HttpRequest } from '../../../src/sandbox/kernel/http.ts';
import { NotInstallable } from '../../../src/sandbox/installations/contract.ts';
import { createTestContext } from '../../support/sandboxContext.ts';
import { until } from '../../support/until.ts';

function setUp() {
  const context = createTestContext();
  const calls: unknown[] = [];
  const admin = createAdmin(context, {
    clock: createClock(undefined, () => 0),
    stacks: {
      all: () => [],
      deploy: () => undefined,
      change: (name, change) => {
        calls.push([name, change]);
        return name === 'cms-dev1';
      },
    },
    quotas: {
      change(name, value) {
        calls.push([name, value]);
        return name === 'vCPUs of x';
      },
    },
    overview: () => ({ vehicles: [], messages: [] }),
    installations: () => [{ id: 'cdf:dev1', kind: 'cdf', name: 'dev1', stacks: { cms: 'cms-dev1' } }],
    install(text) {
      calls.push(['install', text]);
      return text === 'cdf:dev2' ? Promise.resolve() : Promise.reject(new NotInstallable(`no ${text}`));
    },
    more: { 'GET /vehicles/*/messages': ({ query }, vin) => ({ vin, after: query.get('after') }) },
    connections: () => 3,
    reset: () => {
      calls.push('reset');
      return Promise.resolve();
    },
    operations: () => ['iot:CreateThing'],
    prove: (nonce) => `proof of ${nonce}`,
    shutdown: () => calls.push('shutdown'),
  });
  async function call(
    method: string,
    url: string,
    body?: unknown,
    trusted = true,
  ): Promise<{ status: number; body: unknown }> {
    const [path = '', search] = url.split('?');
    const request: HttpRequest = {
      method,
      path,
      query: new URLSearchParams(search),
      headers: {},
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null)),
      requestId: 'r',
      region: 'us-west-2',
      signed: false,
      trusted,
    };
    const operation = admin.operation(request);
    if (operation === undefined) return { status: 404, body: undefined };
    try {
      const response = await admin.handle(operation, request);
      return { status: response.status, body: JSON.parse(String(response.body)) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { status: error.status, body: error.message };
    }
  }
  return { context, calls, call };
}

describe('the administration of the sandbox', () => {
  it('ends the process after it has answered that it will', async () => {
    const { calls, call } = setUp();
    assert.equal((await call('POST', '/_sandbox/shutdown')).status, 200);
    assert.deepEqual(calls, []);
    await until('the call for the end', () => calls.length > 0);
    assert.deepEqual(calls, ['shutdown']);
  });

  it('tells its health', async () => {
    const { body } = await setUp().call('GET', '/_sandbox/health');
    const health = body as Record<string, unknown>;
    assert.equal(health.status, 'ok');
    assert.equal(health.mqttEndpoint, 'localhost:8883');
    assert.equal(health.connections, 3);
    assert.deepEqual(health.installations, [
      { id: 'cdf:dev1', kind: 'cdf', name: 'dev1', stacks: { cms: 'cms-dev1' } },
    ]);
  });

  it('tells whoever does not know the secret only that it is there', async () => {
    const { body } = await setUp().call('GET', '/_sandbox/health', undefined, false);
    assert.deepEqual(body, { status: 'ok' });
  });

  it('proves that it knows the secret, for a nonce that cannot be anything else', async () => {
    const { call } = setUp();
    const nonce = 'n'.repeat(43);
    assert.deepEqual((await call('GET', `/_sandbox/proof?nonce=${nonce}`, undefined, false)).body, {
      proof: `proof of ${nonce}`,
    });
    for (const bad of ['', 'short', 'x'.repeat(129), `${nonce}%0A`]) {
      assert.equal((await call('GET', `/_sandbox/proof?nonce=${bad}`)).status, 400);
    }
    assert.equal((await call('GET', '/_sandbox/proof')).status, 400);
  });

  it('asks the CMS for the messages of a VIN, decoded, as a plain word', async () => {
    const { call } = setUp();
    assert.deepEqual((await call('GET', '/_sandbox/vehicles/V%2F..%20x/messages?after=3')).body, {
      vin: 'V/.. x',
      after: '3',
    });
    assert.equal((await call('GET', '/_sandbox/vehicles/%ZZ/messages')).status, 404);
    assert.equal((await call('GET', '/_sandbox/vehicles//messages')).status, 404);
    assert.equal((await call('GET', '/_sandbox/vehicles/a/b/messages')).status, 404);
  });

  it('installs what it is told, and says what is installed then', async () => {
    const { call, calls } = setUp();
    const reply = await call('POST', '/_sandbox/installations', { install: 'cdf:dev2' });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.body, (await call('GET', '/_sandbox/installations')).body);
    assert.deepEqual(calls, [['install', 'cdf:dev2']]);
  });

  it('says why something cannot be installed', async () => {
    const { call } = setUp();
    assert.deepEqual(await call('POST', '/_sandbox/installations', { install: 'cdf:x,y' }), {
      status: 400,
      body: 'no cdf:x,y',
    });
    for (const body of [{}, { install: '' }, { install: 7 }, { install: 'cdf:dev2', more: 1 }, '{']) {
      assert.equal((await call('POST', '/_sandbox/installations', body)).status, 400);
    }
  });

  it('resets', async () => {
    const { call, calls } = setUp();
    await call('POST', '/_sandbox/reset');
    assert.deepEqual(calls, ['reset']);
  });

  it('lists what faults can hit', async () => {
    const { call } = setUp();
    assert.deepEqual((await call('GET', '/_sandbox/operations')).body, { operations: ['iot:CreateThing'] });
  });

  it('adds faults, once unless told how often, lists and clears them', async () => {
    const { call, context } = setUp();
    await call('POST', '/_sandbox/faults', { operation: 'iot:CreateThing', action: { kind: 'throttle' } });
    await call('POST', '/_sandbox/faults', {
      operation: 'mqtt:claim',
      count: 2,
      action: { kind: 'drop', when: 'before-ack' },
    });
    assert.deepEqual((await call('GET', '/_sandbox/faults')).body, { faults: context.faults.list() });
    assert.deepEqual(
      context.faults.list().map((f) => f.count),
      [1, 2],
    );
    await call('DELETE', '/_sandbox/faults');
    assert.deepEqual(context.faults.list(), []);
  });

  const wrong: unknown[] = [
    '{',
    [],
    {},
    { operation: 'iot:CreateThing' },
    { operation: 'CreateThing', action: { kind: 'throttle' } },
    { operation: 'iot:CreateThing', action: { kind: 'explode' } },
    { operation: 'iot:CreateThing', count: 0, action: { kind: 'throttle' } },
    { operation: 'iot:CreateThing', action: { kind: 'delay' } },
    { operation: 'iot:CreateThing', action: { kind: 'error', code: 'X', status: 200 } },
    { operation: 'iot:CreateThing', action: { kind: 'error', code: 'X\r\nY: z' } },
    { operation: 'iot:CreateThing', action: { kind: 'error', code: 'Zürich' } },
    { operation: 'iot:CreateThing', action: { kind: 'throttle', extra: 1 } },
  ];
  for (const body of wrong) {
    it(`refuses the fault ${JSON.stringify(body)}`, async () => {
      const { call, context } = setUp();
      assert.equal((await call('POST', '/_sandbox/faults', body)).status, 400);
      assert.deepEqual(context.faults.list(), []);
    });
  }

  it('moves the clock forward only', async () => {
    const { call } = setUp();
    assert.deepEqual((await call('POST', '/_sandbox/clock', { advanceMs: 1000 })).body, {
      now: '2024-05-01T12:00:00.000Z',
      offsetMs: 1000,
    });
    assert.equal((await call('POST', '/_sandbox/clock', { advanceMs: -1 })).status, 400);
    assert.equal((await call('POST', '/_sandbox/clock', {})).status, 400);
  });

  it('changes a stack that is there', async () => {
    const { call, calls } = setUp();
    const change = { status: 'CREATE_FAILED', removeOutputs: ['UserPoolId'], parameters: { a: 'b' } };
    assert.equal((await call('PUT', '/_sandbox/stacks/cms-dev1', change)).status, 200);
    assert.deepEqual(calls, [['cms-dev1', change]]);
    assert.equal((await call('PUT', '/_sandbox/stacks/nope', change)).status, 404);
    assert.equal((await call('PUT', '/_sandbox/stacks/cms-dev1', { status: 'oops!' })).status, 400);
  });

  it('knows nothing else', async () => {
    const { call } = setUp();
    for (const [method, path] of [
      ['GET', '/_sandbox'],
      ['GET', '/_sandbox/'],
      ['GET', '/_sandbox/reset'],
      ['POST', '/_sandbox/constructor'],
      ['PUT', '/_sandbox/stacks'],
    ] as const) {
      assert.equal((await call(method, path)).status, 404, `${method} ${path}`);
    }
  });

  it('changes a quota by its name, and says when there is none', async () => {
    const { call, calls } = setUp();
    assert.equal((await call('PUT', '/_sandbox/quotas/vCPUs%20of%20x', { value: 2 })).status, 200);
    assert.deepEqual(calls, [['vCPUs of x', 2]]);
    assert.equal((await call('PUT', '/_sandbox/quotas/other', { value: 2 })).status, 404);
    assert.equal((await call('PUT', '/_sandbox/quotas/vCPUs%20of%20x', { value: -1 })).status, 400);
  });
});
