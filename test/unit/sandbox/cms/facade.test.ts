import assert from 'node:assert/strict';
import { CDF_V1 } from '../../../../src/sandbox/installations/cdf/rest/express.ts';
import type { Fault } from '../../../../src/sandbox/kernel/faults.ts';
import {
  activation,
  CERTIFICATE_ID,
  createHarness,
  enc,
  registration,
  supplier,
  TOKEN,
  user,
  userGroup,
  VIN,
  vehicleAttributes,
} from './cmsHarness.ts';

const register = `/suppliers/ext-1/devices/${VIN}/register`;
const activate = `/suppliers/ext-1/devices/${VIN}/activate`;
const owners = `/vehicles/${VIN}/owners/bob`;
const thingArn = `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`;

async function withSupplier() {
  const harness = createHarness();
  await harness.library('POST', '/groups', supplier());
  harness.published.length = 0;
  return harness;
}

async function registered() {
  const harness = await withSupplier();
  await harness.facade(register, registration());
  harness.published.length = 0;
  return harness;
}

describe('facade: every call', () => {
  it('needs an id token', async () => {
    const { call } = createHarness();
    const message = async (token: string | undefined) => {
      const reply = await call('facade', 'POST', '/users', { token, body: user() });
      return [reply.status, reply.json];
    };
    assert.deepEqual(await message(undefined), [401, { message: 'Unauthorized' }]);
    assert.deepEqual(await message('foreign'), [401, { message: 'Unauthorized' }]);
    assert.deepEqual(await message('expired'), [401, { message: 'The incoming token has expired' }]);
    assert.equal((await call('facade', 'POST', '/users', { token: TOKEN, body: user() })).status, 204);
  });

  it('takes the token of its own stack’s pool only', async () => {
    const stacks = [
      { name: 'cms-a', core: 'core' },
      { name: 'cms-b', core: 'core' },
    ];
    const { call } = createHarness({ stacks });
    const post = async (stack: string, token: string) =>
      (await call('facade', 'POST', '/users', { stack, token, body: user() })).status;
    assert.equal(await post('cms-a', 'token of us-west-2_cms-b'), 401);
    assert.equal(await post('cms-b', 'token of us-west-2_cms-b'), 204);
  });

  it('reads a body of the versioned type only', async () => {
    const { call } = createHarness();
    const reply = await call('facade', 'POST', '/users', {
      body: user(),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(reply.status, 400);
    assert.equal(reply.headers['content-type'], CDF_V1);
  });

  it('allows every origin', async () => {
    const { call, facade } = createHarness();
    assert.equal((await facade('/users', user())).headers['access-control-allow-origin'], '*');
    const preflight = await call('facade', 'OPTIONS', '/users', { token: undefined });
    assert.deepEqual([preflight.status, preflight.headers.allow], [200, 'POST']);
  });

  it('has a page for what it does not know, and nothing to read', async () => {
    const { call } = createHarness();
    for (const [method, path] of [
      ['GET', '/users'],
      ['DELETE', owners],
      ['POST', '/nothing'],
    ] as const) {
      const reply = await call('facade', method, path);
      assert.equal(reply.status, 404);
      assert.match(reply.text, new RegExp(`Cannot ${method} ${path}`));
    }
  });
});

describe('facade: POST /users', () => {
  it('makes a group under /auto/users, name as sent', async () => {
    const { facade, library } = createHarness();
    assert.equal((await facade('/users', { ...user('TestUser1'), phone: '123' })).status, 204);
    const { json } = await library('GET', `/groups/${enc('/auto/users/testuser1')}`);
    assert.equal(json.name, 'TestUser1');
    assert.deepEqual(json.attributes, { firstName: 'Bob', lastName: 'Builder', phone: '123' });
  });

  it('refuses one that is there, in any case', async () => {
    const { facade } = createHarness();
    await facade('/users', user());
    const again = await facade('/users', user('BOB'));
    assert.deepEqual([again.status, again.json], [409, { error: 'USER_ALREADY_REGISTERED' }]);
  });

  it('says so when it cannot look for the user', async () => {
    const { facade, context } = createHarness();
    context.faults.add({ operation: 'facade:users:check', count: 1, action: { kind: 'throttle' } });
    const reply = await facade('/users', user());
    assert.deepEqual([reply.status, reply.json], [500, { error: 'UNABLE_TO_CHECK_USER' }]);
    assert.equal((await facade('/users', user())).status, 204);
  });

  it('refuses what is missing and a bad email', async () => {
    const { facade } = createHarness();
    assert.equal((await facade('/users', { ...user(), lastName: '' })).status, 400);
    const reply = await facade('/users', { ...user(), email: 'nobody' });
    assert.deepEqual([reply.status, reply.json], [400, { error: 'FAILED_VALIDATION' }]);
  });
});

describe('facade: register', () => {
  it('makes the device, registers the thing with the tcu template and notes its ARN', async () => {
    const { facade, library, registered: calls } = await withSupplier();
    const reply = await facade(register, registration());
    assert.equal(reply.status, 201);
    assert.deepEqual(reply.json, {
      certificatePem: 'PEM',
      thingArn,
      certificateId: `arn:aws:iot:us-west-2:123456789012:cert/${CERTIFICATE_ID}`,
    });
    assert.deepEqual((await library('GET', `/devices/${VIN}`)).json, {
      attributes: { status: 'assembled', type: 'tcu', model: 'TCU-1' },
      groups: { manufactured_by: ['/auto/suppliers/genericsuppliername'] },
      category: 'device',
      templateId: 'auto_ecu',
      deviceId: VIN.toLowerCase(),
      awsIotThingArn: thingArn,
      state: 'active',
    });
    const [{ template, parameters } = assert.fail('not registered')] = calls;
    assert.deepEqual(parameters, { ThingName: VIN, CertificateId: CERTIFICATE_ID, Status: 'ACTIVE' });
    const { thing, certificate, policy } = template.Resources;
    assert.equal((thing?.Properties as { ThingTypeName: string }).ThingTypeName, 'tcu');
    assert.deepEqual(certificate?.OverrideSettings, { Status: 'REPLACE' });
    assert.deepEqual(policy?.Properties, { PolicyName: 'CvraTcuDevicePolicy' });
  });

  it('fails as each cause tells', async () => {
    const cases: [string, object, number, string][] = [
      [register, { ...registration(), certificateId: '' }, 400, 'Expected string to not be empty'],
      [register, { ...registration(), attributes: { type: 'gateway' } }, 400, 'FAILED_VALIDATION'],
      [register, { ...registration(), templateId: 'none' }, 500, 'TEMPLATE_NOT_FOUND'],
      [
        register,
        { ...registration(), certificateId: 'x' },
        400,
        'REGISTRATION_FAILED: Certificate ID is not valid',
      ],
      [`/suppliers/supplier001/devices/${VIN}/register`, registration(), 500, 'SUPPLIER_NOT_FOUND'],
    ];
    for (const [path, body, status, error] of cases) {
      const { facade } = await withSupplier();
      const reply = await facade(path, body);
      assert.deepEqual([reply.status, reply.json], [status, { error }]);
    }
  });

  it('finds no provisioning template for a supplier that is not under /auto/suppliers', async () => {
    const { facade, library } = createHarness();
    await library('POST', '/groups', { ...supplier('Elsewhere', 'ext-9'), parentPath: '/auto' });
    const reply = await facade(`/suppliers/ext-9/devices/${VIN}/register`, registration());
    assert.deepEqual([reply.status, reply.json], [500, { error: 'NO_PROVISIONING_TEMPLATE_CONFIGURED' }]);
    assert.equal((await library('GET', `/devices/${VIN}`)).status, 200, 'the device stays');
  });

  it('stops at 409 on a second attempt, until the device is deleted', async () => {
    const { facade, library } = await registered();
    const again = await facade(register, registration());
    assert.deepEqual([again.status, again.json], [409, { error: 'Item already exists' }]);
    await library('DELETE', `/devices/${VIN}`);
    assert.equal((await facade(register, registration())).status, 201);
  });

  it('leaves behind what the steps before a failure did @slow', async () => {
    for (const [step, device, thing] of [
      ['a', false, false],
      ['b', false, false],
      ['c', true, false],
      ['d', true, false],
      ['e', true, true],
    ] as const) {
      const { facade, library, registered: calls, context } = await withSupplier();
      const action: Fault['action'] = { kind: 'error', code: 'Broken', status: 500 };
      context.faults.add({ operation: `facade:register:${step}`, count: 1, action });
      const reply = await facade(register, registration());
      assert.deepEqual([reply.status, reply.json], [500, { error: 'Broken' }], step);
      const found = await library('GET', `/devices/${VIN}`);
      assert.equal(found.status === 200, device, step);
      assert.equal(calls.length > 0, thing, step);
      if (device) assert.equal(found.json.attributes.status, 'whitelisted');
    }
  });

  it('answers 502 when the Lambda dies between two steps', async () => {
    const { facade, context } = await withSupplier();
    context.faults.add({
      operation: 'facade:register:d',
      count: 1,
      action: { kind: 'reset', when: 'before' },
    });
    const reply = await facade(register, registration());
    assert.deepEqual([reply.status, reply.json], [502, { message: 'Internal server error' }]);
  });
});

describe('facade: activate', () => {
  it('makes the vehicle, installs the device and gives notice', async () => {
    const { facade, library, published } = await registered();
    assert.equal((await facade(activate, activation())).status, 204);
    const vehicle = await library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    assert.equal(vehicle.json.name, VIN);
    assert.deepEqual(vehicle.json.attributes, vehicleAttributes);
    const device = (await library('GET', `/devices/${VIN}`)).json;
    assert.deepEqual(device.groups, {
      manufactured_by: ['/auto/suppliers/genericsuppliername'],
      installed_in: [`/auto/vehicles/${VIN.toLowerCase()}`],
    });
    assert.equal(device.attributes.status, 'installed');
    assert.equal(device.attributes.softwareVersion, '1.9.1');
    assert.deepEqual(published.at(-1), {
      topic: `cdf/${VIN}/activate/accepted`,
      payload: { deviceId: VIN, vin: VIN },
    });
  });

  it('checks fields as the table of the facade says', async () => {
    const { facade } = await registered();
    const year = 2024;
    const cases: [object, number][] = [
      [{ make: '' }, 400],
      [{ model: undefined }, 400],
      [{ vin: '' }, 400],
      [{ colorCode: '' }, 400],
      [{ modelYear: 1919 }, 400],
      [{ modelYear: 1920 }, 204],
      [{ modelYear: year + 2 }, 204],
      [{ modelYear: year + 3 }, 400],
      [{ modelYear: '2019' }, 204],
      [{ modelYear: 'soon' }, 400],
      [{ modelYear: 2019.5 }, 400],
      [{ bodyType: '' }, 400],
      [{ bodyType: 'Pickup' }, 400],
      [{ iviType: 'Best' }, 400],
      [{ ecus: [] }, 400],
      [{ ecus: undefined }, 400],
      [{ ecus: [{ type: 'TCU', id: VIN }] }, 400],
      [{ ecus: [{ type: 'tcu', id: VIN.toLowerCase() }] }, 400],
      [{ vin: 'any text at all' }, 204],
      [{ marketCode: 'EUR', countryCode: 'DE', transmissionAutoType: '7-speed' }, 204],
    ];
    for (const [change, status] of cases) {
      const body = { vehicle: { ...activation().vehicle, ...change } };
      assert.equal((await facade(activate, body)).status, status, JSON.stringify(change));
    }
  });

  it('drops market, country and transmission sub-types silently', async () => {
    const { facade, library } = await registered();
    const vehicle = {
      ...activation().vehicle,
      marketCode: 'EUR',
      countryCode: 'DE',
      transmissionAutoType: '7-speed',
      transmissionManualType: '5-speed',
    };
    await facade(activate, { vehicle });
    const { json } = await library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    assert.deepEqual(json.attributes, vehicleAttributes);
  });

  it('refuses a device that is not registered, with notice', async () => {
    const { facade, published } = await withSupplier();
    const reply = await facade(activate, activation());
    assert.deepEqual([reply.status, reply.json], [500, { error: 'TCU_NOT_WHITELISTED' }]);
    assert.deepEqual(published, [
      {
        topic: `cdf/${VIN}/activate/rejected`,
        payload: { deviceId: VIN, vin: VIN, message: 'TCU_NOT_WHITELISTED' },
      },
    ]);
  });

  it('fails when the notice cannot be published, with the vehicle made', async () => {
    const { facade, library, context } = await registered();
    context.faults.add({ operation: 'facade:activate:publish', count: 1, action: { kind: 'throttle' } });
    const reply = await facade(activate, activation());
    assert.deepEqual([reply.status, reply.json], [500, { error: 'MQTT_PUBLISH_FAILED' }]);
    assert.equal((await library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`)).status, 200);
  });

  it('says UNKNOWN for a VIN that was not given', async () => {
    const { facade, published } = await registered();
    assert.equal((await facade(activate, {})).status, 400);
    assert.equal(published.at(-1)?.payload.vin, 'UNKNOWN');
  });

  it('does not look at the supplier in the path', async () => {
    const { facade } = await registered();
    assert.equal((await facade(`/suppliers/none/devices/${VIN}/activate`, activation())).status, 204);
  });

  it('brings the details up to date when it comes again', async () => {
    const { facade, library } = await registered();
    await facade(activate, activation());
    const vehicle = { ...activation().vehicle, model: 'DX' };
    assert.equal((await facade(activate, { vehicle })).status, 204);
    const { json } = await library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    assert.equal(json.attributes.model, 'DX');
    const devices = await library('GET', `/devices/${VIN}/installed_in/groups`);
    assert.equal(devices.json.results.length, 1);
  });

  it('makes the other control units, and fails when one is there already or of another type', async () => {
    const { facade, library } = await registered();
    const tcu = activation().vehicle.ecus[0];
    const withUnits = (...units: object[]) => ({
      vehicle: { ...activation().vehicle, ecus: [tcu, ...units] },
    });
    assert.equal((await facade(activate, withUnits({ type: 'bcm', id: 'BCM1' }))).status, 204);
    const unit = (await library('GET', '/devices/bcm1')).json;
    assert.deepEqual([unit.state, unit.attributes], ['unprovisioned', { type: 'bcm' }]);
    assert.deepEqual(unit.groups, { installed_in: [`/auto/vehicles/${VIN.toLowerCase()}`] });
    for (const [given, key] of [
      [{ type: 'bcm', id: 'BCM1' }, 'BCM1'],
      [{ type: 'gateway', id: 'GW1' }, 'GW1'],
    ] as const) {
      const reply = await facade(activate, withUnits(given));
      assert.equal(reply.status, 500);
      assert.equal(reply.json.error, `ECU_CREATION_FAILED:\n{"${key}":{}}`);
    }
  });
});

describe('facade: owners', () => {
  const pairing = { pairingCode: '12345' };

  async function activated() {
    const harness = await registered();
    await harness.facade(activate, activation());
    await harness.library('POST', '/groups', userGroup());
    await harness.library('POST', '/groups', userGroup('eve'));
    return harness;
  }

  it('makes the user own the vehicle, and its owners before past ones', async () => {
    const { facade, library } = await activated();
    assert.equal((await facade(owners, pairing)).status, 204);
    assert.equal((await facade(`/vehicles/${VIN}/owners/eve`, pairing)).status, 204);
    const { json } = await library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    assert.deepEqual(json.groups, { owned: ['/auto/users/bob'], owns: ['/auto/users/eve'] });
  });

  it('leaves both relations when the same owner comes again', async () => {
    const { facade, library } = await activated();
    await facade(owners, pairing);
    await facade(owners, pairing);
    const { json } = await library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    assert.deepEqual(json.groups, { owned: ['/auto/users/bob'], owns: ['/auto/users/bob'] });
  });

  it('fails as each cause tells', async () => {
    const { facade, library } = await activated();
    assert.equal((await facade(owners, { pairingCode: '' })).status, 400);
    const unknownUser = await facade(`/vehicles/${VIN}/owners/none`, pairing);
    assert.deepEqual([unknownUser.status, unknownUser.json], [500, { error: 'USER_NOT_REGISTERED' }]);
    const unknownVehicle = await facade('/vehicles/none/owners/bob', pairing);
    assert.equal(unknownVehicle.status, 500);
    assert.match(unknownVehicle.headers['content-type'] ?? '', /^text\/html/);
    await library('PATCH', `/devices/${VIN}`, { state: 'retired' });
    const noTcu = await facade(owners, pairing);
    assert.deepEqual([noTcu.status, noTcu.json], [500, { error: 'TCU_NOT_WHITELISTED' }]);
  });
});
