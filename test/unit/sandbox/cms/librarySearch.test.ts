import assert from 'node:assert/strict';
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

describe('asset library: search', () => {
  async function fleet() {
    const { library } = createHarness();
    await library('POST', '/groups', supplier('Alpha', 'ext-1'));
    await library('POST', '/groups', supplier('Beta', 'ext-2'));
    for (const [vin, year, make] of [
      ['V1', 2019, 'Acme'],
      ['V2', 2020, 'Acme'],
      ['V3', 2021, 'Zed'],
    ] as const) {
      await library('POST', '/groups', {
        ...vehicleGroup(vin),
        attributes: { ...vehicleAttributes, modelYear: year, make },
      });
    }
    await library('POST', '/groups', { ...userGroup(), groups: { owns: ['/auto/vehicles/v1'] } });
    const ecu = { ...device('Dev1'), attributes: { type: 'tcu', softwareVersion: '1.0' } };
    await library('POST', '/devices', {
      ...ecu,
      groups: { manufactured_by: ['/auto/suppliers/alpha'], installed_in: ['/auto/vehicles/v1'] },
    });
    return async (query: string) => {
      const { json } = await library('GET', `/search?${query}`);
      return json;
    };
  }

  /** Names of the hits of a query, whose filters are given unencoded. */
  async function hits(search: Awaited<ReturnType<typeof fleet>>, ...parts: [string, string][]) {
    const query = [...parts.map(([name, value]) => `${name}=${enc(value)}`), 'sort=name'].join('&');
    return (await search(query)).results.map((row) => row.name ?? row.deviceId).join();
  }

  it('compares as each operator says', async () => {
    const search = await fleet();
    const vehicles: [string, string] = ['type', 'auto_vehicle'];
    const cases: [[string, string][], string][] = [
      [[['eq', 'make:Acme']], 'V1,V2'],
      [[['eq', 'make:acme']], ''],
      [[['eq', 'modelYear:2019']], ''],
      [[['neq', 'make:Acme']], 'V3'],
      [[['gt', 'modelYear:2019']], 'V2,V3'],
      [
        [
          ['gte', 'modelYear:2020'],
          ['lte', 'modelYear:2020'],
        ],
        'V2',
      ],
      [[['lt', 'modelYear:2020']], 'V1'],
      [[['startsWith', 'make:Ac']], 'V1,V2'],
      [[['endsWith', 'make:ed']], 'V3'],
      [[['contains', 'make:cm']], 'V1,V2'],
      [[['startsWith', 'groupPath:/AUTO/Vehicles/V1']], 'V1'],
      [
        [
          ['eq', 'make:Acme'],
          ['eq', 'name:V2'],
        ],
        'V2',
      ],
      [[['exist', 'installed_in:in:deviceId:dev1']], 'V1'],
      [[['nexist', 'owns:in:name:bob']], 'V2,V3'],
      [[['eq', 'installed_in:in:type:tcu']], 'V1'],
      [[['type', 'group']], 'V1,V2,V3'],
      [[['type', 'device']], ''],
      [[['eq', 'a:b:c']], 'V1,V2,V3'],
    ];
    for (const [filters, expected] of cases) {
      assert.equal(await hits(search, vehicles, ...filters), expected, JSON.stringify(filters));
    }
    assert.equal(await hits(search, ['type', 'device'], ['exist', 'installed_in:out:name:V1']), 'dev1');
    assert.equal(await hits(search, ['type', 'AUTO_ECU'], ['eq', 'deviceId:DEV1']), 'dev1');
    assert.equal(
      await hits(search, ['type', 'device'], ['exist', 'installed_in:out:name:v1']),
      '',
      'case matters',
    );
  });

  it('walks every incoming edge below an ancestor', async () => {
    const search = await fleet();
    assert.equal(await hits(search, ['ancestorPath', '/AUTO/vehicles']), 'dev1,V1,V2,V3,bob');
    assert.equal(
      await hits(search, ['ancestorPath', '/auto/suppliers'], ['type', 'auto_supplier']),
      'Alpha,Beta',
    );
  });

  it('gives rows without relations, and paging every time', async () => {
    const search = await fleet();
    const one = await search('type=auto_vehicle&eq=name%3AV1');
    assert.equal(one.results[0]?.groups, undefined);
    assert.deepEqual(one.pagination, { offset: 0, count: 1 });
    const none = await search('type=none');
    assert.deepEqual(none, { results: [], pagination: { offset: 0, count: 0 } });
    const page = await search('type=auto_vehicle&sort=name:desc&offset=1&count=1');
    assert.deepEqual(
      page.results.map(({ name }) => name),
      ['V2'],
    );
    assert.deepEqual(page.pagination, { offset: '1', count: '1' }, 'echoed as text');
  });

  it('returns two hundred rows unless told otherwise', async () => {
    const { library } = createHarness();
    for (const from of [0, 150]) {
      const groups = Array.from({ length: 150 }, (_, n) => supplier(`s${from + n}`));
      await library('POST', '/bulkgroups', { groups });
    }
    const { json } = await library('GET', '/search?type=auto_supplier');
    assert.equal(json.results.length, 200);
    assert.deepEqual(json.pagination, { offset: 0, count: 200 });
  });

  it('finds no values of a facet that is only a name every object inherits', async () => {
    const search = await fleet();
    for (const name of ['constructor', '__proto__', 'toString']) {
      assert.deepEqual((await search(`type=auto_vehicle&facetField=${name}`)).results, {});
    }
  });

  it('counts values of a facet, over relations too', async () => {
    const search = await fleet();
    assert.deepEqual((await search('type=auto_vehicle&facetField=make')).results, { Acme: 2, Zed: 1 });
    assert.deepEqual((await search('type=auto_ecu&facetField=installed_in:out:modelYear')).results, {
      2019: 1,
    });
  });

  it('summarises', async () => {
    const search = await fleet();
    assert.deepEqual(await search('type=auto_vehicle&summarize=true'), { results: [], total: 3 });
  });

  it('finds the supplier of an external id, the first of several', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier('First', 'same'));
    await library('POST', '/groups', supplier('Second', 'same'));
    const { json } = await library('GET', `/search?type=auto_supplier&eq=${enc('externalId:same')}`);
    assert.deepEqual(
      json.results.map(({ name }) => name),
      ['First', 'Second'],
    );
  });
});

