import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ListThingGroupsForThingCommand, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import {
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type AwsRelay, type Passing, type Refusal, startAwsRelay } from '../support/awsRelay.ts';
import { DENIED, HOOK, NOT_WARMED, openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import { until } from '../support/until.ts';

const refusal: Refusal = {
  status: 403,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
  text: JSON.stringify({ message: 'not for you' }),
};
const ALLOWED = {
  ...{ make: { S: 'MG' }, model: { S: 'ZS' }, year: { S: '2020' } },
  allow_provisioning: { BOOL: true },
};

const SecretId = 'solution/cms/provisioning/provisioning-credentials';

describe('While a vehicle of CMS on AWS is provisioned', () => {
  let bench: CmsOnAwsBench;
  let relays: AwsRelay[] = [];
  before(async () => {
    bench = await openCmsOnAws(62_000);
  });
  after(() => bench.close());
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.close()));
    relays = [];
    await bench.sandbox.ask('DELETE', 'faults');
  });

  async function through(passing: Passing): Promise<{ endpoint: string }> {
    const relay = await startAwsRelay(bench.sandbox, passing);
    relays.push(relay);
    return relay;
  }
  // First: what one vehicle has made for all is there then.
  it('nobody may close the gap of its policies: it is onboarded, what follows is said, and the next run closes it', async () => {
    const vins: string[] = [];
    // In the order in which the first vehicle needs them: each is the first that is denied.
    for (const operation of ['iot:CreatePolicy', 'iot:CreateThingGroup', 'iot:AddThingToThingGroup']) {
      const vin = bench.newVin();
      vins.push(vin);
      await bench.sandbox.fault({ operation, count: 9, action: DENIED });
      const { stdout, stderr } = await bench.onboard(vin, 0, '--telemetry-access', 'group');
      assert.match(stdout + stderr, /gets no right to send telemetry: .*not for you/, operation);
      assert.match(stdout + stderr, /do not let it send what CMS stores/, operation);
      const thing = { thingName: `Vehicle_${vin}` };
      const { thingGroups } = await bench.iot.send(new ListThingGroupsForThingCommand(thing));
      assert.deepEqual(thingGroups, [], operation);
      await bench.sandbox.ask('DELETE', 'faults');
    }
    const [first = ''] = vins;
    assert.equal((await bench.doctor(first, 1, '--no-publish'))['may-send'], 'fail');
    const rows = vins.map((vin) => `${vin},group`);
    await writeFile(path.join(bench.folder, 'again.csv'), ['vin,telemetryAccess', ...rows, ''].join('\n'));
    // What CMS has stored of each proves that it may send.
    const { stdout } = await bench.run(['onboard', '--fleet', 'again.csv']);
    assert.doesNotMatch(stdout, /do not let it send what CMS stores/);
    for (const vin of vins) {
      const thing = { thingName: `Vehicle_${vin}` };
      const { thingGroups = [] } = await bench.iot.send(new ListThingGroupsForThingCommand(thing));
      assert.equal(thingGroups.length, 1, vin);
    }
    assert.equal((await bench.doctor(first, 0))['may-send'], 'ok');
  });

  it('its claim is rotated: the new one is read and used', async () => {
    const vin = bench.newVin();
    let reads = 0;
    const { endpoint } = await through({
      before: ({ operation }) => (operation === 'iot:CreateProvisioningClaim' ? refusal : undefined),
      async after({ operation }) {
        if (operation !== 'secretsmanager:GetSecretValue' || reads++ > 0) return;
        await new SecretsManagerClient(bench.options).send(new RotateSecretCommand({ SecretId }));
      },
    });
    const { stderr } = await bench.run(['onboard', '--vin', vin, '--verbose'], 0, { endpoint });
    assert.match(stderr, /The CMS has replaced its claim meanwhile: the new one is used/);
    assert.equal(reads, 2);
    assert.equal(await bench.statusOf(await bench.certificateOf(vin)), 'ACTIVE');
  });

  it('its claim was left switched off by a rotation: the doctor has the secret rotated', async () => {
    const vin = bench.newVin();
    await bench.onboard(vin, 0, '--telemetry-access', 'group');
    const secrets = new SecretsManagerClient(bench.options);
    /** AWS IoT's certificate id is the fingerprint by SHA-256. */
    const claimId = async (): Promise<string> => {
      const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
      const { certificatePem } = JSON.parse(SecretString) as { certificatePem: string };
      return new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
    };
    const old = await claimId();
    await bench.iot.send(new UpdateCertificateCommand({ certificateId: old, newStatus: 'INACTIVE' }));
    const checks = await bench.doctor(vin, 0, '--no-publish', '--fix', '--yes');
    assert.equal(checks['claim-secret'], 'warn');
    assert.notEqual(await claimId(), old);
    assert.equal(await bench.statusOf(await claimId()), 'ACTIVE');
    assert.equal((await bench.doctor(vin, 0, '--no-publish'))['claim-secret'], 'ok');
  });

  it('its authorization is withdrawn: what it worked with is put back', async () => {
    const { vin, certificateId } = await bench.working();
    const { endpoint } = await through({
      async after({ operation }) {
        if (operation !== 'iot:CreateProvisioningClaim') return;
        await bench.authorize(vin, { ...ALLOWED, allow_provisioning: { BOOL: false } });
      },
    });
    const { stderr } = await bench.run(['rotate', '--vin', vin, '--yes'], 1, { endpoint });
    assert.match(stderr, /which was switched off, is ACTIVE again/);
    assert.match(stderr, /hook of template .* most likely refused this one/);
    assert.equal(await bench.certificateOf(vin), certificateId);
    assert.equal(await bench.statusOf(certificateId), 'ACTIVE');
    assert.deepEqual(await bench.attachedTo(vin), [certificateId]);
  });

  it('its machine dies, and the hook lets it in afterwards: the next run goes on with that', async () => {
    const { vin, certificateId } = await bench.working();
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 2500 } });
    await killedWhileRegistering(vin);
    const registered = await until('the row of the new certificate is ACTIVE', async () =>
      (await bench.rows(vin)).find(([id, status]) => id !== certificateId && status === 'ACTIVE'),
    );
    await bench.rotate(vin);
    assert.equal(await bench.certificateOf(vin), registered[0]);
  });

  it('its machine dies, and the hook is too late: the next run gets another certificate', async () => {
    const { vin, certificateId } = await bench.working();
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 5500 } });
    await killedWhileRegistering(vin);
    const [late] = await until('the row of the attempt', async () =>
      (await bench.rows(vin)).find(([, status]) => status === 'PENDING_ACTIVATION'),
    );
    assert.equal(await bench.statusOf(certificateId), 'INACTIVE');
    await bench.rotate(vin);
    const now = await bench.certificateOf(vin);
    assert.ok(now !== late && now !== certificateId);
    assert.equal(new Map(await bench.rows(vin)).get(late), 'DELETED');
    assert.equal((await bench.doctor(vin, 1, '--no-publish')).connect, 'ok');
  });

  async function killedWhileRegistering(vin: string): Promise<void> {
    let isKilled = false;
    await bench.run(['rotate', '--vin', vin, '--yes', '--verbose'], null, {
      onOutput(child, text) {
        if (isKilled || !text.includes('Registering with template')) return;
        isKilled = true;
        // The request is on its way when the broker has it.
        setTimeout(() => child.kill('SIGKILL'), 500);
      },
    });
  }

  it('its hook runs only when nobody waits any more: that is said, and the doctor mends it', async () => {
    const { vin, certificateId } = await bench.working();
    await bench.sandbox.fault(NOT_WARMED);
    await bench.sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 22_000 } });
    const { stderr } = await bench.rotate(vin, 1);
    assert.match(stderr, /may still switch the certificate of .* off within a minute.*Run doctor/s);
    assert.equal(await bench.statusOf(certificateId), 'ACTIVE');
    await until('the hook is through', async () => (await bench.statusOf(certificateId)) === 'INACTIVE', {
      withinMs: 30_000,
    });
    await bench.doctor(vin, 1, '--no-publish', '--fix', '--yes');
    assert.deepEqual(
      [await bench.certificateOf(vin), await bench.statusOf(certificateId)],
      [certificateId, 'ACTIVE'],
    );
    await bench.rotate(vin);
  });

  it('another machine does the same: one of them gets it, and the other says so', async () => {
    const { vin } = await bench.working();
    // Both have looked, and found nothing of the other.
    let arrived = 0;
    const { endpoint } = await through({
      async before({ operation }) {
        if (operation !== 'iot:CreateProvisioningClaim') return undefined;
        arrived++;
        await until('both machines', () => arrived >= 2);
        return undefined;
      },
    });
    const folders = ['one', 'two'].map((name) => path.join(bench.folder, name));
    const args = (folder: string) => ['onboard', '--vin', vin, '--certs', folder];
    const runs = await Promise.all(
      folders.map(async (folder) => {
        // What runs of one machine know each other by.
        await mkdir(folder);
        return bench.start([...args(folder), '--yes'], { endpoint, env: { TMPDIR: folder } });
      }),
    );
    const current = await bench.certificateOf(vin);
    assert.equal(await bench.statusOf(current), 'ACTIVE');
    assert.deepEqual(await bench.attachedTo(vin), [current]);
    assert.ok(runs.some(({ code }) => code === 0));
    for (const { code, stderr } of runs) {
      if (code !== 0) assert.match(stderr, /at the same time/);
    }
    // One goes on; the other would have to end what works now.
    const again = [];
    for (const folder of folders) again.push(await bench.start(args(folder)));
    assert.deepEqual(again.map(({ code }) => code).sort(), [0, 2]);
    assert.match(again.map(({ stderr }) => stderr).join(), /that this machine cannot use/);
    assert.equal(await bench.certificateOf(vin), current);
  });

  it('another workspace of the machine waits', async () => {
    const { vin } = await bench.working();
    const folders = ['here', 'there'].map((name) => path.join(bench.folder, name));
    const runs = await Promise.all(
      folders.map((folder) => bench.start(['onboard', '--vin', vin, '--certs', folder, '--yes'])),
    );
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
    );
    assert.match(runs.map(({ stderr }) => stderr).join(), /Waiting for another run/);
    assert.deepEqual(await bench.attachedTo(vin), [await bench.certificateOf(vin)]);
  });

  it('its telemetry cannot be read: lists and the doctor say what they know', async () => {
    const { vin } = await bench.working();
    await bench.doctor(vin, 1, '--no-publish', '--fix', '--yes');
    await bench.sandbox.fault({ operation: 's3:*', count: 50, action: { ...DENIED, code: 'AccessDenied' } });
    assert.equal(await bench.conditionOf(vin), 'connected');
    const checks = await bench.doctor(vin, 0);
    assert.deepEqual([checks.publish, checks.stored], ['ok', 'skip']);
  });
});
