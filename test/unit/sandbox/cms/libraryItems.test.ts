import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  createHarness,
  device,
  enc,
  registration,
  type Row,
  supplier,
  userGroup,
  VIN,
  vehicleAttributes,
  vehicleGroup,
} from './cmsHarness.ts';

const supplierPath = '/auto/suppliers/genericsuppliername';
const vehiclePath = `/auto/vehicles/${VIN.toLowerCase()}`;
const groupAt = (path: string): string => `/groups/${enc(path)}`;
const names = (rows: Row[]): unknown[] => rows.map((row) => row.name ?? row.deviceId);

describe('asset library: groups', () => {
  it('reads a group in the shape of v1.0', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', vehicleGroup());
    assert.deepEqual((await library('GET', groupAt(vehiclePath))).json, {
      attributes: vehicleAttributes,
      category: 'group',
      templateId: 'auto_vehicle',
      name: VIN,
      groupPath: vehiclePath,
      parentPath: '/auto/vehicles',
    });
  });

  it('ignores a path in the body', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', { ...supplier(), groupPath: '/elsewhere' });
    assert.equal((await library('GET', groupAt(supplierPath))).status, 200);
  });

  it('changes only the attributes given, and drops one on null where the template allows it', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', userGroup());
    const path = groupAt('/auto/users/bob');
    const attributes = { email: 'bob@example.com', city: 'Graz' };
    assert.equal((await library('PATCH', path, { attributes })).status, 204);
    assert.equal((await library('PATCH', path, { attributes: { email: null } })).status, 204);
    assert.equal((await library('PATCH', path, { attributes: { city: null } })).status, 400);
    assert.deepEqual((await library('GET', path)).json.attributes, {
      firstName: 'Bob',
      lastName: 'Builder',
      city: 'Graz',
    });
  });

  // Issue 64 of the product, in its version 1.0.5.
  it('writes nothing of a change that stands after a null', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', userGroup());
    const path = groupAt('/auto/users/bob');
    const before = { email: 'bob@example.com', city: 'Graz', addressLine2: 'left', phone: '1' };
    await library('PATCH', path, { attributes: before });
    const change = { city: 'Linz', email: null, phone: '2', addressLine2: null };
    assert.equal((await library('PATCH', path, { attributes: change })).status, 204);
    assert.deepEqual((await library('GET', path)).json.attributes, {
      firstName: 'Bob',
      lastName: 'Builder',
      city: 'Linz',
      addressLine2: 'left',
      phone: '1',
    });
    assert.equal((await library('PATCH', path, { attributes: { email: null, phone: '3' } })).status, 204);
    assert.equal((await library('GET', path)).json.attributes.phone, '1');
  });

  it('makes one more edge with each PUT and removes all with one DELETE', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', userGroup());
    await library('POST', '/groups', vehicleGroup());
    const edge = `${groupAt('/auto/users/bob')}/OWNS/groups/${enc(vehiclePath)}`;
    const owned = async () =>
      (await library('GET', `${groupAt('/auto/users/bob')}/owns/groups?direction=out`)).json.results.length;
    for (let n = 0; n < 2; n++) assert.equal((await library('PUT', edge)).status, 204);
    assert.equal(await owned(), 2);
    assert.deepEqual((await library('GET', groupAt(vehiclePath))).json.groups, {
      owns: ['/auto/users/bob', '/auto/users/bob'],
    });
    for (let n = 0; n < 2; n++) assert.equal((await library('DELETE', edge)).status, 204);
    assert.equal(await owned(), 0);
  });

  it('hides relations on request', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/groups', { ...userGroup(), groups: { owns: [vehiclePath] } });
    const { json } = await library('GET', `${groupAt(vehiclePath)}?includeGroups=false`);
    assert.equal(json.groups, undefined);
  });

  it('deletes a group with its edges and leaves children and devices', async () => {
    const { library, onboard } = createHarness();
    await onboard();
    assert.equal((await library('DELETE', groupAt(vehiclePath))).status, 204);
    const { json } = await library('GET', `/devices/${VIN}`);
    assert.deepEqual(json.groups, { manufactured_by: [supplierPath] });
    assert.equal((await library('DELETE', groupAt('/auto/suppliers'))).status, 204);
    assert.equal((await library('GET', groupAt(supplierPath))).status, 200);
  });

  it('lists members with relation and direction, and owners among them', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/groups', { ...userGroup(), groups: { owns: [vehiclePath] } });
    const vehicles = await library(
      'GET',
      `${groupAt('/auto/vehicles')}/members/groups?template=auto_vehicle`,
    );
    assert.deepEqual(
      vehicles.json.results.map(({ name, relation, direction }) => ({ name, relation, direction })),
      [{ name: VIN, relation: 'parent', direction: 'in' }],
    );
    const ofVehicle = await library('GET', `${groupAt(vehiclePath)}/members/groups`);
    assert.deepEqual(names(ofVehicle.json.results), ['bob']);
  });

  it('takes a star, encoded or not, for any relation', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/groups', { ...userGroup(), groups: { owns: [vehiclePath] } });
    for (const star of ['*', '%2A']) {
      const { json } = await library('GET', `${groupAt(vehiclePath)}/${star}/groups`);
      assert.deepEqual(
        json.results.map(({ name, relation, direction }) => [name, relation, direction]),
        [
          ['bob', 'owns', 'in'],
          ['vehicles', 'parent', 'out'],
        ],
      );
    }
  });

  it('hides the seed supplier behind the template filter', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    const all = await library('GET', `${groupAt('/auto/suppliers')}/members/groups`);
    assert.deepEqual(names(all.json.results), ['Acme Electronics', 'GenericSupplierName']);
    const real = await library('GET', `${groupAt('/auto/suppliers')}/members/groups?template=auto_supplier`);
    assert.deepEqual(names(real.json.results), ['GenericSupplierName']);
  });

  it('lists nothing for an unknown group', async () => {
    const { library } = createHarness();
    for (const path of ['members/groups', 'members/devices', 'owns/groups', 'owns/devices', 'memberships']) {
      const reply = await library('GET', `/groups/%2Fnone/${path}`);
      assert.deepEqual([reply.status, reply.json], [200, { results: [] }], path);
    }
  });

  it('lists memberships from the group up to the root', async () => {
    const { library } = createHarness();
    const { json } = await library('GET', `${groupAt('/auto/suppliers/acme electronics')}/memberships`);
    assert.deepEqual(
      json.results.map((row) => row.groupPath),
      ['/auto/suppliers/acme electronics', '/auto/suppliers', '/auto', '/'],
    );
  });

  it('makes groups in bulk and counts what failed', async () => {
    const { library } = createHarness();
    const made = await library('POST', '/bulkgroups', {
      groups: [supplier('a'), supplier('a'), supplier('b')],
    });
    assert.equal(made.status, 201);
    assert.deepEqual(made.json, { success: 2, failed: 1, total: 3, errors: { '/auto/suppliers/a': {} } });
    const read = await library(
      'GET',
      `/bulkgroups?groupPaths=${enc('/auto/suppliers/a,/none,/auto/suppliers/b')}`,
    );
    assert.deepEqual(names(read.json.results), ['a', 'b']);
    assert.equal((await library('GET', '/bulkgroups?groupPaths=%2Fnone')).status, 500);
  });
});

