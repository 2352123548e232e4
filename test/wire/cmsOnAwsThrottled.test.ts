import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { callOf, operationsOf } from '../../tools/iam/contract.ts';
import { TASKS } from '../../tools/iam/cmsOnAws/tasks.ts';
import { HOOK, NOT_WARMED, openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import { shortRoute } from '../support/simulated.ts';

const THROTTLE = { kind: 'throttle' };

/** Every call that the product makes for CMS on AWS, by the name that faults take. */
const CALLS = [...new Set(TASKS.flatMap(operationsOf).map(callOf))]
  // What watching does is MQTT, and no CMS has maps.
  .filter((call) => !/^(?:iot:(?:Connect|Receive|Subscribe)|geo-maps:\w+)$/.test(call))
  .map((call) => (call === 'lambda:InvokeFunction' ? 'lambda:Invoke' : call));
/** Of Lambda there is the hook, which AWS IoT calls: below. */
const SERVICES = [...new Set(CALLS.map((call) => call.split(':')[0] ?? ''))].filter(
  (name) => name !== 'lambda',
);

/**
 * What the doctor mends where a certificate has lost its thing, the template or a rule was disabled, a message is
 * malformed, or the claim secret is wrong.
 */
const NOT_WALKED = [
  'iot:AttachThingPrincipal',
  'iot:EnableTopicRule',
  'iot:UpdateProvisioningTemplate',
  's3:DeleteObject',
  'secretsmanager:RotateSecret',
];

describe('AWS that has had enough, with CMS on AWS', function () {
  this.timeout(180_000);
  let bench: CmsOnAwsBench;
  before(async () => {
    // The SDK's adaptive mode, which is the product's own choice, slows down for half a minute after each throttling.
    bench = await openCmsOnAws(63_000, [], { AWS_RETRY_MODE: 'standard' });
    const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
    await writeFile(
      path.join(bench.folder, 'short.geojson'),
      JSON.stringify({ type: 'LineString', coordinates }),
    );
  });
  after(() => bench.close());
  afterEach(() => bench.sandbox.ask('DELETE', 'faults'));

  const waiting = async (): Promise<string[]> => {
    const { faults } = (await bench.sandbox.ask('GET', 'faults')) as { faults: { operation: string }[] };
    return faults.map(({ operation }) => operation).sort();
  };

  it('is asked again: each call is throttled once, and all work comes to its end', async () => {
    const vin = bench.newVin();
    // What the doctor mends.
    const { vin: other, certificateId } = await bench.working();
    await bench.putRow({ vin: { S: other }, certificate_id: { S: 'f'.repeat(64) } });
    await bench.setStatus(other, certificateId, 'INACTIVE');
    await bench.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));

    for (const operation of [...CALLS, 'mqtt:claim:create', 'mqtt:claim:provision'])
      await bench.sandbox.fault({ operation, action: THROTTLE });
    await bench.onboard(vin, 0, '--telemetry-access', 'group');
    await bench.rotate(vin);
    await bench.run(['vehicles']);
    await bench.run(['simulate', '--vin', vin, '--route', 'short.geojson', '--speed', '20']);
    await bench.doctor(vin, 0);
    await bench.doctor(other, 1, '--no-publish', '--fix', '--yes');
    for (const each of [vin, other]) await bench.run(['offboard', '--vin', each, '--yes']);
    assert.deepEqual(await waiting(), NOT_WALKED);
  });

  for (const service of SERVICES) {
    it(`does not end, in ${service}: that is said, nothing is lost, and the next run goes on`, async () => {
      const { vin } = await bench.working();
      await bench.sandbox.fault({ operation: `${service}:*`, count: 100_000, action: THROTTLE });
      const { code, stderr } = await bench.start(['rotate', '--vin', vin, '--yes']);
      // Without the bucket, the secret and the warm hook it can be done.
      if (code !== 0) assert.match(stderr, /is throttling requests.*\(AWS_THROTTLED/s);
      await bench.sandbox.ask('DELETE', 'faults');
      // The one before, or one that was registered before it ended.
      const now = await bench.certificateOf(vin);
      assert.equal(await bench.statusOf(now), 'ACTIVE');
      await bench.rotate(vin);
      assert.deepEqual(await bench.attachedTo(vin), [await bench.certificateOf(vin)]);
    });
  }

  it('is its hook: what the vehicle works with stays', async () => {
    const { vin, certificateId } = await bench.working();
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: THROTTLE });
    await bench.rotate(vin, 1);
    assert.deepEqual(
      [await bench.certificateOf(vin), await bench.statusOf(certificateId)],
      [certificateId, 'ACTIVE'],
    );
    await bench.rotate(vin);
  });

  it('at the worst moment, when a certificate is put back: it is put back', async () => {
    const { vin, certificateId } = await bench.working();
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 5500 } });
    await bench.sandbox.fault({ operation: 'iot:UpdateCertificate', count: 5, action: THROTTLE });
    const { stderr } = await bench.rotate(vin, 1);
    assert.match(stderr, /which was switched off, is ACTIVE again/);
    assert.deepEqual(
      [await bench.certificateOf(vin), await bench.statusOf(certificateId)],
      [certificateId, 'ACTIVE'],
    );
  });
});
