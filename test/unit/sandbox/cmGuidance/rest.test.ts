import assert from 'node:assert/strict';
import { createGuidance, type Guidance, newVehicle } from './harness.ts';

const DENIED = { error: 'Access denied' };
const MISSING = { message: 'Missing Authentication Token' };

describe('the REST API of Guidance for Connected Mobility in the sandbox @slow', () => {
  let guidance: Guidance;
  let admin: string;
  async function setUp(text?: string): Promise<void> {
    guidance = await createGuidance(text);
    admin = await guidance.signIn(['platform-admin']);
  }
  const change = (switches: object): void => {
    const call = guidance.installations.administration['PUT /cm-guidance/*'];
    call?.({ body: Buffer.from(JSON.stringify(switches)) } as never, guidance.stage);
  };
  async function create(more: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    guidance.clock.advance(1000);
    const { status, body } = await guidance.rest('POST', 'vehicles', admin, newVehicle(more));
    assert.equal(status, 201, JSON.stringify(body));
    return body.vehicle as Record<string, unknown>;
  }
  const put = (vehicle: Record<string, unknown>, body: object) =>
    guidance.rest('PUT', `vehicles/${String(vehicle.vehicleId)}`, admin, body);
  const ids = (body: Record<string, unknown>): unknown[] =>
    (body.vehicles as { vehicleId: string }[]).map(({ vehicleId }) => vehicleId);
  const enrolment = () => guidance.table('storage-fleet-enrollment').all();

  describe('creates vehicles', () => {
    beforeEach(() => setUp());

    it('with the second as their id: two in one second are one', async () => {
      const [one, two] = [newVehicle({ vin: 'A' }), newVehicle({ vin: 'B' })];
      const first = await guidance.rest('POST', 'vehicles', admin, one);
      const second = await guidance.rest('POST', 'vehicles', admin, { entry: two });
      const id = `VEH-${Math.floor(guidance.clock.now() / 1000)}`;
      for (const { body } of [first, second]) {
        assert.equal((body.vehicle as { vehicleId: string }).vehicleId, id);
      }
      assert.equal(guidance.table('storage-vehicles').count, 1);
      assert.equal(guidance.table('storage-vehicles').get({ vehicleId: id })?.vin, 'B');
      // Both things stay, each with a certificate.
      assert.deepEqual([...guidance.aws.iot.parts.state.things.keys()].sort(), ['A', 'B']);
    });

    it('of a VIN that is there a second time, with another certificate on the same thing', async () => {
      await create();
      await create();
      assert.equal(guidance.table('storage-vehicles').count, 2);
      assert.equal(guidance.aws.iot.parts.things.principalsOf('VIN1').length, 2);
    });

    it('in no fleet: the fleet is not checked, and nothing is enrolled', async () => {
      const vehicle = await create({ fleetId: 'FLEET-none' });
      assert.equal(vehicle.fleetId, 'FLEET-none');
      assert.deepEqual(enrolment(), []);
    });

    it('without a certificate when they have no VIN, or come from a cloud', async () => {
      assert.equal((await create({ vin: '' })).hasCertificate, false);
      guidance.table('storage-fleets').put({ fleetId: 'FLEET-1', transform_manifest_id: 'T' });
      const cloud = await create({ dataSource: 'cloud-telemetry', fleetId: 'FLEET-1', vin: 'C' });
      assert.equal(cloud.hasCertificate, false);
      assert.ok(!guidance.aws.iot.parts.state.things.has('C'));
    });

    it('and answers 201 when the certificate fails, with an orphan in AWS IoT', async () => {
      guidance.context.faults.add({
        operation: 'cm-guidance:certificate',
        count: 1,
        action: { kind: 'error', code: 'LimitExceededException', message: 'too many' },
      });
      const vehicle = await create();
      assert.equal(vehicle.hasCertificate, false);
      assert.match(String(vehicle.certificateError), /LimitExceededException.*too many/);
      const certificates = [...guidance.aws.iot.parts.certificates.list()];
      assert.deepEqual(
        certificates.map(({ status }) => status),
        ['ACTIVE'],
      );
      assert.equal(guidance.table('storage-vehicle-certificates').count, 0);
    });

    it('with a campaign of a template, and 500 after the vehicle when that cannot be written', async () => {
      const template = { campaignId: 'T', targetArn: 'template', decoderManifestRef: 'cms-fleet-v3' };
      guidance.table('campaigns').put(template);
      await create({ campaignTemplateRef: 'T' });
      const row = guidance.table('campaigns').get({ campaignId: 'T-VIN1' });
      assert.deepEqual([row?.targetArn, row?.status], ['vehicle:VIN1', 'RUNNING']);
      guidance.context.faults.add({
        operation: 'cm-guidance:campaign',
        count: 1,
        action: { kind: 'error', code: 'X' },
      });
      guidance.clock.advance(1000);
      const failed = await guidance.rest(
        'POST',
        'vehicles',
        admin,
        newVehicle({ vin: 'V2', campaignTemplateRef: 'T' }),
      );
      assert.equal(failed.status, 500);
      assert.equal(guidance.table('storage-vehicles').count, 2);
      const other = await guidance.rest('POST', 'vehicles', admin, newVehicle({ campaignTemplateRef: 'X' }));
      assert.equal(other.status, 400);
    });

    it('in the order of its checks', async () => {
      const viewer = await guidance.signIn(['fleet-viewer']);
      const wrong: Record<string, unknown> = {
        createCertificate: true,
        sold_to: 'x',
        producer: 'x',
        modelManifestName: '',
        dataSource: 'x',
      };
      const errors: string[] = [];
      errors.push(String((await guidance.rest('POST', 'vehicles', viewer, newVehicle(wrong))).body.error));
      for (const [name, right] of [
        ['createCertificate', undefined],
        ['sold_to', undefined],
        ['producer', 'cms-native'],
        ['modelManifestName', 'CMS-FLEET-MODEL'],
        ['dataSource', 'vehicle-telemetry'],
      ] as const) {
        const { body } = await guidance.rest('POST', 'vehicles', admin, newVehicle(wrong));
        errors.push(String(body.error));
        if (right === undefined) Reflect.deleteProperty(wrong, name);
        else wrong[name] = right;
      }
      for (const [i, text] of [
        /^Read-only access$/,
        /retired/,
        /sold_to/,
        /^producer is required/,
        /^modelManifestName is required$/,
        /^dataSource/,
      ].entries()) {
        assert.match(errors[i] ?? '', text);
      }
    });

    it('of the highest ACTIVE version of a model, and of no other', async () => {
      const post = (more: object) =>
        guidance.call(
          guidance.outputs('data-processing').APIEndpoint ?? '',
          'POST',
          'api/v1/model-manifests',
          admin,
          { modelManifestName: 'M', ...more },
        );
      assert.equal((await post({})).status, 201);
      const draft = await guidance.rest('POST', 'vehicles', admin, newVehicle({ modelManifestName: 'M' }));
      assert.match(String(draft.body.error), /not ACTIVE/);
      const again = await post({});
      assert.equal(again.status, 500);
      assert.deepEqual([again.body.error, typeof again.body.correlationId], ['internal error', 'string']);
      await post({ modelManifestVersion: '2', status: 'ACTIVE' });
      const bare = await guidance.rest('POST', 'vehicles', admin, newVehicle({ modelManifestName: 'M' }));
      assert.match(String(bare.body.error), /no decoderManifestRef/);
      await post({ modelManifestVersion: '10', status: 'ACTIVE', decoderManifestRef: 'D' });
      assert.equal((await create({ modelManifestName: 'M' })).modelManifestVersion, '10');
    });
  });

  describe('gives their certificates', () => {
    const documentOf = (name: string): string => {
      const { policies } = guidance.aws.iot.parts;
      return policies.documentOf(policies.find(name));
    };

    it('the policy of 0.4, with three stages in words', async () => {
      await setUp('cm-guidance:demo');
      await create();
      const document = documentOf('CMS-Vehicle-IoT-Policy');
      assert.ok(document.includes('topic/$aws/rules/cms_prod_iot_msk_rule/*'));
      assert.ok(!document.includes('cms_demo'));
      assert.ok(document.includes('topic/cms/*'));
    });

    it('the older one, without the topics of the deployment', async () => {
      await setUp('cm-guidance:dev,policy=old');
      await create();
      const document = documentOf('CMS-Vehicle-IoT-Policy');
      assert.ok(document.includes('topic/$aws/rules/cms_dev_iot_msk_rule/*'));
      assert.ok(!document.includes('topic/cms/*'));
    });

    it('the scoped one, for a thing that has its id and the certificate alone', async () => {
      await setUp('cm-guidance:dev,policy=scoped');
      const { vehicleId } = await create();
      const document = documentOf('CMS-Vehicle-IoT-Policy-Scoped');
      assert.ok(
        document.includes(
          'topic/$aws/rules/cms_dev_iot_msk_rule/${iot:Connection.Thing.Attributes[vehicleId]}',
        ),
      );
      assert.deepEqual(guidance.aws.iot.parts.things.find('VIN1').attributes, { vehicleId });
      assert.equal(guidance.aws.iot.parts.things.principalsOf('VIN1')[0]?.type, 'EXCLUSIVE_THING');
    });

    it('a policy that another stage made first', async () => {
      await setUp('cm-guidance:dev,policy=old');
      await create();
      const before = documentOf('CMS-Vehicle-IoT-Policy');
      change({ policy: 'stock' });
      await create({ vin: 'V2' });
      assert.equal(documentOf('CMS-Vehicle-IoT-Policy'), before);
    });
  });

  describe('changes and deletes', () => {
    it('nothing unless somebody made the methods', async () => {
      await setUp();
      const vehicle = await create();
      for (const method of ['PUT', 'DELETE']) {
        const { status, body } = await guidance.rest(
          method,
          `vehicles/${String(vehicle.vehicleId)}`,
          admin,
          {},
        );
        assert.deepEqual([status, body], [403, MISSING]);
      }
    });

    it('and moves the enrolment with the fleet', async () => {
      await setUp('cm-guidance:dev,change=present');
      const vehicle = await create();
      await put(vehicle, { fleetId: 'FLEET-1', color: 'red', unknown: 1 });
      await put(vehicle, { fleetId: 'FLEET-2' });
      const [row, ...more] = enrolment();
      assert.equal(more.length, 0);
      assert.deepEqual(
        [row?.PK, row?.SK, row?.fleetId],
        ['FLEET#FLEET-2', `VEHICLE#${String(vehicle.vehicleId)}`, 'FLEET-2'],
      );
      assert.match(String(row?.enrolledAt), /^2026-10-01T\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
      const stored = guidance.table('storage-vehicles').get({ vehicleId: vehicle.vehicleId });
      assert.deepEqual([stored?.color, stored?.unknown], ['red', undefined]);
      assert.equal((await put(vehicle, { sold_to: 'x' })).status, 400);
      assert.equal((await put({ vehicleId: 'VEH-1' }, {})).status, 404);
    });

    it('the row, its trips and events, and leaves the rest', async () => {
      await setUp('cm-guidance:dev,change=present');
      const vehicle = await create();
      const { vehicleId } = vehicle;
      await put(vehicle, { fleetId: 'FLEET-1' });
      const message = {
        vehicleId,
        timestamp: guidance.clock.now(),
        ignitionOn: true,
        speed: 90,
        engineTemp: 245,
      };
      guidance.publish(message);
      const removed = await guidance.rest('DELETE', `vehicles/${String(vehicleId)}`, admin);
      assert.equal(removed.status, 200);
      for (const gone of ['vehicles', 'trips', 'safety-events', 'maintenance-alerts']) {
        assert.equal(guidance.table(`storage-${gone}`).count, 0, gone);
      }
      for (const left of ['vehicle-certificates', 'fleet-enrollment', 'telemetry', 'dtc-history']) {
        assert.equal(guidance.table(`storage-${left}`).count, 1, left);
      }
      assert.ok(guidance.aws.iot.parts.state.things.has('VIN1'));
    });
  });

  describe('lists', () => {
    beforeEach(() => setUp());

    it('by pages, sorted, searched with case', async () => {
      for (const vin of ['A1', 'A2', 'B1']) await create({ vin });
      const asc = await guidance.rest('GET', 'vehicles?sortOrder=asc&limit=2&page=2', admin);
      assert.deepEqual(
        [asc.body.total, asc.body.totalPages, asc.body.hasNextPage, asc.body.hasPrevPage],
        [3, 2, false, true],
      );
      assert.equal(ids(asc.body).length, 1);
      const newest = await guidance.rest('GET', 'vehicles?limit=1', admin);
      assert.equal((newest.body.vehicles as { vin: string }[])[0]?.vin, 'B1');
      assert.equal(ids((await guidance.rest('GET', 'vehicles?search=A', admin)).body).length, 3);
      assert.equal(ids((await guidance.rest('GET', 'vehicles?search=A1', admin)).body).length, 1);
      assert.equal(ids((await guidance.rest('GET', 'vehicles?search=a1', admin)).body).length, 0);
      assert.equal((await guidance.rest('GET', 'vehicles?limit=x', admin)).status, 500);
    });

    it('in another shape when nobody has a certificate', async () => {
      await create({ vin: '' });
      const { body } = await guidance.rest('GET', 'vehicles?has_certificate=true', admin);
      assert.deepEqual(body, { vehicles: [], totalCount: 0, page: 1, limit: 25 });
    });

    it('for who has fleets: one is forced, several leak all, a foreign one is refused', async () => {
      const [one, two] = [await create({ fleetId: 'F1' }), await create({ fleetId: 'F2' })];
      const own = await guidance.signIn(['fleet-operator'], 'F1');
      assert.deepEqual(ids((await guidance.rest('GET', 'vehicles', own)).body), [one.vehicleId]);
      assert.deepEqual((await guidance.rest('GET', 'vehicles?fleetId=F2', own)).body, DENIED);
      const several = await guidance.signIn(['fleet-operator'], 'F1,F3');
      assert.equal(ids((await guidance.rest('GET', 'vehicles', several)).body).length, 2);
      const guest = await guidance.signIn(['fleet-guest'], 'F2');
      assert.deepEqual(ids((await guidance.rest('GET', 'vehicles', guest)).body), [two.vehicleId]);
      const viewer = await guidance.signIn(['fleet-viewer']);
      assert.equal(ids((await guidance.rest('GET', 'vehicles', viewer)).body).length, 2);
    });

    it('nothing for who has no group, who may create all the same', async () => {
      await create();
      const nobody = await guidance.signIn([]);
      assert.deepEqual((await guidance.rest('GET', 'vehicles', nobody)).body, {
        vehicles: [],
        totalCount: 0,
        page: 1,
        limit: 25,
      });
      guidance.clock.advance(1000);
      assert.equal((await guidance.rest('POST', 'vehicles', nobody, newVehicle())).status, 201);
    });

    it('a fleet up to five minutes after it was made', async () => {
      await guidance.rest('GET', 'fleets', admin);
      const made = await guidance.rest('POST', 'fleets', admin, { entry: { name: 'Vans' } });
      const list = async () => {
        const { body, headers } = await guidance.rest('GET', 'fleets', admin);
        return [(body.fleets as unknown[]).length, headers['x-cache-status']];
      };
      assert.deepEqual(await list(), [0, 'HIT']);
      guidance.clock.advance(5 * 60_000);
      assert.deepEqual(await list(), [1, 'MISS']);
      const { fleetId } = made.body.fleet as { fleetId: string };
      const broken = await guidance.rest('GET', `fleets/${fleetId}/vehicles`, admin);
      assert.equal(broken.status, 404);
      guidance.clock.advance(1000);
      const nameless = await guidance.rest('POST', 'fleets', admin, { name: 'Vans' });
      assert.equal((nameless.body.fleet as { name: string }).name, '');
    });
  });

  describe('is strict', () => {
    it('with the paths that its gateway does not have', async () => {
      await setUp();
      for (const [method, at, status] of [
        ['GET', 'drivers', 200],
        ['GET', 'users', 200],
        ['DELETE', 'vehicles', 403],
        ['POST', 'trips', 403],
        ['GET', 'nowhere', 404],
      ] as const) {
        assert.equal((await guidance.rest(method, at, admin)).status, status, `${method} ${at}`);
      }
      change({ proxy: 'missed' });
      for (const at of ['drivers', 'users', 'nowhere', 'vehicles/VEH-1/dtcs']) {
        assert.deepEqual((await guidance.rest('GET', at, admin)).body, MISSING, at);
      }
      assert.equal((await guidance.rest('GET', 'vehicles', admin)).status, 200);
    });

    it('with tokens: expired ones are said to be', async () => {
      await setUp();
      guidance.clock.advance(3_600_000);
      const { status, body } = await guidance.rest('GET', 'vehicles', admin);
      assert.deepEqual([status, body], [401, { message: 'The incoming token has expired' }]);
    });

    it('with the JSON of bodies', async () => {
      await setUp();
      const { status, body } = await guidance.rest('POST', 'vehicles', admin, '{');
      assert.equal(status, 500);
      assert.match(String(body.error), /^Internal server error/);
    });

    it('with drivers who are nothing else, outside dev', async () => {
      await setUp('cm-guidance:prod');
      const driver = await guidance.signIn([], 'F1', { 'custom:driverId': 'DRV-1' });
      assert.equal((await guidance.rest('GET', 'vehicles', driver)).status, 200);
      assert.equal((await guidance.rest('POST', 'vehicles', driver, newVehicle())).status, 403);
      guidance.table('storage-drivers').put({ driverId: 'DRV-1', status: 'active' });
      guidance.table('storage-drivers').put({ driverId: 'DRV-2', status: 'active' });
      assert.equal((await guidance.rest('PUT', 'drivers/DRV-1', driver, { name: 'Me' })).status, 200);
      assert.equal((await guidance.rest('PUT', 'drivers/DRV-2', driver, { name: 'Me' })).status, 403);
    });

    it('and broken when its stage has a hyphen', async () => {
      await setUp('cm-guidance:eu-test');
      assert.equal(guidance.outputs('telemetry-integration').IoTRuleName, 'cms_eu_iot_msk_rule');
      assert.ok(guidance.aws.dynamoDb.tables.names().includes('cms-eu-storage-vehicles'));
      const { status, body } = await guidance.rest('GET', 'vehicles', admin);
      assert.equal(status, 500);
      assert.match(String(body.error), /ResourceNotFoundException/);
    });
  });

  describe('of an older source', () => {
    it('asks for fewer fields, and takes createCertificate', async () => {
      await setUp('cm-guidance:dev,as-of=2026-06-11');
      const old = { vin: 'OLD', make: 'Acme', createCertificate: false };
      const { status, body } = await guidance.rest('POST', 'vehicles', admin, old);
      assert.equal(status, 201);
      assert.equal((body.vehicle as { hasCertificate: boolean }).hasCertificate, false);
      guidance.clock.advance(1000);
      const both = await guidance.rest('POST', 'vehicles', admin, newVehicle());
      assert.equal((both.body.vehicle as { hasCertificate: boolean }).hasCertificate, true);
    });

    it('takes who has no group for an administrator', async () => {
      await setUp('cm-guidance:dev,as-of=2026-08-04');
      const nobody = await guidance.signIn([]);
      assert.equal((await guidance.rest('POST', 'fleets', nobody, { entry: { name: 'x' } })).status, 201);
      change({ asOf: '2026-08-05' });
      assert.equal((await guidance.rest('POST', 'fleets', nobody, { entry: { name: 'x' } })).status, 403);
    });

    it('needs a manifest before it needs a producer', async () => {
      await setUp('cm-guidance:dev,as-of=2026-09-01');
      assert.ok(
        guidance
          .table('model-manifest')
          .all()
          .some((row) => row.modelManifestName === 'CMS-Fleet-Default'),
      );
      await create({ producer: undefined, modelManifestName: 'CMS-Fleet-Default' });
      const without = await guidance.rest(
        'POST',
        'vehicles',
        admin,
        newVehicle({ modelManifestName: undefined }),
      );
      assert.equal(without.status, 400);
    });
  });

  for (const [text, problem] of [
    ['cm-guidance:Dev', /small letters/],
    ['cm-guidance:dev,app=x', /no "app"/],
    ['cm-guidance:dev,policy=none', /stock or old or scoped/],
    ['cm-guidance:dev,without=ui', /knows no "ui"/],
    ['cm-guidance:dev,empty=drivers', /knows no "drivers"/],
    ['cm-guidance:dev,as-of=soon', /day such as/],
  ] as const) {
    it(`is not installed as ${text}`, async () => {
      await assert.rejects(createGuidance(text), problem);
    });
  }

  it('has what a demonstration needs with demo=yes, and no fleet and driver without', async () => {
    await setUp();
    assert.equal(guidance.table('storage-drivers').count + guidance.table('storage-fleets').count, 0);
    await setUp('cm-guidance:dev,demo=yes,without=simulation+commands');
    assert.ok(guidance.table('storage-drivers').count >= 1 && guidance.table('storage-fleets').count === 1);
    assert.deepEqual(guidance.outputs('simulation'), {});
  });

  it('makes all of it again after a reset, and leaves what its owner changed before', async () => {
    await setUp();
    await create();
    const signals = guidance.table('signal-catalog');
    const [first] = signals.all();
    signals.remove({ signal_group: first?.signal_group, signal_name: first?.signal_name });
    const { count } = signals;
    await guidance.installations.again(() => undefined);
    assert.equal(signals.count, count);
    await guidance.installations.again(() => guidance.context.store.reset());
    assert.equal(signals.count, count + 1);
    assert.equal(guidance.table('storage-vehicles').count, 0);
  });
});