describe('asset library: paging', () => {
  it('cuts rows only when offset and count are both given, and never gives a total', async () => {
    const { library } = createHarness();
    await library('POST', '/bulkgroups', { groups: [1, 2, 3, 4, 5].map((n) => supplier(`s${n}`)) });
    const list = async (query: string) => {
      const path = `${groupAt('/auto/suppliers')}/members/groups?template=auto_supplier&sort=name:asc&${query}`;
      const { results, pagination } = (await library('GET', path)).json;
      return [names(results).join(), pagination];
    };
    assert.deepEqual(await list(''), ['s1,s2,s3,s4,s5', undefined]);
    assert.deepEqual(await list('offset=1'), ['s1,s2,s3,s4,s5', { offset: 1 }]);
    assert.deepEqual(await list('count=2'), ['s1,s2,s3,s4,s5', { count: 2 }]);
    assert.deepEqual(await list('offset=1&count=2'), ['s2,s3', { offset: 1, count: 2 }]);
    assert.deepEqual(await list('offset=4&count=2'), ['s5', { offset: 4, count: 2 }]);
  });

  it('gives every row once over pages of any size, sorted or not', async () => {
    const { library } = createHarness();
    const all = Array.from({ length: 23 }, (_, n) => `s${n}`);
    await library('POST', '/bulkgroups', { groups: all.map((name) => supplier(name)) });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.boolean(), async (count, sorted) => {
        const seen: unknown[] = [];
        for (let offset = 0; ; offset += count) {
          const path = `${groupAt('/auto/suppliers')}/members/groups?template=auto_supplier&offset=${offset}&count=${count}${sorted ? '&sort=name:desc' : ''}`;
          const rows = (await library('GET', path)).json.results;
          seen.push(...names(rows));
          if (rows.length < count) break;
        }
        assert.deepEqual(
          sorted ? seen : [...seen].sort(),
          sorted ? [...all].sort().reverse() : [...all].sort(),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('stays quick with ten thousand vehicles @slow', async () => {
    const { library } = createHarness();
    const groups = Array.from({ length: 10_000 }, (_, n) => vehicleGroup(`V${String(n).padStart(5, '0')}`));
    for (let at = 0; at < groups.length; at += 250) {
      await library('POST', '/bulkgroups', { groups: groups.slice(at, at + 250) });
    }
    const page = await library(
      'GET',
      `${groupAt('/auto/vehicles')}/members/groups?template=auto_vehicle&offset=9990&count=20`,
    );
    assert.equal(page.json.results.length, 10);
    const total = await library('GET', '/search?type=auto_vehicle&summarize=true');
    assert.deepEqual(total.json, { results: [], total: 10_000 });
  }).timeout(60_000);
});

describe('asset library: devices', () => {
  it('reads a device in the shape of v1.0, unprovisioned by default', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/devices', { ...device(), state: undefined, attributes: { type: 'tcu' } });
    assert.deepEqual((await library('GET', `/devices/${VIN}`)).json, {
      attributes: { type: 'tcu' },
      groups: { manufactured_by: [supplierPath] },
      category: 'device',
      templateId: 'auto_ecu',
      deviceId: VIN.toLowerCase(),
      state: 'unprovisioned',
    });
  });

  it('knows the states in the schema’s own spelling', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/devices', device());
    const set = async (state: string) => (await library('PATCH', `/devices/${VIN}`, { state })).status;
    assert.deepEqual([await set('decommisioned'), await set('decommissioned')], [204, 400]);
  });

  it('is related to a group once, however often it is PUT', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/devices', device());
    for (const path of ['installed_in/groups', 'Installed_In/out/groups']) {
      assert.equal((await library('PUT', `/devices/${VIN}/${path}/${enc(vehiclePath)}`)).status, 204);
    }
    const list = async () =>
      (await library('GET', `/devices/${VIN}/installed_in/groups?direction=out`)).json.results;
    assert.deepEqual(names(await list()), [VIN]);
    assert.equal(
      (await library('DELETE', `/devices/${VIN}/installed_in/groups/${enc(vehiclePath)}`)).status,
      204,
    );
    assert.deepEqual(await list(), []);
  });

  it('is related to a group and no longer by paths that name the direction', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/devices', device());
    const related = async () =>
      names((await library('GET', `/devices/${VIN}/installed_in/groups?direction=out`)).json.results);
    const installed = `/devices/${VIN}/installed_in/out/groups/${enc(vehiclePath)}`;
    assert.equal((await library('PUT', installed)).status, 204);
    assert.deepEqual(await related(), [VIN]);
    assert.equal((await library('DELETE', installed)).status, 204);
    assert.deepEqual(await related(), []);
  });

  it('lists active devices of a group only, unless another state is asked for', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/devices', device('a'));
    await library('POST', '/devices', { ...device('b'), state: 'unprovisioned' });
    const list = async (query: string) =>
      names(
        (await library('GET', `${groupAt(supplierPath)}/manufactured_by/devices?direction=in${query}`)).json
          .results,
      );
    assert.deepEqual(await list(''), ['a']);
    assert.deepEqual(await list('&state=unprovisioned'), ['b']);
  });

  it('relates devices with each other both ways', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    for (const id of ['a', 'b']) await library('POST', '/devices', device(id));
    assert.equal((await library('PUT', '/devices/a/linked_to/in/devices/B')).status, 204);
    const list = await library('GET', '/devices/a/linked_to/devices?direction=in');
    assert.deepEqual(names(list.json.results), ['b']);
    assert.deepEqual((await library('GET', '/devices/b')).json.devices, { linked_to: ['a'] });
    assert.equal((await library('PUT', '/devices/a/linked_to/devices/none')).status, 404);
    assert.equal((await library('DELETE', '/devices/a/linked_to/in/devices/b')).status, 204);
    assert.equal((await library('GET', '/devices/b')).json.devices, undefined);
  });

  it('shows the attributes asked for, and leaves relations out on request', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/devices', { ...device(), attributes: { type: 'tcu', model: 'M' } });
    const some = (await library('GET', `/devices/${VIN}?attributes=model&includeGroups=false`)).json;
    assert.deepEqual([some.attributes, some.groups, some.state], [{ model: 'M' }, undefined, 'active']);
    assert.deepEqual((await library('GET', `/devices/${VIN}?attributes=`)).json.attributes, {});
  });

  it('writes nothing of a change that stands after a null, members first', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/devices', { ...device(), attributes: { model: 'M' } });
    const change = { state: 'retired', description: null, attributes: { model: 'N' } };
    assert.equal((await library('PATCH', `/devices/${VIN}`, change)).status, 204);
    const { json } = await library('GET', `/devices/${VIN}`);
    assert.deepEqual([json.state, json.attributes], ['active', { model: 'M' }]);
  });

  it('is deleted with 204 even when it is not there', async () => {
    const { library } = createHarness();
    assert.equal((await library('DELETE', '/devices/none')).status, 204);
  });

  it('makes, changes and reads devices in bulk', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    const made = await library('POST', '/bulkdevices', { devices: [device('a'), device('A'), device('b')] });
    assert.deepEqual([made.status, made.json], [201, { success: 2, failed: 1, total: 3, errors: { A: {} } }]);
    const change = { deviceId: 'a', attributes: { model: 'M' } };
    const changed = await library('PATCH', '/bulkdevices', {
      devices: [change, { ...change, deviceId: 'none' }],
    });
    assert.deepEqual([changed.status, changed.text], [204, '']);
    const read = await library('GET', '/bulkdevices?deviceIds=a,b,none');
    assert.deepEqual(
      read.json.results.map(({ attributes }) => attributes),
      [{ model: 'M' }, {}],
    );
    assert.deepEqual((await library('GET', '/bulkdevices?deviceIds=none')).json, { results: [] });
  });
});