describe('asset library: events', () => {
  it('publishes what was made, changed and deleted', async () => {
    const { library, published, context } = createHarness();
    await library('POST', '/groups', supplier());
    const path = '/groups/%2Fauto%2Fsuppliers%2Fgenericsuppliername';
    await library('PATCH', path, { attributes: { externalId: 'ext-2' } });
    await library('DELETE', path);
    const topic = 'cdf/assetlibrary/events/groups/%2Fauto%2Fsuppliers%2Fgenericsuppliername';
    assert.deepEqual(
      published.map((message) => message.topic),
      [`${topic}/create`, `${topic}/modify`, `${topic}/delete`],
    );
    const created = published[0]!;
    assert.equal(created.payload.objectId, '/auto/suppliers/genericsuppliername');
    assert.equal(created.payload.type, 'groups');
    assert.equal(created.payload.event, 'create');
    assert.equal(created.payload.time, new Date(context.clock.now()).toISOString());
    const item = JSON.parse(String(created.payload.payload)) as Record<string, unknown>;
    assert.deepEqual([item.name, item.attributes], ['GenericSupplierName', { externalId: 'ext-1' }]);
  });

  it('tells attaching and detaching by attributes, without a payload', async () => {
    const { library, published } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/groups', userGroup());
    await library('POST', '/devices', device());
    published.length = 0;
    const vehicle = `/auto/vehicles/${VIN.toLowerCase()}`;
    for (const method of ['PUT', 'DELETE']) {
      await library(method, `/devices/${VIN}/installed_in/groups/${enc(vehicle)}`);
      await library(method, `/groups/${enc('/auto/users/bob')}/owns/groups/${enc(vehicle)}`);
    }
    const deviceId = VIN.toLowerCase();
    const sourceGroupPath = '/auto/users/bob';
    assert.deepEqual(
      published.map(({ payload }) => [payload.event, payload.payload, payload.attributes]),
      [
        ['modify', undefined, { deviceId, attachedToGroup: vehicle, relationship: 'installed_in' }],
        ['modify', undefined, { sourceGroupPath, attachedToGroup: vehicle, relationship: 'owns' }],
        ['modify', undefined, { deviceId, detachedFromGroup: vehicle, relationship: 'installed_in' }],
        ['modify', undefined, { sourceGroupPath, detachedFromGroup: vehicle, relationship: 'owns' }],
      ],
    );
  });

  it('publishes templates and policies too', async () => {
    const { library, published } = createHarness();
    await library('POST', '/templates/device/sensor', { properties: {} });
    await library('PUT', '/templates/device/sensor/publish');
    await library('DELETE', '/policies/tcuprovisioningtemplate');
    assert.deepEqual(
      published.map(({ topic }) => topic.replace('cdf/assetlibrary/events/', '')),
      [
        'deviceTemplates/sensor/create',
        'deviceTemplates/sensor/modify',
        'policies/tcuprovisioningtemplate/delete',
      ],
    );
  });
});
