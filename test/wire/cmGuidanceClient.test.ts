import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runCli } from '../support/cli.ts';
import { type GuidanceClient, guidanceClient, newVehicle, PASSWORD } from '../support/guidance.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  CMS_PASSWORD: PASSWORD,
};
let vehicles = 0;
const newVin = (): string => `LSH14J4C4LA0${String(61_000 + vehicles++).padStart(5, '0')}`;

interface Result {
  vin: string;
  vehicleId: string;
  fleetId: string;
  topic: string;
  outcome: string;
  certificateId: string;
  files: string[];
  warnings: unknown[];
}
interface Finding {
  id: string;
  status: string;
  message: string;
}

describe('Guidance for Connected Mobility, worked with from the command line', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  let guidance: GuidanceClient;

  before(async () => {
    sandbox = await startSandbox({
      args: ['--install', 'cm-guidance:dev', '--install', 'cm-guidance:demo,change=present', '--no-limits'],
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'cm-guidance-client-'));
    guidance = guidanceClient(() => sandbox);
    await guidance.signIn({ email: 'admin@example.com', groups: ['platform-admin'] });
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const cli = (...args: string[]) => runCli(args, { env, cwd: folder });
  const place = (stage = 'dev') => [
    ...['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'],
    ...['--deployment', stage],
  ];
  const as = (username = 'admin@example.com') => ['--username', username];
  const linesOf = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const resultOf = (stdout: string) =>
    linesOf(stdout).find(({ type }) => type === 'result') as unknown as Result;

  async function onboard(vin: string, ...more: string[]) {
    const run = await cli(
      ...['onboard', ...place(), ...as(), '--vin', vin, '--fleet-name', 'Vans', '--enrollment', 'table'],
      ...['--json', ...more],
    );
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    return resultOf(run.stdout);
  }

  async function diagnose(vin: string, ...more: string[]): Promise<Map<string, Finding>> {
    const run = await cli('doctor', ...place(), ...as(), '--vin', vin, '--json', ...more);
    const findings = linesOf(run.stdout).flatMap((line) =>
      line.type === 'finding' ? [line as unknown as Finding] : [],
    );
    assert.ok(findings.length > 0, `${run.stdout}\n${run.stderr}`);
    return new Map(findings.map((finding) => [finding.id, finding]));
  }

  it('finds its deployments by the stage', async () => {
    const run = await cli('deployments', ...place().slice(0, 6), '--json');
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /"cm-guidance"/);
    assert.match(run.stdout, /cms-dev-ui/);
  });

  it('onboards a vehicle from fleet to first telemetry, and finds all of it there the second time', async () => {
    const vin = newVin();
    const first = await onboard(vin);
    assert.equal(first.outcome, 'created');
    assert.match(first.vehicleId, /^VEH-/);
    assert.equal(first.topic, `$aws/rules/cms_dev_iot_msk_rule/${first.vehicleId}`);
    const again = await onboard(vin);
    assert.deepEqual([again.vehicleId, again.certificateId], [first.vehicleId, first.certificateId]);
    const list = await cli('vehicles', ...place(), ...as(), '--json');
    assert.ok(list.stdout.includes(vin));
  });

  it('keeps the fetched certificate with its own key, readable by nobody else', async () => {
    const { files } = await onboard(newVin());
    const named = (end: string) => files.find((file) => path.basename(file) === end) ?? '';
    const certificate = await readFile(named('production-certificate.pem.crt'), 'utf8');
    const key = named('production-private.pem.key');
    const isPair = new X509Certificate(certificate).checkPrivateKey(
      createPrivateKey(await readFile(key, 'utf8')),
    );
    assert.equal(isPair, true);
    assert.equal((await stat(key)).mode & 0o777, 0o600);
  });

  it('gives two vehicles that are created together ids of their own', async () => {
    const vins = [newVin(), newVin(), newVin()];
    assert.equal(new Set(await onboardMany(vins)).size, 3);
  });

  async function onboardMany(vins: readonly string[]): Promise<string[]> {
    const file = path.join(folder, 'fleet.csv');
    await writeFile(
      file,
      ['vin,fleetName,username', ...vins.map((vin) => `${vin},Vans,admin@example.com`)].join('\n'),
    );
    const run = await cli('onboard', ...place(), ...as(), '--fleet', file, '--enrollment', 'table', '--json');
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    return linesOf(run.stdout).flatMap(({ type, result }) =>
      type === 'vehicle' ? [(result as Result).vehicleId] : [],
    );
  }

  it('offboards one of two vehicles with the same VIN, and the other one keeps thing and certificate', async () => {
    const vin = newVin();
    const { vehicleId, certificateId } = await onboard(vin);
    const { id: token } = await guidance.signIn({ email: 'twin@example.com', groups: ['platform-admin'] });
    await sandbox.advanceClock(1000);
    const twin = await guidance.rest('POST', 'vehicles', token, { entry: newVehicle({ vin }) });
    assert.equal(twin.status, 201);
    const other = (twin.body.vehicle as { certificateId: string }).certificateId;
    const run = await cli('offboard', ...place(), ...as(), '--vin', vehicleId, '--yes', '--json');
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    const { principals } = (await guidance.aws(...['iot', 'list-thing-principals', '--thing-name', vin])) as {
      principals: string[];
    };
    assert.deepEqual(
      principals.map((arn) => arn.split('/').at(-1)),
      [other],
    );
    await assert.rejects(
      guidance.aws('iot', 'describe-certificate', '--certificate-id', certificateId),
      /ResourceNotFound/,
    );
  });

  it('says that a vehicle stays out of its fleet where the API cannot enroll it and nobody agreed to the table', async () => {
    const vin = newVin();
    const run = await cli('onboard', ...place(), ...as(), '--vin', vin, '--fleet-name', 'Vans');
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    const warned = (words: string) => new RegExp(`^Warning: ${vin}: .*${words}`, 'm');
    assert.match(run.stderr, warned('is not enrolled in its fleet'));
    assert.match(run.stderr, warned('who may read the table of certificates of this CMS has the key'));
    assert.equal((await diagnose(vin)).get('enrollment')?.status, 'warn');
  });

  it('enrolls by the API where a deployment has the route, and sends to the topic where the policy leaves only that', async () => {
    const client = guidanceClient(() => sandbox, 'demo');
    await client.signIn({ email: 'admin@example.com', groups: ['platform-admin'] });
    const vin = newVin();
    const run = await cli(
      'onboard',
      ...place('demo'),
      ...as(),
      '--vin',
      vin,
      '--fleet-name',
      'Vans',
      '--json',
    );
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    const { topic, vehicleId } = resultOf(run.stdout);
    assert.equal(topic, `cms/demo/telemetry/${vehicleId}`);
    assert.doesNotMatch(run.stdout, /is not enrolled/);
  });

  it('says why the CMS made no certificate with a vehicle, and then has one made for a key of this machine', async () => {
    const vin = newVin();
    const action = { kind: 'error', code: 'LimitExceededException', message: 'too many certificates' };
    await sandbox.fault({ operation: 'cm-guidance:certificate', action });
    const as_ = [...as(), '--vin', vin, '--fleet-name', 'Vans', '--enrollment', 'table', '--json'];
    const run = await cli('onboard', ...place(), ...as_);
    assert.equal(run.code, 1, run.stdout);
    assert.match(run.stdout, /CERTIFICATE_MISSING.*too many certificates.*--keys csr-ec/s);
    const { vehicleId } = await onboard(vin, '--keys', 'csr-ec');
    const findings = await diagnose(vin);
    assert.deepEqual([findings.get('certificate-row')?.status, vehicleId.startsWith('VEH-')], ['ok', true]);
  });

  it('finds a certificate that somebody switched off', async () => {
    const vin = newVin();
    const { certificateId } = await onboard(vin);
    await guidance.aws(
      'iot',
      'update-certificate',
      '--certificate-id',
      certificateId,
      '--new-status',
      'INACTIVE',
    );
    const finding = (await diagnose(vin)).get('certificate-row');
    assert.deepEqual([finding?.status, finding?.message.includes('INACTIVE')], ['fail', true]);
  });

  it('finds a vehicle whose certificate row is gone', async () => {
    const vin = newVin();
    const { vehicleId } = await onboard(vin);
    await guidance.aws(
      ...['dynamodb', 'delete-item', '--table-name', 'cms-dev-storage-vehicle-certificates'],
      ...['--key', JSON.stringify({ vehicleId: { S: vehicleId } })],
    );
    const finding = (await diagnose(vin)).get('certificate-row');
    assert.deepEqual([finding?.status, finding?.message.includes('has no certificate')], ['fail', true]);
  });

  for (const [what, spoil] of [
    [
      'whose certificate row is gone',
      ({ vehicleId }: Result) => [
        ...['dynamodb', 'delete-item', '--table-name', 'cms-dev-storage-vehicle-certificates'],
        ...['--key', JSON.stringify({ vehicleId: { S: vehicleId } })],
      ],
    ],
    [
      'whose certificate somebody switched off',
      ({ certificateId }: Result) => [
        ...['iot', 'update-certificate', '--certificate-id', certificateId, '--new-status', 'INACTIVE'],
      ],
    ],
  ] as const) {
    it(`gives a vehicle ${what} one for a key of this machine, as the doctor says`, async () => {
      const vin = newVin();
      const first = await onboard(vin);
      await guidance.aws(...spoil(first));
      const { certificateId } = await onboard(vin, '--keys', 'csr-ec');
      assert.notEqual(certificateId, first.certificateId);
      const { Item } = (await guidance.aws(
        ...['dynamodb', 'get-item', '--table-name', 'cms-dev-storage-vehicle-certificates'],
        ...['--key', JSON.stringify({ vehicleId: { S: first.vehicleId } })],
      )) as { Item: Record<string, { S: string }> };
      assert.deepEqual([Item.certificateId?.S, Item.privateKey], [certificateId, undefined]);
      assert.equal((await diagnose(vin)).get('certificate-row')?.status, 'ok');
    });
  }
});