describe('asset library: templates', () => {
  it('shows a template with what other templates relate to it', async () => {
    const { library } = createHarness();
    const { json } = await library('GET', '/templates/group/AUTO_VEHICLE');
    assert.deepEqual(json.relations, {
      in: { owns: ['auto_user'], owned: ['auto_user'], installed_in: ['auto_ecu'] },
    });
    assert.deepEqual(json.required, Object.keys(vehicleAttributes));
    assert.equal((await library('GET', '/templates/device/auto_vehicle')).status, 404);
  });

  it('lists templates of a category, and 404 when there is none', async () => {
    const { library } = createHarness();
    const { json } = await library('GET', '/templates/group?offset=0&count=2');
    assert.deepEqual(
      json.results.map((row) => row.templateId),
      ['root', 'auto_supplier'],
    );
    assert.deepEqual(json.pagination, { offset: '0', count: '2' });
    assert.equal((await library('GET', '/templates/group?status=draft')).status, 404);
  });

  it('goes from draft to published, and a change makes a draft again', async () => {
    const { library, context } = createHarness();
    const path = '/templates/group/auto_supplier';
    const wider = { properties: { externalId: { type: 'string' }, city: { type: 'string' } } };
    assert.equal((await library('PATCH', path, wider)).status, 204);
    assert.deepEqual((await library('GET', path)).json.properties, { externalId: { type: 'string' } });
    assert.deepEqual((await library('GET', `${path}?status=draft`)).json.properties, wider.properties);
    const inGraz = { ...supplier(), attributes: { city: 'Graz' } };
    assert.equal((await library('POST', '/groups', inGraz)).status, 400);
    assert.equal((await library('PUT', `${path}/publish`)).status, 204);
    assert.equal((await library('POST', '/groups', inGraz)).status, 400, 'still cached');
    context.clock.advance(10_001);
    assert.equal((await library('POST', '/groups', inGraz)).status, 204);
    assert.equal((await library('PUT', `${path}/publish`)).status, 404, 'no draft left');
  });

  it('refuses a bad definition with details', async () => {
    const { library } = createHarness();
    const bad = await library('POST', '/templates/group/x', { properties: { a: { type: 'date' } } });
    assert.equal(bad.status, 400);
    assert.equal(typeof bad.json.error, 'object');
    const unknown = await library('POST', '/templates/group/x', { relations: { out: { r: ['none'] } } });
    assert.deepEqual(unknown.json, { error: { relations: 'Invalid relation types' } });
    assert.equal((await library('POST', '/templates/group/x', { properties: {} })).status, 201);
  });

  it('is deleted when nothing uses it', async () => {
    const { library } = createHarness();
    assert.equal((await library('DELETE', '/templates/device/auto_ecu')).status, 204);
    assert.equal((await library('GET', '/templates/device/auto_ecu')).status, 404);
  });
});

