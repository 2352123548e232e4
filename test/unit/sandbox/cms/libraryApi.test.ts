import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CDF_V1, CDF_V2 } from '../../../../src/sandbox/installations/cdf/rest/express.ts';
import {
  createHarness,
  device,
  enc,
  supplier,
  userGroup,
  VIN,
  vehicleAttributes,
  vehicleGroup,
} from './cmsHarness.ts';

const supplierPath = '/auto/suppliers/genericsuppliername';
const groupAt = (path: string): string => `/groups/${enc(path)}`;

describe('asset library: headers and versions', () => {
  it('echoes the Accept header as the content type', async () => {
    const { call } = createHarness();
    for (const accept of [CDF_V1, CDF_V2]) {
      const reply = await call('assetLibrary', 'GET', groupAt('/auto'), { headers: { accept } });
      assert.equal(reply.headers['content-type'], accept);
    }
  });

  it('reads an unknown Accept header as v1.0, for the body too', async () => {
    const { call } = createHarness();
    const reply = await call('assetLibrary', 'POST', '/groups', {
      body: supplier(),
      headers: { accept: '*/*', 'content-type': 'text/plain' },
    });
    assert.equal(reply.status, 204);
  });

  it('does not parse a body of another type when the Accept header is known', async () => {
    const { call } = createHarness();
    const reply = await call('assetLibrary', 'POST', '/groups', {
      body: supplier(),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(reply.status, 400);
    assert.match(String(reply.json.error), /^Expected argument to be of type `string`/);
  });

  it('shows relations by direction in v2.0 and merged in v1.0', async () => {
    const { call, library, onboard } = createHarness();
    await onboard();
    const path = groupAt(`/auto/vehicles/${VIN}`);
    await library('POST', '/groups', userGroup('bob'));
    await library('PUT', `/groups/${enc('/auto/users/bob')}/owns/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    const v1 = await library('GET', path);
    assert.deepEqual(v1.json.groups, { owns: ['/auto/users/bob'] });
    const v2 = await call('assetLibrary', 'GET', path, { headers: { accept: CDF_V2 } });
    assert.deepEqual(v2.json.groups, { in: { owns: ['/auto/users/bob'] } });
  });

  it('reads relations with a direction whatever the header says', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    const created = await library('POST', '/devices', {
      ...device(),
      groups: { out: { manufactured_by: [supplierPath] } },
    });
    assert.equal(created.status, 204);
    assert.deepEqual((await library('GET', `/devices/${VIN}`)).json.groups, {
      manufactured_by: [supplierPath],
    });
  });

  it('sends no CORS header', async () => {
    const { library } = createHarness();
    const reply = await library('GET', groupAt('/auto'));
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
  });

  it('answers a broken body, one that is too large and an unknown route with a page', async () => {
    const { call } = createHarness();
    for (const [path, text, status] of [
      ['/groups', '{"name":', 400],
      ['/groups', JSON.stringify({ name: 'x'.repeat(102_400) }), 413],
      ['/nothing/here', '{}', 404],
    ] as const) {
      const reply = await call('assetLibrary', 'POST', path, { text });
      assert.equal(reply.status, status);
      assert.match(reply.headers['content-type'] ?? '', /^text\/html/);
      assert.match(reply.text, /^<!DOCTYPE html>/);
    }
  });
});

describe('asset library: paths', () => {
  it('takes a group path as one segment, encoded once', async () => {
    const { library } = createHarness();
    assert.equal((await library('GET', '/groups/%2Fauto%2Fsuppliers%2Facme%20electronics')).status, 200);
    assert.equal((await library('GET', '/groups/%252Fauto%252Fsuppliers')).status, 404);
    const unencoded = await library('GET', '/groups//auto/suppliers');
    assert.match(unencoded.text, /Cannot GET/);
  });

  it('finds any printable group again under its encoded lower-case path', async () => {
    const { library } = createHarness();
    const character = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    const text = fc.string({ minLength: 1, maxLength: 40, unit: character });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        text.filter((one) => !one.includes('/')),
        async (one) => {
          const name = `${one}${count++}`;
          const path = `/auto/suppliers/${name.toLowerCase()}`;
          const created = await library('POST', '/groups', supplier(name));
          assert.equal(created.headers.location, `/groups/${enc(path)}`);
          assert.equal(created.headers['x-groupPath'], path);
          for (const spelt of [path, path.toUpperCase()]) {
            const { json } = await library('GET', groupAt(spelt));
            assert.equal(json.groupPath, path);
            assert.equal(json.name, name);
          }
        },
      ),
    );
  });

  it('strips what is not printable from names and ids', async () => {
    const { library } = createHarness();
    const created = await library('POST', '/groups', supplier('Ça\tva\u{1F600}'));
    assert.equal(created.headers['x-groupPath'], '/auto/suppliers/ava');
  });

  it('keeps names, values and ARNs as sent, and ids in lower case', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/devices', {
      ...device(),
      awsIotThingArn: `arn:aws:iot:thing/${VIN}`,
      templateId: 'AUTO_ECU',
    });
    const { json } = await library('GET', `/devices/${VIN}`);
    assert.equal(json.deviceId, VIN.toLowerCase());
    assert.equal(json.templateId, 'auto_ecu');
    assert.equal(json.awsIotThingArn, `arn:aws:iot:thing/${VIN}`);
  });

  it('decodes a search value twice', async () => {
    const { library } = createHarness();
    const externalId = 'a:b/c 100%';
    await library('POST', '/groups', supplier('S', externalId));
    const found = await library(
      'GET',
      `/search?type=auto_supplier&eq=${enc(`externalId:${enc(externalId)}`)}`,
    );
    assert.equal(found.json.results.length, 1);
    const broken = await library('GET', `/search?eq=${enc('externalId:%zz')}`);
    assert.equal(broken.status, 500);
    assert.match(broken.text, /URIError/);
  });
});

describe('asset library: errors', () => {
  it('gives each condition its status and text', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/groups', userGroup('bob'));
    await library('POST', '/devices', device());
    const noName = { ...supplier(), name: '' };
    const vehiclePath = enc(`/auto/vehicles/${VIN}`);
    const cases: [string, string, unknown, number, string | undefined][] = [
      ['POST', '/groups', noName, 400, 'Expected string to not be empty'],
      ['POST', '/groups', { ...supplier('x'), colour: 'red' }, 400, 'FAILED_VALIDATION'],
      ['POST', '/groups', { ...supplier('x'), attributes: { nope: 1 } }, 400, 'FAILED_VALIDATION'],
      ['POST', '/groups', vehicleWith({ bodyType: 'Pickup' }), 400, 'FAILED_VALIDATION'],
      ['POST', '/groups', { ...vehicleGroup('x'), attributes: { make: 'A' } }, 400, 'FAILED_VALIDATION'],
      [
        'POST',
        '/groups',
        { ...userGroup('eve'), groups: { owns: ['/auto/suppliers'] } },
        400,
        'INVALID_RELATION',
      ],
      [
        'POST',
        '/groups',
        { ...userGroup('eve'), groups: { owns: ['/auto/vehicles/none'] } },
        400,
        'INVALID_RELATION',
      ],
      ['POST', '/devices', { deviceId: 'bare', templateId: 'auto_ecu' }, 400, 'INVALID_RELATION'],
      ['POST', '/groups?applyProfile=none', supplier('x'), 400, 'INVALID_PROFILE'],
      [
        'PUT',
        `/groups/${vehiclePath}/likes/groups/${enc(supplierPath)}`,
        undefined,
        400,
        'FAILED_VALIDATION',
      ],
      [
        'PUT',
        `/groups/${enc('/auto/users/bob')}/owns/groups/${enc('/auto/vehicles/none')}`,
        undefined,
        400,
        'FAILED_VALIDATION',
      ],
      ['PUT', `/devices/${VIN}/owns/groups/${vehiclePath}`, undefined, 400, 'FAILED_VALIDATION'],
      ['PATCH', '/groups/%2Fnone', {}, 404, 'Item not found'],
      ['DELETE', '/groups/%2Fnone', undefined, 404, 'Item not found'],
      ['PATCH', '/devices/none', {}, 404, 'Item not found'],
      ['PUT', `/devices/none/installed_in/groups/${vehiclePath}`, undefined, 404, 'Item not found'],
      [
        'PUT',
        `/devices/${VIN}/installed_in/groups/${enc('/auto/vehicles/none')}`,
        undefined,
        404,
        'Item not found',
      ],
      ['GET', '/groups/%2Fnone', undefined, 404, undefined],
      ['GET', '/devices/none', undefined, 404, undefined],
      ['POST', '/groups', supplier(), 409, 'Item already exists'],
      ['POST', '/devices', device(), 409, 'Item already exists'],
      ['POST', '/templates/group/auto_user', { properties: {} }, 409, 'Item already exists'],
      ['DELETE', '/templates/group/auto_user', undefined, 409, 'Item already exists'],
      ['POST', '/48e876fe-8830-4996-baa0-9c0dd92bd6a2/init', undefined, 409, 'Already initialized'],
      ['POST', '/groups', { ...supplier('x'), parentPath: '/none' }, 500, 'INVALID_PARENT'],
      ['POST', '/groups', { ...supplier('x'), templateId: 'none' }, 500, 'TEMPLATE_NOT_FOUND'],
      ['POST', '/groups', { ...supplier('x'), templateId: 'auto_ecu' }, 500, 'TEMPLATE_NOT_FOUND'],
      [
        'PUT',
        `/groups/%2Fnone/owns/groups/${vehiclePath}`,
        undefined,
        500,
        "Cannot read property 'templateId' of undefined",
      ],
    ];
    for (const [method, path, body, status, error] of cases) {
      const reply = await library(method, path, body);
      const what = `${method} ${path} ${JSON.stringify(body)}`;
      assert.equal(reply.status, status, what);
      if (error === undefined) assert.equal(reply.text, '', what);
      else assert.deepEqual(reply.json, { error }, what);
    }
  });

  it('looks at arguments, then schema, then relations, then the parent, then duplicates', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', userGroup('bob'));
    const all = {
      ...userGroup('bob'),
      templateId: 'auto_user',
      parentPath: '/none',
      attributes: { nope: 1 },
      groups: { owns: ['/none'] },
    };
    const errors: unknown[] = [];
    for (const fix of [
      {},
      { attributes: userGroup('bob').attributes },
      { groups: {} },
      { parentPath: '/auto/users' },
    ]) {
      Object.assign(all, fix);
      errors.push((await library('POST', '/groups', all)).json.error);
    }
    assert.deepEqual(errors, [
      'FAILED_VALIDATION',
      'INVALID_RELATION',
      'INVALID_PARENT',
      'Item already exists',
    ]);
  });

  it('takes a draft template for none', async () => {
    const { library } = createHarness();
    await library('POST', '/templates/group/depot', { properties: {}, required: [] });
    const depot = { parentPath: '/auto', templateId: 'depot', name: 'North' };
    assert.equal((await library('POST', '/groups', depot)).json.error, 'TEMPLATE_NOT_FOUND');
    await library('PUT', '/templates/group/depot/publish');
    assert.equal((await library('POST', '/groups', depot)).status, 204);
  });

  it('validates attributes as the template says, quirks included', async () => {
    const { call } = createHarness();
    const outcomes: [string, number][] = [
      ['"modelYear":2019.0', 204],
      ['"modelYear":2019.5', 400],
      ['"modelYear":"2019"', 400],
      ['"marketCode":"EUR"', 204],
      ['"marketCode":null', 400],
      ['"iviType":null', 400],
      ['"dtc":null', 204],
      ['"dtc":"P0420"', 204],
      ['"transmissionAutoType":"7-speed"', 204],
    ];
    for (const [index, [json, status]] of outcomes.entries()) {
      const name = json.slice(1, json.indexOf('"', 1));
      const rest = Object.fromEntries(Object.entries(vehicleAttributes).filter(([key]) => key !== name));
      const attributes = `${JSON.stringify(rest).slice(0, -1)},${json}}`;
      const text = `{"parentPath":"/auto/vehicles","templateId":"auto_vehicle","name":"v${index}","attributes":${attributes}}`;
      const reply = await call('assetLibrary', 'POST', '/groups', { text });
      assert.equal(reply.status, status, json);
    }
  });

  it('demands a valid email or null', async () => {
    const { library } = createHarness();
    const make = async (name: string, email: unknown) =>
      (
        await library('POST', '/groups', {
          ...userGroup(name),
          attributes: { firstName: 'A', lastName: 'B', email },
        })
      ).status;
    assert.deepEqual(
      [await make('a', 'a@example.com'), await make('b', null), await make('c', 'nobody')],
      [204, 204, 400],
    );
  });

  it('refuses the ECU type gateway, as the product misspelt it', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    const make = async (deviceId: string, type: string) =>
      (await library('POST', '/devices', { ...device(deviceId), attributes: { type } })).status;
    assert.deepEqual([await make('a', 'gateway'), await make('b', 'gateeay')], [400, 204]);
  });
});

function vehicleWith(change: object) {
  return { ...vehicleGroup('x'), attributes: { ...vehicleAttributes, ...change } };
}
