import assert from 'node:assert/strict';
import { apiIdOf } from '../../../../src/sandbox/protocols/apiGateway/apiIds.ts';
import type { HttpRequest } from '../../../../src/sandbox/kernel/http.ts';
import { createHarness, enc, supplier, TOKEN } from './cmsHarness.ts';

function request(method: string, path: string): HttpRequest {
  return {
    method,
    path,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    requestId: 'r',
    region: 'us-west-2',
    signed: false,
    trusted: false,
  };
}

describe('the APIs of the stacks', () => {
  it('have ids of ten characters, the same on every run and different for each API', () => {
    const ids = ['facade', 'fleetmanager', 'assetlibrary'].flatMap((api) =>
      ['cms-dev1', 'cms-dev2'].map((stack) => apiIdOf(stack, api)),
    );
    assert.ok(ids.every((id) => /^[a-z0-9]{10}$/.test(id)));
    assert.equal(new Set(ids).size, 6);
    assert.equal(apiIdOf('cms-dev1', 'facade'), apiIdOf('cms-dev1', 'facade'));
  });

  it('are found under the address of the endpoint, without a trailing slash', () => {
    const { cms } = createHarness();
    const { facade } = cms.urlsOf('cms-dev1');
    assert.match(facade, /^http:\/\/127\.0\.0\.1:4566\/execute-api\/[a-z0-9]{10}\/Prod$/);
  });

  it('name their operations by method and route pattern', () => {
    const { cms } = createHarness();
    const operation = (base: string, method: string, path: string) =>
      cms.services
        .map((service) => [service.name, service.operation(request(method, new URL(base).pathname + path))])
        .filter(([, name]) => name !== undefined);
    const { facade, fleetManager } = cms.urlsOf('cms-dev1');
    const { assetLibrary } = cms.urlOfCore('cdf-core-development');
    assert.deepEqual(operation(facade, 'POST', '/users'), [['facade', 'POST /users']]);
    assert.deepEqual(operation(facade, 'POST', '/suppliers/a/devices/b/register'), [
      ['facade', 'POST /suppliers/{externalId}/devices/{deviceId}/register'],
    ]);
    assert.deepEqual(operation(fleetManager, 'GET', '/vehicles/V1'), [
      ['fleetmanager', 'GET /vehicles/{vin}'],
    ]);
    assert.deepEqual(operation(assetLibrary, 'GET', '/groups/%2Fauto%2Fx'), [
      ['assetlibrary', 'GET /groups/{path}'],
    ]);
    assert.deepEqual(operation(assetLibrary, 'GET', '/what'), [['assetlibrary', 'GET /{proxy+}']]);
    assert.deepEqual(operation('http://127.0.0.1/execute-api/zzzzzzzzzz/Prod', 'GET', '/users'), []);
  });

  it('exist in the stage Prod only', async () => {
    const { cms } = createHarness();
    const path = new URL(cms.urlsOf('cms-dev1').facade).pathname.replace('Prod', 'Test');
    const service = cms.services[1]!;
    const reply = await service.handle('POST /users', request('POST', `${path}/users`));
    assert.deepEqual([reply.status, reply.body], [403, '{"message":"Forbidden"}']);
  });

  it('keep the data of each core stack apart', async () => {
    const stacks = [
      { name: 'cms-a', core: 'core-a' },
      { name: 'cms-b', core: 'core-b' },
    ];
    const { call } = createHarness({ stacks });
    await call('assetLibrary', 'POST', '/groups', { stack: 'cms-a', body: supplier() });
    const path = `/groups/${enc('/auto/suppliers/genericsuppliername')}`;
    assert.equal((await call('assetLibrary', 'GET', path, { stack: 'cms-a' })).status, 200);
    assert.equal((await call('assetLibrary', 'GET', path, { stack: 'cms-b' })).status, 404);
  });

  it('report faults in the gateway’s words or in their own shape', () => {
    const { cms } = createHarness();
    const [library, facade, fleet] = cms.services;
    const body = (service: typeof library, code: string, status: number) => {
      const reply = service!.error({ code, message: 'so it is', status }, request('GET', '/'));
      return [reply.status, JSON.parse(String(reply.body)) as unknown];
    };
    for (const service of [library, facade, fleet]) {
      assert.deepEqual(body(service, 'x', 429), [429, { message: 'Too Many Requests' }]);
      assert.deepEqual(body(service, 'x', 502), [502, { message: 'Internal server error' }]);
      assert.deepEqual(body(service, 'x', 504), [504, { message: 'Endpoint request timed out' }]);
    }
    assert.deepEqual(body(library, 'X', 500), [500, { error: 'so it is' }]);
    assert.deepEqual(body(facade, 'X', 400), [400, { error: 'so it is' }]);
    assert.deepEqual(body(fleet, 'NotFoundError', 404), [
      404,
      { Code: 'NotFoundError', Message: 'NotFoundError: so it is' },
    ]);
  });

  it('are never signed', () => {
    const { cms } = createHarness();
    assert.ok(cms.services.every((service) => service.unsigned('GET /search')));
  });
});

