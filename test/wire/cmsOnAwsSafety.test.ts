import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DeleteItemCommand, DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeCertificateCommand, IoTClient } from '@aws-sdk/client-iot';
import { runCli, type CliStart } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const HOOK = 'lambda:cms-provisioning-pre-provisioning';
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};
/** A vehicle a test. */
let vehicles = 0;
const newVin = (): string => `LSH14J4C4LA0${String(57_000 + vehicles++).padStart(5, '0')}`;

describe('What works with CMS on AWS goes on working', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  /** Provisioned tables, by app. */
  let tables: Record<string, string>;
  const options = () => ({ endpoint: sandbox.endpoint, region: 'us-west-2', credentials: testCredentials });
  const dynamo = () => new DynamoDBClient(options());

  before(async () => {
    const apps = ['cms', 'fleet-b'];
    sandbox = await startSandbox({
      args: [...apps.flatMap((app) => ['--install', `cms-on-aws:${app},post-delay-ms=20`]), '--no-limits'],
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-on-aws-safety-'));
    tables = {};
    for (const app of apps) {
      const { StackResourceSummaries = [] } = await new CloudFormationClient(options()).send(
        new ListStackResourcesCommand({ StackName: `${app}-app--cms-provisioning` }),
      );
      tables[app] =
        StackResourceSummaries.find(
          ({ ResourceType, LogicalResourceId = '' }) =>
            ResourceType === 'AWS::DynamoDB::Table' && LogicalResourceId.includes('provisionedvehiclestable'),
        )?.PhysicalResourceId ?? '';
    }
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => sandbox.ask('DELETE', 'faults'));

  async function run(args: string[], code: number | null = 0, start: CliStart = {}) {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const done = await runCli([...args, ...to], { cwd: folder, env, ...start });
    assert.equal(done.code, code, `${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done;
  }
  const place = (app = 'cms') => ['--deployment', app];
  const onboard = (vin: string, code = 0, ...more: string[]) =>
    run(['onboard', ...place(), '--vin', vin, ...more], code);
  async function rows(vin: string, app = 'cms') {
    const { Items = [] } = await dynamo().send(
      new QueryCommand({
        TableName: tables[app],
        KeyConditionExpression: 'vin = :v',
        ExpressionAttributeValues: { ':v': { S: vin } },
        ConsistentRead: true,
      }),
    );
    return Items.map((row) => [row.certificate_id?.S ?? '', row.certificate_status?.S ?? ''] as const);
  }
  const active = async (vin: string) =>
    (await rows(vin)).filter(([, status]) => status === 'ACTIVE').map(([id]) => id);
  async function certificateOf(vin: string): Promise<string> {
    const [id, another] = await active(vin);
    assert.ok(id !== undefined && another === undefined, vin);
    return id;
  }
  async function statusOf(certificateId: string): Promise<string | undefined> {
    const iot = new IoTClient(options());
    const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
    return certificateDescription?.status;
  }
  async function setStatus(vin: string, certificateId: string, status: string) {
    await dynamo().send(
      new UpdateItemCommand({
        TableName: tables.cms,
        Key: { vin: { S: vin }, certificate_id: { S: certificateId } },
        UpdateExpression: 'SET certificate_status = :s',
        ExpressionAttributeValues: { ':s': { S: status } },
      }),
    );
  }
  /** What the doctor says of the connection as the vehicle, with the pair on this machine. */
  async function connects(vin: string, code: number) {
    const done = await run(['doctor', ...place(), '--vin', vin, '--no-publish', '--json'], code);
    return done.objects().find(({ id }) => id === 'connect')?.status;
  }

  it('a renewal that is cancelled while it is registered keeps what AWS IoT registers', async () => {
    const vin = newVin();
    await onboard(vin);
    const old = await certificateOf(vin);
    await sandbox.fault({
      operation: 'lambda:Invoke',
      action: { kind: 'error', code: 'AccessDeniedException', status: 403 },
    });
    await sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 3000 } });
    let isStopped = false;
    const { stderr } = await run(['rotate', ...place(), '--vin', vin, '--yes', '--verbose'], 130, {
      onOutput(child, text) {
        if (isStopped || !text.includes('Registering with template')) return;
        isStopped = true;
        child.kill('SIGINT');
      },
    });
    assert.match(stderr, /Registration is in progress/);
    await until('the row of the new certificate is ACTIVE', async () =>
      (await active(vin)).some((id) => id !== old) ? true : undefined,
    );
    assert.equal(await statusOf(await certificateOf(vin)), 'ACTIVE');
    const registered = await certificateOf(vin);
    await run(['rotate', ...place(), '--vin', vin, '--yes']);
    assert.equal(await certificateOf(vin), registered, 'the next run goes on with it');
    assert.equal(await connects(vin, 1), 'ok');
  });

  it('a renewal whose connection is lost while it is registered goes on with what AWS IoT registers', async () => {
    const vin = newVin();
    await onboard(vin);
    const old = await certificateOf(vin);
    await sandbox.fault({
      operation: 'lambda:Invoke',
      action: { kind: 'error', code: 'AccessDeniedException', status: 403 },
    });
    await sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 3000 } });
    await sandbox.fault({ operation: 'mqtt:claim:provision', action: { kind: 'reset', when: 'after' } });
    const { stderr } = await run(['rotate', ...place(), '--vin', vin, '--yes', '--verbose']);
    assert.match(stderr, /The answer was lost, but Vehicle_.* is registered/);
    assert.notEqual(await certificateOf(vin), old);
    assert.equal(await connects(vin, 1), 'ok');
  });

  it('a hook that is slow even when it is warm is not asked', async () => {
    const vin = newVin();
    await onboard(vin);
    const working = await certificateOf(vin);
    await sandbox.fault({ operation: HOOK, count: 2, action: { kind: 'delay', ms: 5200 } });
    const { stderr } = await run(['rotate', ...place(), '--vin', vin, '--yes'], 1);
    assert.match(stderr, /it would refuse the vehicle/);
    assert.deepEqual(await rows(vin), [[working, 'ACTIVE']]);
    assert.equal(await statusOf(working), 'ACTIVE');
  });

  it('a vehicle of one app is offboarded from another without its thing and certificate', async () => {
    const vin = newVin();
    await onboard(vin);
    const working = await certificateOf(vin);
    // All apps of a region hear the greeting.
    await until('the other app has an incomplete row', async () =>
      (await rows(vin, 'fleet-b')).length > 0 ? true : undefined,
    );
    const listed = (await run(['vehicles', ...place('fleet-b'), '--json'])).objects();
    const other = listed.find(({ vehicle }) => (vehicle as { vin?: string } | undefined)?.vin === vin);
    assert.equal((other?.provisioning as { state?: string } | undefined)?.state, 'foreign');
    const { stdout } = await run(['offboard', ...place('fleet-b'), '--vin', vin, '--yes']);
    assert.match(stdout, /belong to another app, whose template cms--provisioning-template registered it/);
    assert.deepEqual([await rows(vin, 'fleet-b'), await statusOf(working)], [[], 'ACTIVE']);
    assert.equal(await connects(vin, 1), 'ok');

    const { stderr } = await run(['onboard', ...place('fleet-b'), '--vin', vin], 1);
    assert.match(stderr, /CMS has no complete row of certificate/);
    assert.deepEqual(await rows(vin, 'fleet-b'), [], 'no greeting went out');
    const elsewhere = ['--certs', path.join(folder, 'elsewhere')];
    const refused = await run(['onboard', ...place('fleet-b'), '--vin', vin, '--yes', ...elsewhere], 1);
    assert.match(refused.stderr, /belongs to another app/);
    assert.equal(await statusOf(working), 'ACTIVE');
  });

  it('the certificate of another machine ends only when somebody says so', async () => {
    const vin = newVin();
    await onboard(vin);
    const working = await certificateOf(vin);
    const elsewhere = ['--certs', path.join(folder, 'other machine')];
    const { stderr } = await onboard(vin, 2, ...elsewhere);
    assert.match(stderr, /has a certificate in service, .*, that this machine cannot use.*--yes/s);
    const fleet = path.join(folder, 'fleet.csv');
    await writeFile(fleet, `vin\n${vin}\n`);
    const many = await run(['onboard', ...place(), '--fleet', fleet, ...elsewhere], 1);
    assert.match(many.stdout, /failed in step certificate.*onboard the vehicle alone.*--yes/s);
    assert.deepEqual([await active(vin), await statusOf(working)], [[working], 'ACTIVE']);
    await run(['onboard', ...place(), '--fleet', fleet, '--yes', ...elsewhere]);
    assert.notEqual(await certificateOf(vin), working);
  });

  it('a greeting does not make a row that blocks the VIN', async () => {
    const vin = newVin();
    await onboard(vin);
    const certificateId = await certificateOf(vin);
    await dynamo().send(
      new DeleteItemCommand({
        TableName: tables.cms,
        Key: { vin: { S: vin }, certificate_id: { S: certificateId } },
      }),
    );
    const { stderr } = await onboard(vin, 1);
    assert.match(stderr, /CMS has no complete row of certificate.*Run rotate/s);
    assert.deepEqual(await rows(vin), []);
    await run(['rotate', ...place(), '--vin', vin, '--yes']);
    assert.notEqual(await certificateOf(vin), certificateId);
    assert.equal(await statusOf(certificateId), 'INACTIVE', 'CMS had overlooked it');
  });

  it('an offboarding that ended half-way is no obstacle', async () => {
    for (const status of ['DELETED', 'INACTIVE']) {
      const vin = newVin();
      await onboard(vin);
      const certificateId = await certificateOf(vin);
      await setStatus(vin, certificateId, status);
      const { stdout } = await onboard(vin);
      assert.match(stdout, /Wait until CMS knows that the vehicle has connected +repaired/);
      assert.equal(await certificateOf(vin), certificateId);
    }
  });
});
