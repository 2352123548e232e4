import assert from 'node:assert/strict';
import {
  AttachThingPrincipalCommand,
  DescribeCertificateCommand,
  DetachThingPrincipalCommand,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import type { CdfApi, Supplier } from '../../src/cms/cdf/api.ts';
import { defaultVehicleDetails } from '../../src/cms/cdf/vehicleDetails.ts';
import { everyItem } from '../../src/cms/contract/pages.ts';
import { l10n } from '../../src/core/message.ts';
import { connectTo, errorOf, newCertificate, signedIn } from '../support/cms.ts';
import { startSandbox } from '../support/sandbox.ts';
import type { SandboxProcess } from '../support/sandbox.ts';

const TCU = { model: 'TCU-1', softwareVersion: '1.9.1' };
const bob = { username: 'Bob', firstName: 'Bob', lastName: "O'Brien" };
const alice = { username: 'alice', firstName: 'Ålice', lastName: '王' };

describe('the CMS v1 client against the sandbox', () => {
  const { signal } = new AbortController();
  let sandbox: SandboxProcess;
  let connection: Connection;
  let cms: CdfApi;
  let supplier: Supplier;
  let certificateId: string;
  // A thing of its own for each test: signing in anew for each would take seconds.
  let VIN: string;
  let count = 0;

  before(async () => {
    sandbox = await startSandbox();
    connection = await connectTo(sandbox);
    cms = await signedIn(connection, signal);
  });
  after(async () => {
    connection.dispose();
    await sandbox.stop();
  });
  beforeEach(async () => {
    VIN = `LSH14J4C4LA${String(++count).padStart(6, '0')}`;
    supplier = (await cms.ensureSupplier('GenericSupplierName', signal)).supplier;
    certificateId = await newCertificate(connection);
  });
  afterEach(async () => {
    await library('DELETE', `/devices/${VIN}`);
    for (const kind of ['vehicle', 'user', 'supplier']) {
      const found = await library('GET', `/search?type=auto_${kind}&offset=0&count=1000`);
      const { results } = (await found.json()) as { results: { groupPath: string }[] };
      for (const { groupPath } of results) {
        await library('DELETE', `/groups/${encodeURIComponent(groupPath)}`);
      }
    }
  });

  const register = (id = certificateId) =>
    cms.ensureDevice({ vin: VIN, supplier, certificateId: id, ...TCU }, signal);
  const activate = (details: Partial<typeof defaultVehicleDetails> = {}) =>
    cms.ensureActivated(
      { vin: VIN, supplier, ...TCU, vehicle: { ...defaultVehicleDetails, ...details } },
      signal,
    );
  /** The asset library of the documented install answers without a token. */
  const library = (method: string, path: string, body?: unknown) =>
    fetch(`${cms.core.outputs.AssetLibraryApiGatewayUrl}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.aws-cdf-v1.0+json',
        'content-type': 'application/vnd.aws-cdf-v1.0+json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const edge = (user: string, relation: string) =>
    `/groups/${encodeURIComponent(`/auto/users/${user}`)}/${relation}/groups/${encodeURIComponent(`/auto/vehicles/${VIN}`)}`;

  describe('suppliers', () => {
    it('are made once and found by any case', async () => {
      const again = await cms.ensureSupplier('genericsuppliername', signal);
      assert.deepEqual(again, { supplier, result: 'found' });
      assert.equal(supplier.name, 'GenericSupplierName');
    });

    it('without an external id are given one', async () => {
      await library('POST', '/groups', {
        parentPath: '/auto/suppliers',
        templateId: 'auto_supplier',
        name: 'No Id',
        attributes: {},
      });
      const repaired = await cms.ensureSupplier('No Id', signal);
      assert.equal(repaired.result, 'repaired');
      assert.deepEqual(await cms.ensureSupplier('No Id', signal), { ...repaired, result: 'found' });
    });

    it('cannot take the name of the seeded group that is none', async () => {
      const error = await errorOf(cms.ensureSupplier('Acme Electronics', signal));
      assert.equal(error.code, 'REQUEST_INVALID');
    });

    it('may have quotes in their name, but no letters CMS would drop', async () => {
      const name = `"Quoted" & O'Neill, 100%`;
      assert.equal((await cms.ensureSupplier(name, signal)).supplier.name, name);
      assert.equal((await errorOf(cms.ensureSupplier('Müller', signal))).code, 'REQUEST_INVALID');
    });

    it('are made by one of several who try at once', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, () => cms.ensureSupplier('Denso', signal)));
      assert.equal(new Set(made.map(({ supplier: s }) => s.externalId)).size, 1);
    });
  });

  describe('users', () => {
    it('are made once, with all their details', async () => {
      const full = { ...bob, email: 'bob@example.com', city: 'Århus', country: 'DK' };
      assert.equal(await cms.ensureUser(full, signal), 'created');
      assert.equal(await cms.ensureUser({ ...full, firstName: 'Other' }, signal), 'found');
      assert.deepEqual((await cms.users({ size: 10 }, signal)).items, [full]);
    });

    for (const wrong of [
      { ...bob, username: 'bøb' },
      { ...bob, username: 'a/b' },
      { ...bob, firstName: ' ' },
      { ...bob, email: 'nobody' },
    ]) {
      it(`are refused before any call: ${JSON.stringify(wrong)}`, async () => {
        assert.equal((await errorOf(cms.ensureUser(wrong, signal))).code, 'REQUEST_INVALID');
        assert.deepEqual((await cms.users({ size: 10 }, signal)).items, []);
      });
    }

    it('are there after an answer that was lost', async () => {
      await sandbox.fault({ operation: 'facade:POST /users', action: { kind: 'reset', when: 'after' } });
      assert.equal(await cms.ensureUser(bob, signal), 'created');
    });
  });

  describe('devices', () => {
    it('are registered once', async () => {
      assert.equal(await register(), 'created');
      assert.equal(await register(), 'found');
      const device = await cms.device(VIN, signal);
      assert.deepEqual(
        { ...device, thingArn: undefined },
        {
          deviceId: VIN.toLowerCase(),
          status: 'assembled',
          type: 'tcu',
          ...TCU,
          thingArn: undefined,
          vehicles: [],
          suppliers: ['GenericSupplierName'],
        },
      );
      assert.match(device?.thingArn ?? '', new RegExp(`thing/${VIN}$`));
    });

    for (const step of ['c', 'd', 'e']) {
      it(`recover from a register that crashed before step ${step}`, async () => {
        await sandbox.fault({
          operation: `facade:register:${step}`,
          action: { kind: 'reset', when: 'after' },
        });
        assert.ok(['created', 'repaired'].includes(await register()));
        assert.equal((await cms.device(VIN, signal))?.status, 'assembled');
        assert.equal(await register(), 'found');
      });
    }

    it('are registered anew when an earlier run left one half done', async () => {
      await library('POST', '/devices', {
        deviceId: VIN,
        templateId: 'auto_ecu',
        state: 'active',
        groups: { manufactured_by: ['/auto/suppliers/genericsuppliername'] },
        attributes: { status: 'whitelisted', type: 'tcu' },
      });
      assert.equal(await register(), 'repaired');
      assert.match((await cms.device(VIN, signal))?.thingArn ?? '', /:thing\//);
    });

    it('leave nothing behind when register is refused half-way', async () => {
      const error = await errorOf(register('0'.repeat(64)));
      assert.equal(error.code, 'CMS_REQUEST_REFUSED');
      assert.match(error.message, /AWS IoT did not register/);
      assert.equal(await cms.device(VIN, signal), undefined);
    });

    it('cannot come from a supplier CMS does not know', async () => {
      supplier = { name: 'x', externalId: 'unknown' };
      const error = await errorOf(register());
      assert.equal(error.details.error, 'SUPPLIER_NOT_FOUND');
    });

    it('get another certificate attached beside the first', async () => {
      await register();
      const second = await newCertificate(connection);
      assert.equal(await register(second), 'repaired');
      assert.equal(await register(second), 'found');
      const iot = await connection.iot();
      const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: VIN }));
      assert.equal(principals?.length, 2);
    });

    it('get their certificate back on the thing', async () => {
      await register();
      const iot = await connection.iot();
      const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
      const principal = certificateDescription!.certificateArn!;
      await iot.send(new DetachThingPrincipalCommand({ thingName: VIN, principal }));
      assert.equal(await register(), 'repaired');
      await iot.send(new AttachThingPrincipalCommand({ thingName: VIN, principal }));
      assert.equal(await register(), 'found');
    });
  });

  describe('vehicles', () => {
    beforeEach(async () => {
      await register();
    });

    it('are activated once, and the device is installed in them', async () => {
      assert.equal(await activate(), 'created');
      assert.equal(await activate(), 'found');
      const vehicle = await cms.vehicle(VIN, signal);
      assert.deepEqual(
        { vin: vehicle?.vin, make: vehicle?.make, model: vehicle?.model, year: vehicle?.modelYear },
        { vin: VIN, make: 'Acme', model: 'DN', year: 2019 },
      );
      const device = await cms.device(VIN, signal);
      assert.deepEqual([device?.status, device?.vehicles], ['installed', [VIN]]);
    });

    it('are brought up to date', async () => {
      await activate();
      assert.equal(await activate({ make: 'Other', modelYear: 2021 }), 'repaired');
      assert.equal((await cms.vehicle(VIN, signal))?.make, 'Other');
    });

    it('keep the details the facade drops', async () => {
      const extras = { marketCode: 'EUR', countryCode: 'DE', transmissionAutoType: '8-speed' } as const;
      assert.equal(await activate(extras), 'created');
      assert.equal(await activate(extras), 'found');
      assert.equal(await activate({ ...extras, marketCode: 'NA' }), 'repaired');
      const attributes = (await cms.vehicle(VIN, signal))?.attributes;
      assert.deepEqual(
        [attributes?.marketCode, attributes?.countryCode, attributes?.transmissionAutoType, attributes?.make],
        ['NA', 'DE', '8-speed', 'Acme'],
      );
    });

    it('with wrong details are refused before any call', async () => {
      const nextCentury = new Date().getUTCFullYear() + 3;
      assert.equal((await errorOf(activate({ modelYear: nextCentury }))).code, 'REQUEST_INVALID');
      const bodyType = 'Truck' as unknown as 'SUV';
      assert.equal((await errorOf(activate({ bodyType }))).details.field, 'bodyType');
      assert.equal(await cms.vehicle(VIN, signal), undefined);
    });

    it('are there after an answer that was lost', async () => {
      await sandbox.fault({
        operation: 'facade:POST /suppliers/{externalId}/devices/{deviceId}/activate',
        action: { kind: 'reset', when: 'after' },
      });
      assert.equal(await activate(), 'created');
      assert.equal(await activate(), 'found');
    });

    it('cannot be activated without a device', async () => {
      await cms.removeDevice(VIN, signal);
      assert.equal((await errorOf(activate())).details.error, 'TCU_NOT_WHITELISTED');
    });

    it('are refused when they exist with the VIN in another case', async () => {
      await library('POST', '/groups', {
        parentPath: '/auto/vehicles',
        templateId: 'auto_vehicle',
        name: VIN.toLowerCase(),
        attributes: defaultVehicleDetails,
      });
      assert.equal((await errorOf(activate())).code, 'CMS_REQUEST_REFUSED');
    });

    it('are not live before telemetry', async () => {
      await activate();
      assert.equal(await cms.liveVehicle(VIN, signal), undefined);
    });
  });

  describe('owners', () => {
    beforeEach(async () => {
      await register();
      await activate();
      await cms.ensureUser(bob, signal);
      await cms.ensureUser(alice, signal);
    });
    const edges = async (relation: string) => {
      const path = `/groups/${encodeURIComponent(`/auto/vehicles/${VIN}`)}/${relation}/groups?direction=in`;
      const list = (await (await library('GET', path)).json()) as { results: { name: string }[] };
      return list.results.map(({ name }) => name).sort();
    };

    it('have one edge, however often it runs', async () => {
      assert.equal(await cms.ensureOwner(VIN, 'Bob', signal), 'created');
      assert.equal(await cms.ensureOwner(VIN, 'Bob', signal), 'found');
      assert.deepEqual(await edges('owns'), ['Bob']);
      assert.deepEqual((await cms.vehicle(VIN, signal))?.owners, ['Bob']);
    });

    it('give way to a new one and are remembered', async () => {
      await cms.ensureOwner(VIN, 'Bob', signal);
      assert.equal(await cms.ensureOwner(VIN, 'alice', signal), 'created');
      assert.deepEqual([await edges('owns'), await edges('owned')], [['alice'], ['Bob']]);
    });

    it('with doubled edges get a single one again', async () => {
      for (let i = 0; i < 3; i++) await library('PUT', edge('bob', 'owns'));
      await library('PUT', edge('alice', 'owns'));
      assert.equal(await cms.ensureOwner(VIN, 'Bob', signal), 'repaired');
      assert.deepEqual([await edges('owns'), await edges('owned')], [['Bob'], ['alice']]);
    });

    it('are made in the asset library when the facade breaks', async () => {
      await sandbox.fault({
        operation: 'facade:POST /vehicles/{vin}/owners/{user}',
        action: { kind: 'error', code: 'Broken', status: 502 },
      });
      assert.equal(await cms.ensureOwner(VIN, 'Bob', signal), 'created');
      assert.deepEqual(await edges('owns'), ['Bob']);
    });

    it('must be users of CMS, of vehicles that are there', async () => {
      assert.equal(
        (await errorOf(cms.ensureOwner(VIN, 'nobody', signal))).details.error,
        'USER_NOT_REGISTERED',
      );
      assert.equal((await errorOf(cms.ensureOwner('NOSUCHVIN', 'Bob', signal))).code, 'VEHICLE_NOT_FOUND');
    });
  });

  it('takes everything away again, and once only', async () => {
    await register();
    await activate();
    await cms.ensureUser(bob, signal);
    await cms.ensureOwner(VIN, 'Bob', signal);
    const undo = async () => [
      await cms.removeOwners(VIN, signal),
      await cms.removeDevice(VIN, signal),
      await cms.removeVehicle(VIN, signal),
      await cms.removeUser('Bob', signal),
      await cms.removeCognitoUser('testCMSUser1', signal),
    ];
    assert.deepEqual(await undo(), [true, true, true, true, true]);
    assert.equal(await cms.vehicle(VIN, signal), undefined);
    assert.equal(await cms.device(VIN, signal), undefined);
    assert.deepEqual(await undo(), [false, false, false, false, false]);
  });

  it('pages through 250 vehicles with their owners', async () => {
    await cms.ensureUser(bob, signal);
    const vins = Array.from({ length: 250 }, (_, i) => `VIN${String(i).padStart(4, '0')}`);
    const groups = vins.map((name) => ({
      parentPath: '/auto/vehicles',
      templateId: 'auto_vehicle',
      name,
      attributes: defaultVehicleDetails,
    }));
    assert.equal((await library('POST', '/bulkgroups', { groups })).status, 201);
    await library(
      'PUT',
      `/groups/${encodeURIComponent('/auto/users/bob')}/owns/groups/${encodeURIComponent('/auto/vehicles/vin0123')}`,
    );

    const first = await cms.vehicles({ size: 100 }, signal);
    assert.deepEqual([first.items.length, first.next], [100, '100']);
    const last = await cms.vehicles({ size: 50, next: '200' }, signal);
    assert.deepEqual([last.items.length, last.next], [50, undefined]);
    const all: string[] = [];
    for await (const vehicle of everyItem((page) => cms.vehicles(page, signal), l10n.verbatim('listing'))) {
      all.push(vehicle.vin);
      assert.deepEqual(vehicle.owners, vehicle.vin === 'VIN0123' ? ['Bob'] : []);
    }
    assert.deepEqual(all, vins);
  });

  it('lists suppliers without the seeded group that is none', async () => {
    assert.deepEqual((await cms.suppliers({ size: 10 }, signal)).items, [supplier]);
  });

  it('can be cancelled', async () => {
    assert.equal((await errorOf(cms.vehicles({ size: 10 }, AbortSignal.abort()))).code, 'CANCELLED');
    assert.equal((await errorOf(cms.ensureSupplier('x', AbortSignal.abort()))).code, 'CANCELLED');
  });
});