describe('asset library: profiles', () => {
  it('writes nothing of a change that stands after a null', async () => {
    const { library } = createHarness();
    const path = '/profiles/group/auto_user';
    const attributes = { city: 'Graz', phone: '1' };
    await library('POST', path, { profileId: 'p', attributes });
    const change = { city: 'Linz', email: null, phone: '2' };
    assert.equal((await library('PATCH', `${path}/p`, { attributes: change })).status, 204);
    assert.deepEqual((await library('GET', `${path}/p`)).json.attributes, { city: 'Linz', phone: '1' });
  });

  it('fills in what an item does not say', async () => {
    const { library } = createHarness();
    const path = '/profiles/group/auto_vehicle';
    const profile = { profileId: 'Acme-2019', attributes: vehicleAttributes };
    assert.equal((await library('POST', path, profile)).status, 204);
    assert.equal((await library('POST', path, profile)).status, 409);
    const group = { ...vehicleGroup(), attributes: { make: 'Other' } };
    assert.equal((await library('POST', '/groups?applyProfile=acme-2019', group)).status, 204);
    assert.deepEqual((await library('GET', groupAt(vehiclePath))).json.attributes, {
      ...vehicleAttributes,
      make: 'Other',
    });
  });

  it('is read, listed, changed and deleted', async () => {
    const { library } = createHarness();
    const path = '/profiles/device/auto_ecu';
    assert.equal((await library('GET', path)).status, 404);
    await library('POST', path, { profileId: 'p', attributes: { model: 'M' } });
    await library('PATCH', `${path}/p`, { attributes: { type: 'tcu' } });
    assert.deepEqual((await library('GET', `${path}/P`)).json.attributes, { model: 'M', type: 'tcu' });
    assert.equal((await library('GET', path)).json.results.length, 1);
    assert.equal((await library('PATCH', `${path}/p`, { attributes: { type: 'gateway' } })).status, 400);
    assert.equal((await library('DELETE', `${path}/p`)).status, 204);
    assert.equal((await library('DELETE', `${path}/p`)).status, 404);
    assert.equal((await library('GET', `${path}/p`)).status, 404);
  });
});