describe('the asset library’s authorizer', () => {
  const path = `/groups/${enc('/auto')}`;

  it('lets everybody in as CMS is documented to be installed', async () => {
    const { call } = createHarness();
    for (const token of [undefined, 'expired', TOKEN]) {
      assert.equal((await call('assetLibrary', 'GET', path, { token })).status, 200);
    }
  });

  it('asks for a token in the full install', async () => {
    const { call } = createHarness({ assetLibraryAuth: 'cognito' });
    const get = async (token: string | undefined) => {
      const reply = await call('assetLibrary', 'GET', path, { token });
      return [reply.status, reply.json.message];
    };
    assert.deepEqual(await get(undefined), [401, 'Unauthorized']);
    assert.deepEqual(await get('foreign'), [401, 'Unauthorized']);
    assert.deepEqual(await get('expired'), [401, 'The incoming token has expired']);
    assert.deepEqual(await get(TOKEN), [200, undefined]);
  });

  it('takes the users of every CMS that is paired with the core stack', async () => {
    const stacks = [
      { name: 'cms-a', core: 'core' },
      { name: 'cms-b', core: 'core' },
      { name: 'cms-c', core: 'other' },
    ];
    const { call } = createHarness({ stacks, assetLibraryAuth: 'cognito' });
    const get = async (token: string) =>
      (await call('assetLibrary', 'GET', path, { stack: 'cms-a', token })).status;
    assert.deepEqual(
      [
        await get('token of us-west-2_cms-a'),
        await get('token of us-west-2_cms-b'),
        await get('token of us-west-2_cms-c'),
      ],
      [200, 200, 401],
    );
  });
});

describe('a reset', () => {
  it('empties and seeds the asset library anew', async () => {
    const { seed, context, library, published } = createHarness();
    await library('POST', '/groups', supplier());
    context.store.reset();
    seed();
    published.length = 0;
    assert.equal((await library('GET', `/groups/${enc('/auto/suppliers/genericsuppliername')}`)).status, 404);
    const members = await library('GET', `/groups/${enc('/auto/suppliers')}/members/groups`);
    assert.deepEqual(
      members.json.results.map(({ name }) => name),
      ['Acme Electronics'],
    );
    assert.equal((await library('POST', '/groups', supplier())).status, 204);
  });

  it('is not needed after a start from saved state: nothing is seeded twice', async () => {
    const { seed, library } = createHarness();
    await library('POST', '/groups', supplier());
    seed();
    assert.equal((await library('GET', `/groups/${enc('/auto/suppliers/genericsuppliername')}`)).status, 200);
    const members = await library('GET', `/groups/${enc('/auto/suppliers')}/members/groups`);
    assert.equal(members.json.results.length, 2);
  });
});
