import assert from 'node:assert/strict';
import {
  CreateThingCommand,
  DeleteCertificateCommand,
  DescribeThingCommand,
  DetachThingPrincipalCommand,
  ListThingsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DENIED, HOOK, NOT_WARMED, openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';

/** The row as the stack's users make it. */
const ALLOWED = {
  ...{ make: { S: 'MG' }, model: { S: 'ZS' }, year: { S: '2020' } },
  allow_provisioning: { BOOL: true },
};

/** Contract of the hook: it switches off what a vehicle works with before it looks whether it may have a new one. */
describe('A vehicle of CMS on AWS that the hook would refuse', () => {
  let bench: CmsOnAwsBench;
  before(async () => {
    bench = await openCmsOnAws(60_000);
  });
  after(() => bench.close());
  afterEach(() => bench.sandbox.ask('DELETE', 'faults'));

  /** Nothing was tried: its certificate and its rows are as they were. */
  async function untouched({ vin, certificateId }: { vin: string; certificateId: string }): Promise<void> {
    assert.deepEqual(await bench.rows(vin), [[certificateId, 'ACTIVE']]);
    assert.equal(await bench.statusOf(certificateId), 'ACTIVE');
  }
  async function deleteByHand(vin: string, certificateId: string): Promise<void> {
    await bench.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    const principal = `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`;
    await bench.iot.send(new DetachThingPrincipalCommand({ thingName: `Vehicle_${vin}`, principal }));
    await bench.iot.send(new DeleteCertificateCommand({ certificateId, forceDelete: true }));
  }

  const refused: [title: string, row: Parameters<CmsOnAwsBench['authorize']>[1], words: RegExp][] = [
    ['is not authorized', undefined, /is not in the list of authorized vehicles.*Nothing was claimed yet/s],
    ['is not allowed', { ...ALLOWED, allow_provisioning: { BOOL: false } }, /not allowed to be provisioned/],
    ['is authorized in part', { make: { S: 'MG' } }, /lacks model, year, allow_provisioning/],
  ];
  for (const [title, row, words] of refused) {
    it(`is not tried when it ${title}, and onboard puts that right`, async () => {
      const vehicle = await bench.working();
      await bench.authorize(vehicle.vin, row);
      assert.match((await bench.rotate(vehicle.vin, 1)).stderr, words);
      await untouched(vehicle);
      await bench.onboard(vehicle.vin);
      assert.deepEqual((await bench.authorization(vehicle.vin))?.allow_provisioning, { BOOL: true });
      await bench.rotate(vehicle.vin);
      assert.notEqual(await bench.certificateOf(vehicle.vin), vehicle.certificateId);
    });
  }

  it('is known by its canonical VIN, however it is written', async () => {
    const vin = bench.newVin();
    const written = `${vin.slice(0, 3).toLowerCase()}-${vin.slice(3, 9)}_${vin.slice(9)}`;
    await bench.onboard(written, 0, '--allow-any-vin');
    const certificateId = await bench.certificateOf(vin);
    const thing = await bench.iot.send(new DescribeThingCommand({ thingName: `Vehicle_${vin}` }));
    assert.deepEqual([thing.attributes?.vin, thing.attributes?.certificate_id], [vin, certificateId]);
    const { things = [] } = await bench.iot.send(new ListThingsCommand({}));
    assert.deepEqual(
      things.map(({ thingName = '' }) => thingName).filter((name) => name.toUpperCase().includes(vin)),
      [`Vehicle_${vin}`],
    );
    await bench.rotate(written.toLowerCase(), 0, '--allow-any-vin');
    assert.deepEqual(await bench.attachedTo(vin), [await bench.certificateOf(vin)]);
  });

  for (const [vin, why] of [
    ['LSH14 J4C4LA046511', /a space/],
    ['李ABC', /李/],
    ['---', /must hold a letter or digit/],
    ['A'.repeat(121), /120|128/],
  ] as const) {
    it(`is not called ${vin.slice(0, 20)}, and that is all that is said`, async () => {
      const { stderr } = await bench.onboard(vin, 2, '--allow-any-vin');
      assert.match(stderr, why);
      assert.doesNotMatch(stderr, /username/);
    });
  }

  it('is stuck at a status that the hook does not know, until the doctor mends it', async () => {
    const { vin, certificateId } = await bench.working();
    await bench.setStatus(vin, certificateId, 'BROKEN');
    assert.equal(await bench.conditionOf(vin), 'stuck');
    assert.match((await bench.rotate(vin, 1)).stderr, /is stuck.*doctor/s);
    assert.equal(await bench.statusOf(certificateId), 'ACTIVE');
    const checks = await bench.doctor(vin, 1, '--no-publish', '--fix', '--yes');
    assert.equal(checks['incomplete-rows'], 'fail');
    assert.deepEqual(await bench.rows(vin), [[certificateId, 'ACTIVE']]);
    await bench.rotate(vin);
    assert.deepEqual(await bench.attachedTo(vin), [await bench.certificateOf(vin)]);
  });

  it('is stuck at a row whose certificate was deleted by hand, until the doctor mends it', async () => {
    const { vin, certificateId } = await bench.working();
    await deleteByHand(vin, certificateId);
    const checks = await bench.doctor(vin, 1, '--no-publish', '--fix', '--yes');
    assert.equal(checks.provisioned, 'fail');
    assert.deepEqual(await bench.rows(vin), [[certificateId, 'DELETED']]);
  });

  it('is stuck at an attempt that the hook let in and AWS IoT did not, an hour later, and runs again', async () => {
    const { vin, certificateId } = await bench.working();
    const dead = 'd'.repeat(64);
    const item = {
      vin: { S: vin },
      certificate_id: { S: dead },
      certificate_status: { S: 'PENDING_ACTIVATION' },
    };
    const whole = { region: { S: 'us-west-2' }, thing_name: { S: `Vehicle_${vin}` } };
    await bench.putRow({ ...ALLOWED, ...item, ...whole, has_vehicle_connected_once: { BOOL: false } });
    await bench.rotate(vin);
    const rows = new Map(await bench.rows(vin));
    assert.deepEqual([rows.get(dead), rows.get(certificateId)], ['DELETED', 'DELETED']);
  });

  it('that was refused elsewhere works again when the doctor switches its certificate on', async () => {
    const vehicle = await bench.working();
    const { vin, certificateId } = vehicle;
    // Another client tried, without a look before.
    await bench.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await bench.setStatus(vin, certificateId, 'INACTIVE');
    assert.equal(await bench.conditionOf(vin), 'certificate-off');
    const checks = await bench.doctor(vin, 1, '--no-publish', '--fix', '--yes');
    assert.equal(checks.provisioned, 'fail');
    await untouched(vehicle);
    assert.equal((await bench.doctor(vin, 0, '--no-publish')).connect, 'ok');
  });

  it('by a hook that crashes keeps what it works with', async () => {
    const vehicle = await bench.working();
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: { kind: 'error', code: 'Runtime.ExitError' } });
    const { stderr } = await bench.rotate(vehicle.vin, 1);
    assert.match(stderr, /The pre-provisioning hook of template .*cms-provisioning-pre-provisioning/);
    await untouched(vehicle);
    await bench.rotate(vehicle.vin);
  });

  it('by a thing that another app registered is not touched', async () => {
    const vin = bench.newVin();
    await bench.iot.send(
      new CreateThingCommand({
        thingName: `Vehicle_${vin}`,
        attributePayload: { attributes: { provisioned_by_template: 'other--provisioning-template' } },
      }),
    );
    const { stderr } = await bench.onboard(vin, 1);
    assert.match(stderr, /belongs to another app: template other--provisioning-template/);
    assert.deepEqual(await bench.rows(vin), []);
  });

  it('has its certificate named when it cannot be put back, and the doctor puts it back', async () => {
    const vehicle = await bench.working();
    const { vin, certificateId } = vehicle;
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 5500 } });
    await bench.sandbox.fault({ operation: 'iot:UpdateCertificate', action: DENIED });
    const { stderr } = await bench.rotate(vin, 1);
    assert.match(stderr, /may have been switched off, and could not be put back/);
    assert.match(stderr, /Run doctor for the vehicle with --fix/);
    assert.equal(await bench.statusOf(certificateId), 'INACTIVE');
    await bench.doctor(vin, 1, '--no-publish', '--fix', '--yes');
    assert.deepEqual(
      [await bench.certificateOf(vin), await bench.statusOf(certificateId)],
      [certificateId, 'ACTIVE'],
    );
  });
});
