import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { shortRoute } from '../support/simulated.ts';

const HOOK = 'lambda:cms-provisioning-pre-provisioning';
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};
/** A vehicle a test. */
let vehicles = 0;
const newVin = (): string => `LSH14J4C4LA0${String(47_000 + vehicles++).padStart(5, '0')}`;

describe('CMS on AWS, worked with from the command line', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  let tables: { authorized: string; provisioned: string };
  const options = () => ({ endpoint: sandbox.endpoint, region: 'us-west-2', credentials: testCredentials });
  const dynamo = () => new DynamoDBClient(options());
  const iot = () => new IoTClient(options());

  before(async () => {
    sandbox = await startSandbox({
      args: [
        '--install',
        'cms-on-aws:cms,post-delay-ms=20',
        '--install',
        'cms-on-aws:fleet-b',
        '--no-limits',
      ],
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-on-aws-client-'));
    const { StackResourceSummaries = [] } = await new CloudFormationClient(options()).send(
      new ListStackResourcesCommand({ StackName: 'cms-app--cms-provisioning' }),
    );
    const tableOf = (what: string): string =>
      StackResourceSummaries.find(
        ({ ResourceType, LogicalResourceId = '' }) =>
          ResourceType === 'AWS::DynamoDB::Table' && LogicalResourceId.includes(`${what}vehiclestable`),
      )?.PhysicalResourceId ?? '';
    tables = { authorized: tableOf('authorized'), provisioned: tableOf('provisioned') };
    const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
    await writeFile(path.join(folder, 'short.geojson'), JSON.stringify({ type: 'LineString', coordinates }));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(args: string[], code = 0) {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const done = await runCli([...args, ...to], { cwd: folder, env });
    assert.equal(done.code, code, `${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done;
  }
  const place = ['--deployment', 'cms'];
  const onboard = (vin: string, code = 0, ...more: string[]) =>
    run(['onboard', ...place, '--vin', vin, ...more], code);
  async function rows(vin: string) {
    const { Items = [] } = await dynamo().send(
      new QueryCommand({
        TableName: tables.provisioned,
        KeyConditionExpression: 'vin = :v',
        ExpressionAttributeValues: { ':v': { S: vin } },
      }),
    );
    return Items.map((row) => [row.certificate_id?.S ?? '', row.certificate_status?.S ?? ''] as const);
  }
  /** The row of the certificate in service. */
  async function certificateOf(vin: string): Promise<string> {
    const [active, another] = (await rows(vin)).filter(([, status]) => status === 'ACTIVE');
    assert.ok(active !== undefined && another === undefined, vin);
    return active[0];
  }
  async function statusOf(certificateId: string): Promise<string | undefined> {
    const { certificateDescription } = await iot().send(new DescribeCertificateCommand({ certificateId }));
    return certificateDescription?.status;
  }
  async function conditionOf(vin: string): Promise<unknown> {
    const found = (await run(['vehicles', ...place, '--json'])).objects();
    const listing = found.find(({ vehicle }) => (vehicle as { vin?: string } | undefined)?.vin === vin);
    return (listing?.provisioning as { state?: string } | undefined)?.state;
  }
  async function checksOf(vin: string, code: number, ...more: string[]): Promise<Record<string, unknown>> {
    const found = (await run(['doctor', ...place, '--vin', vin, '--json', ...more], code)).objects();
    return Object.fromEntries(
      found
        .filter(({ id }) => id !== undefined)
        .map(({ id, status }): [string, unknown] => [String(id), status]),
    );
  }

  it('finds each app, whatever stacks they share', async () => {
    const found = (await run(['deployments', '--json']))
      .objects()
      .filter(({ generation }) => generation === 'cms-on-aws');
    assert.deepEqual(
      found.map(({ name, state }) => [name, (state as { kind: string }).kind]),
      [
        ['cms', 'ready'],
        ['fleet-b', 'ready'],
      ],
    );
    // A module that is not there is no error.
    for (const { capabilities } of found) {
      const ui = (capabilities as { id: string; reason?: string }[]).find(({ id }) => id === 'ui');
      assert.match(String(ui?.reason), /cms-ui is not deployed: make deploy leaves it out/);
    }
  });

  it('takes a vehicle from nothing to stored telemetry, drives it, renews it and takes it off again @smoke', async () => {
    const vin = newVin();
    const { stdout } = await onboard(
      vin.toLowerCase(),
      0,
      '--make',
      'Acme',
      '--model-year',
      '2024',
      '--telemetry-access',
      'group',
    );
    for (const line of [
      /Authorize the VIN +created/,
      /Give the right to send telemetry +created/,
      /Wait until the telemetry is stored +found/,
    ])
      assert.match(stdout, line);
    const { Item } = await dynamo().send(
      new GetItemCommand({ TableName: tables.authorized, Key: { vin: { S: vin } } }),
    );
    assert.deepEqual(
      [Item?.make, Item?.year, Item?.allow_provisioning],
      [{ S: 'Acme' }, { S: '2024' }, { BOOL: true }],
    );
    assert.equal(await conditionOf(vin), 'connected');

    const again = await onboard(vin, 0, '--telemetry-access', 'group');
    for (const line of [
      /Authorize the VIN +found/,
      /Get the production certificate +found/,
      /Send the first telemetry +found/,
    ])
      assert.match(again.stdout, line);

    const drive = await run([
      'simulate',
      ...place,
      '--vin',
      vin,
      '--route',
      'short.geojson',
      '--speed',
      '20',
      '--record',
      'run.jsonl',
    ]);
    assert.match(drive.stdout + drive.stderr, /ended .* 0 lost/);
    const replayed = await runCli(['replay', '--file', 'run.jsonl', '--speed', '20', '--json'], {
      cwd: folder,
    });
    const shown = replayed.objects().filter(({ type }) => type === 'message');
    assert.ok(shown.length > 2 && shown.every((message) => message.vin === vin), replayed.stdout);
    await run(['dtc', ...place, '--vin', vin, '--code', 'P0217']);
    const [seen] = (await run(['vehicles', ...place, '--json', '--limit', '1'])).objects();
    assert.deepEqual((seen?.live as { troubleCodes?: string[] } | undefined)?.troubleCodes, ['P0217']);

    const old = await certificateOf(vin);
    const refused = await run(['rotate', ...place, '--vin', vin], 2);
    assert.match(refused.stderr, /CMS switches the old certificate off before it registers the new one/);
    await run(['rotate', ...place, '--vin', vin, '--yes']);
    assert.notEqual(await certificateOf(vin), old);
    const checks = await checksOf(vin, 0);
    assert.deepEqual([checks['may-send'], checks.provisioned, checks.stored], ['ok', 'ok', 'ok']);

    await run(['offboard', ...place, '--vin', vin, '--yes']);
    assert.ok((await rows(vin)).every(([, status]) => status === 'DELETED'));
    assert.doesNotMatch((await run(['vehicles', ...place])).stdout, new RegExp(vin));
    await onboard(vin);
  });

  it('leaves policies alone unless it is asked, and says what follows', async () => {
    const vin = newVin();
    const { stdout, stderr } = await onboard(vin);
    assert.match(stdout + stderr, /do not let it send what CMS stores/);
    const drive = ['simulate', ...place, '--vin', vin, '--route', 'short.geojson', '--speed', '20'];
    assert.match((await run(drive, 2)).stderr, /do not let it send telemetry.*doctor/s);
    const checks = await checksOf(vin, 1, '--no-publish', '--fix', '--yes');
    assert.equal(checks['may-send'], 'fail');
    await run(drive);
  });

  it('does not try a vehicle that is stuck, and the doctor mends it', async () => {
    const vin = newVin();
    await onboard(vin);
    const working = await certificateOf(vin);
    // What another vehicle's wrong greeting leaves behind.
    const partial = { vin: { S: vin }, certificate_id: { S: 'f'.repeat(64) } };
    await dynamo().send(new PutItemCommand({ TableName: tables.provisioned, Item: partial }));
    assert.equal(await conditionOf(vin), 'stuck');
    const { stderr } = await run(['rotate', ...place, '--vin', vin, '--yes'], 1);
    assert.match(stderr, /is stuck: one of its rows is incomplete.*doctor/s);
    assert.equal(await statusOf(working), 'ACTIVE', 'nothing was tried');
    const checks = await checksOf(vin, 1, '--no-publish', '--fix', '--yes');
    assert.equal(checks['incomplete-rows'], 'fail');
    assert.deepEqual(await rows(vin), [[working, 'ACTIVE']]);
    await run(['rotate', ...place, '--vin', vin, '--yes']);
  });

  it('goes on where a certificate was deleted by hand', async () => {
    const vin = newVin();
    await onboard(vin);
    const certificateId = await certificateOf(vin);
    await iot().send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    const principal = `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`;
    await iot().send(new DetachThingPrincipalCommand({ thingName: `Vehicle_${vin}`, principal }));
    await iot().send(new DeleteCertificateCommand({ certificateId, forceDelete: true }));
    assert.equal(await conditionOf(vin), 'stuck');
    await onboard(vin);
    assert.deepEqual((await rows(vin)).find(([id]) => id === certificateId)?.[1], 'DELETED');
  });

  it('puts back the certificate that a hook switched off which was too slow', async () => {
    const vin = newVin();
    await onboard(vin);
    const working = await certificateOf(vin);
    // Nobody may wake it; it sleeps longer than AWS IoT waits, and does its work all the same.
    const denied = { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not for you' };
    await sandbox.fault({ operation: 'lambda:Invoke', action: denied });
    await sandbox.fault({ operation: HOOK, action: { kind: 'delay', ms: 6000 } });
    const { stderr } = await run(['rotate', ...place, '--vin', vin, '--yes'], 1);
    assert.match(stderr, /which was switched off, is ACTIVE again/);
    assert.equal(await statusOf(working), 'ACTIVE');
    assert.deepEqual(
      (await rows(vin)).filter(([, status]) => status !== 'DELETED'),
      [[working, 'ACTIVE']],
    );
    await run(['rotate', ...place, '--vin', vin, '--yes']);
  });

  it('uses the claim that CMS keeps where a temporary one is not allowed', async () => {
    const vin = newVin();
    await sandbox.fault({
      operation: 'iot:CreateProvisioningClaim',
      action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not for you' },
    });
    const { stderr } = await onboard(vin, 0, '--verbose');
    assert.match(stderr, /the claim that the CMS keeps is used/);
    assert.equal(await statusOf(await certificateOf(vin)), 'ACTIVE');
  });

  it('says what it cannot know where the telemetry bucket may not be read', async () => {
    const vin = newVin();
    await sandbox.fault({
      operation: 's3:*',
      count: 50,
      action: { kind: 'error', status: 403, code: 'AccessDenied', message: 'not for you' },
    });
    const { stdout, stderr } = await onboard(vin, 0, '--telemetry-access', 'group');
    assert.match(stdout + stderr, /No permission to read the telemetry bucket/);
    await sandbox.ask('DELETE', 'faults');
  });

  it('corrects an authorization that is incomplete', async () => {
    const vin = newVin();
    await dynamo().send(
      new PutItemCommand({ TableName: tables.authorized, Item: { vin: { S: vin }, make: { S: 'Volta' } } }),
    );
    assert.equal(await conditionOf(vin), 'stuck');
    await onboard(vin);
    const { Item } = await dynamo().send(
      new GetItemCommand({ TableName: tables.authorized, Key: { vin: { S: vin } } }),
    );
    assert.deepEqual([Item?.make, Item?.allow_provisioning], [{ S: 'Volta' }, { BOOL: true }]);
    await dynamo().send(new DeleteItemCommand({ TableName: tables.authorized, Key: { vin: { S: vin } } }));
    assert.equal(await conditionOf(vin), 'connected', 'it is listed by its row');
  });

  it('is shown by the demo, from nothing to nothing', async () => {
    const done = await runCli(['demo', '--generation', 'cms-on-aws', '--json']);
    assert.equal(done.code, 0, done.stderr);
    const said = done.objects().map(({ type }) => type);
    assert.deepEqual(
      ['vehicle', 'drive', 'rotated', 'offboarded', 'result'].map(
        (type) => said.filter((each) => each === type).length,
      ),
      [2, 2, 1, 2, 1],
    );
    const drives = done.objects().filter(({ type }) => type === 'drive');
    for (const { troubleCodes } of drives) assert.deepEqual(troubleCodes, ['P0217']);
    const refused = await runCli(['demo', '--generation', 'cms-on-aws', '--provisioner', 'jitp']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /no vehicles with certificates of a CA of your own/);
  });
});