describe('asset library: policies', () => {
  const seeded = {
    policyId: 'tcuprovisioningtemplate',
    type: 'provisioningtemplate',
    description: 'TCU provisioning template',
    appliesTo: ['/auto/suppliers'],
    document: '{"template":"tcu"}',
  };

  it('is inherited by a device of a group below', async () => {
    const { library, facade } = createHarness();
    await library('POST', '/groups', supplier());
    await facade(`/suppliers/ext-1/devices/${VIN}/register`, registration());
    const path = `/policies/inherited?deviceId=${VIN}&type=ProvisioningTemplate`;
    assert.deepEqual((await library('GET', path)).json, { results: [seeded] });
    const byGroup = await library('GET', `/policies/inherited?groupPath=${enc(supplierPath)}`);
    assert.deepEqual(byGroup.json, { results: [seeded] });
  });

  it('answers 404 with an empty list when none is inherited, and 400 when nothing is asked', async () => {
    const { library } = createHarness();
    const none = await library('GET', '/policies/inherited?deviceId=none&type=x');
    assert.deepEqual([none.status, none.json], [404, { results: [] }]);
    assert.equal((await library('GET', '/policies/inherited')).status, 400);
  });

  it('is inherited only by a device under every group it applies to', async () => {
    const { library } = createHarness();
    await library('POST', '/groups', supplier());
    await library('POST', '/groups', vehicleGroup());
    await library('POST', '/devices', device());
    const policy = {
      policyId: 'Both',
      type: 'T',
      document: '{}',
      appliesTo: ['/auto/suppliers', '/auto/vehicles'],
    };
    assert.equal((await library('POST', '/policies', policy)).status, 204);
    const path = `/policies/inherited?deviceId=${VIN}&type=t`;
    assert.equal((await library('GET', path)).status, 404);
    await library('PUT', `/devices/${VIN}/installed_in/groups/${enc(vehiclePath)}`);
    assert.equal((await library('GET', path)).status, 200);
  });

  it('is made, read, listed, changed and deleted; an unknown one is read as 204', async () => {
    const { library } = createHarness();
    assert.deepEqual((await library('GET', '/policies/TCUProvisioningTemplate')).json, seeded);
    assert.deepEqual((await library('GET', '/policies?type=other')).json, { results: [] });
    assert.deepEqual((await library('GET', '/policies?offset=0&count=1')).json.pagination, {
      offset: '0',
      count: '1',
    });
    assert.equal((await library('POST', '/policies', { ...seeded, appliesTo: [] })).status, 400);
    assert.equal((await library('POST', '/policies', seeded)).status, 409);
    assert.equal(
      (await library('PATCH', '/policies/tcuprovisioningtemplate', { document: '{}' })).status,
      204,
    );
    assert.equal((await library('GET', '/policies/tcuprovisioningtemplate')).json.document, '{}');
    assert.equal((await library('DELETE', '/policies/tcuprovisioningtemplate')).status, 204);
    const gone = await library('GET', '/policies/tcuprovisioningtemplate');
    assert.deepEqual([gone.status, gone.text], [204, '']);
  });
});
