import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteCertificateCommand,
  DetachThingPrincipalCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { namesOf } from '../../src/cms/cmsOnAws/names.ts';
import { callOf, operationsOf } from '../../tools/iam/contract.ts';
import { OPERATIONS } from '../../tools/iam/cmsOnAws/operations.ts';
import { TASKS } from '../../tools/iam/cmsOnAws/tasks.ts';
import { runCli, type CliRun, type CliStart } from '../support/cli.ts';
import { openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import type { IamDocument } from '../support/iamDocument.ts';
import { startIamGate, type IamGate } from '../support/iamGate.ts';
import { shortRoute } from '../support/simulated.ts';

const root = path.join(import.meta.dirname, '../..');
const { claimSecret } = namesOf('cms');

/** Each command of the command line, run with the policies that docs/iam says are enough, and with no others. */
describe('The policies of docs/iam/cms-on-aws', function () {
  this.timeout(240_000);
  let bench: CmsOnAwsBench;
  let gate: IamGate;
  let bucket: string;
  let notifications: string;
  /** Provisioned in the order of the tests. */
  let first: string;
  let second: string;

  before(async () => {
    bench = await openCmsOnAws(61_000);
    gate = await startIamGate(bench.sandbox);
    [first, second] = [bench.newVin(), bench.newVin()];
    const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
    await writeFile(
      path.join(bench.folder, 'short.geojson'),
      JSON.stringify({ type: 'LineString', coordinates }),
    );
    const { Parameter } = await new SSMClient(bench.options).send(
      new GetParameterCommand({ Name: '/solution/cms/connect-store/s3-storage-bucket/name' }),
    );
    bucket = Parameter?.Value ?? '';
    const { StackResourceSummaries: alerts = [] } = await new CloudFormationClient(bench.options).send(
      new ListStackResourcesCommand({ StackName: 'cms-app--cms-alerts' }),
    );
    notifications =
      alerts.find(({ ResourceType }) => ResourceType === 'AWS::DynamoDB::Table')?.PhysicalResourceId ?? '';
  });
  after(async () => {
    await gate.close();
    await bench.close();
  });

  const environment = (): Record<string, string> => ({
    AWS_ENDPOINT_URL: gate.endpoint,
    AWS_CA_BUNDLE: bench.sandbox.caFile,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const cli = (args: string[], start: CliStart = {}): Promise<CliRun> =>
    runCli(args, { cwd: bench.folder, env: environment(), ...start });

  async function documentOf(name: string): Promise<IamDocument> {
    const text = await readFile(path.join(root, 'docs/iam/cms-on-aws', `${name}.json`), 'utf8');
    const filled = Object.entries({
      ACCOUNT_ID: '123456789012',
      REGION: 'us-west-2',
      APP_ID: 'cms',
      AUTHORIZED_TABLE: bench.tables.authorized,
      PROVISIONED_TABLE: bench.tables.provisioned,
      PROVISIONING_STACK: 'cms-app--cms-provisioning',
      TELEMETRY_BUCKET: bucket,
      IDENTITY_PROVIDER_ID: 'cms',
      NOTIFICATIONS_TABLE: notifications,
      ALERTS_STACK: 'cms-app--cms-alerts',
    }).reduce((so, [name_, value]) => so.replaceAll(name_, value), text);
    return JSON.parse(filled) as IamDocument;
  }
  const documentsOf = (...names: string[]) => Promise.all(names.map(documentOf));

  /** Calls since the gate was entered, with the tables as the policies call them. */
  const called = (): string[] =>
    gate
      .called()
      .map((operation) =>
        operation
          .replace(notifications, 'notifications')
          .replace(bench.tables.authorized, 'authorized')
          .replace(bench.tables.provisioned, 'provisioned'),
      );

  /** Runs commands with the policies of some tasks; they need all of what `proved` always calls, and nothing else. */
  async function enough(names: string[], proved: string, ...commands: [code: number, ...args: string[]][]) {
    gate.enter(await documentsOf(...names));
    for (const [expected, ...args] of commands) {
      const { code, stdout, stderr } = await cli(args);
      const about = `${args.join(' ')}\nrefused: ${gate.refused().join('; ')}\n${stdout}\n${stderr}`;
      assert.equal(code, expected, about);
      assert.deepEqual(gate.refused(), [], about);
    }
    await seen(names, proved);
  }

  async function seen(names: string[], proved: string): Promise<void> {
    assert.deepEqual(gate.refused(), []);
    const made = called();
    const tasks = TASKS.filter(({ name }) => names.includes(name));
    assert.deepEqual(
      made.filter((operation) => !tasks.flatMap(operationsOf).includes(operation)),
      [],
      'calls that the policies do not know of',
    );
    const task = TASKS.find(({ name }) => name === proved);
    assert.ok(task !== undefined);
    assert.deepEqual(
      task.calls.filter((operation) => !made.includes(operation)),
      [],
      `${proved} allows what was never called`,
    );
    // Each action of the policy is taken out in turn: something would have been refused.
    const grantsOf = (operation: string) => OPERATIONS.get(operation) ?? [];
    const always = task.calls.flatMap(grantsOf);
    const onlySometimes = new Set(
      Object.keys(task.sometimes ?? {})
        .flatMap(grantsOf)
        .map(({ action }) => action)
        .filter((action) => !always.some((grant) => grant.action === action)),
    );
    const needless = gate.needless().map((line) => line.split(' on ')[0] ?? '');
    const own = await documentOf(proved);
    const actions = own.Statement.flatMap(({ Action }) => Action);
    const several = always.filter(({ resources }) => resources.length > 1).map(({ action }) => action);
    assert.deepEqual(
      needless.filter(
        (action) =>
          actions.includes(action) &&
          names.length === 1 &&
          !onlySometimes.has(action) &&
          !several.includes(action),
      ),
      [],
    );
  }

  it('refuse what they do not allow, and the message names the call', async () => {
    gate.enter(await documentsOf('look'));
    const { code, stderr } = await cli(['onboard', '--vin', first]);
    assert.equal(code, 1);
    assert.match(stderr, /\(ACCESS_DENIED, in step authorize\)/);
    assert.match(stderr, /dynamodb:PutItem/);
    assert.ok(gate.refused().some((line) => line.startsWith('dynamodb:PutItem on ')));
  });

  it('onboard and setup: the first vehicle, which gets the right to send telemetry', () =>
    enough(['onboard', 'setup'], 'setup', [0, 'onboard', '--vin', first, '--telemetry-access', 'group']));

  it('onboard: a vehicle that sends nothing yet, one that may, and one whose authorization is corrected', async () => {
    gate.enter(await documentsOf('onboard', 'setup'));
    await bench.authorize(second, { make: { S: 'Volta' } });
    await enough(
      ['onboard'],
      'onboard',
      [0, 'onboard', '--vin', bench.newVin()],
      [0, 'onboard', '--vin', first],
      [0, 'onboard', '--vin', second],
    );
  });

  it('onboard: the claim of the stack where a temporary one is not allowed', async () => {
    const documents = await documentsOf('onboard');
    const less = documents.map((document) => without(document, 'iot:CreateProvisioningClaim'));
    gate.enter(less);
    const { code, stderr } = await cli(['onboard', '--vin', bench.newVin()]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(gate.refused(), [
      'iot:CreateProvisioningClaim on arn:aws:iot:us-west-2:123456789012:provisioningtemplate/cms--provisioning-template',
    ]);
    assert.ok(gate.called().includes('secretsmanager:GetSecretValue'));
    gate.enter(less.map((document) => without(document, 'secretsmanager:GetSecretValue')));
    const refused = await cli(['onboard', '--vin', bench.newVin()]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`claim secret ${claimSecret}.*ACCESS_DENIED`, 's'));
  });

  it('look: the deployments, their vehicles, and what GraphQL and the alerts have', () =>
    enough(['look'], 'look', [0, 'deployments'], [0, 'vehicles'], [0, 'stored'], [0, 'alerts']));

  it('doctor', () => enough(['doctor'], 'doctor', [0, 'doctor', '--vin', first]));

  it('doctor-fix: a row that is incomplete, a certificate that is off, a vehicle that may not send', async () => {
    const certificateId = await bench.certificateOf(second);
    await bench.putRow({ vin: { S: second }, certificate_id: { S: 'f'.repeat(64) } });
    await bench.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await bench.setStatus(second, certificateId, 'INACTIVE');
    await enough(
      ['doctor', 'doctor-fix'],
      'doctor',
      [1, 'doctor', '--vin', second, '--no-publish', '--fix', '--yes'],
      [0, 'doctor', '--vin', second],
    );
    for (const action of [
      'dynamodb:DeleteItem#provisioned',
      'dynamodb:UpdateItem#provisioned',
      'iot:UpdateCertificate',
    ])
      assert.ok(called().includes(action), action);
  });

  it('provision: a certificate, and a new one in its place', async () => {
    const vin = bench.newVin();
    await bench.authorize(vin, {
      ...{ make: { S: 'MG' }, model: { S: 'ZS' }, year: { S: '2020' } },
      allow_provisioning: { BOOL: true },
    });
    await enough(
      ['provision'],
      'provision',
      [0, 'provision', '--vin', vin],
      [0, 'rotate', '--vin', vin, '--yes'],
    );
  });

  it('provision: after an attempt that came to nothing', async () => {
    const certificateId = await bench.certificateOf(second);
    const principal = `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`;
    await bench.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await bench.iot.send(new DetachThingPrincipalCommand({ thingName: `Vehicle_${second}`, principal }));
    await bench.iot.send(new DeleteCertificateCommand({ certificateId, forceDelete: true }));
    await enough(['provision'], 'provision', [0, 'provision', '--vin', second]);
    assert.ok(called().includes('dynamodb:UpdateItem#provisioned'));
  });

  it('drive: a simulation and a trouble code', () =>
    enough(
      ['drive'],
      'drive',
      [0, 'simulate', '--vin', first, '--route', 'short.geojson', '--speed', '20'],
      [0, 'dtc', '--vin', first, '--code', 'P0217'],
    ));

  it('watch: what the vehicles send, as it arrives', async () => {
    gate.enter(await documentsOf('watch', 'drive'));
    let drive: Promise<CliRun> | undefined;
    const watch = await cli(['watch', '--vin', first], {
      onOutput: (child, text) => {
        if (text.includes('Watching')) drive ??= cli(['dtc', '--vin', first, '--code', 'P0420']);
        if (text.includes('P0420')) child.kill('SIGINT');
      },
    });
    assert.match(watch.stdout, /P0420/);
    assert.equal((await drive)?.code, 0);
    await seen(['watch', 'drive'], 'watch');
  });

  it('offboard: a vehicle that may send, and one with an incomplete row', async () => {
    await bench.putRow({ vin: { S: second }, certificate_id: { S: 'e'.repeat(64) } });
    await enough(
      ['offboard'],
      'offboard',
      [0, 'offboard', '--vin', first, '--yes'],
      [0, 'offboard', '--vin', second, '--yes'],
    );
    assert.ok(called().includes('iot:RemoveThingFromThingGroup'));
    assert.ok(called().includes('dynamodb:DeleteItem#provisioned'));
  });

  it('onboard: whatever one action is missing, the run ends well or says which, and the next one ends well', async () => {
    const all = await documentsOf('onboard', 'setup');
    const actions = [...new Set(all.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)))];
    assert.ok(actions.length > 20);
    const abouts = new Map<string, string>();
    for (const action of actions) {
      const vin = bench.newVin();
      gate.enter(all.map((document) => without(document, action)));
      const { code, stdout, stderr } = await cli(['onboard', '--vin', vin, '--telemetry-access', 'group']);
      const about = `without ${action}\n${stdout}\n${stderr}`;
      const isSaid = /\(ACCESS_DENIED|may have a certificate in service that this machine cannot use/.test(
        stderr,
      );
      assert.ok(code === 0 || isSaid, about);
      abouts.set(vin, about);
    }
    gate.enter(all);
    // One run goes on with all of them.
    const rows = [...abouts.keys()].map((vin) => `${vin},group`);
    await writeFile(path.join(bench.folder, 'again.csv'), ['vin,telemetryAccess', ...rows, ''].join('\n'));
    const again = await cli(['onboard', '--fleet', 'again.csv']);
    assert.equal(again.code, 0, `${again.stdout}\n${again.stderr}`);
    for (const [vin, about] of abouts) {
      const certificateId = await bench.certificateOf(vin);
      assert.deepEqual(
        [await bench.attachedTo(vin), await bench.statusOf(certificateId)],
        [[certificateId], 'ACTIVE'],
        about,
      );
    }
  }).timeout(480_000);
});

function without(document: IamDocument, action: string): IamDocument {
  const Statement = document.Statement.map((statement) => ({
    ...statement,
    Action: statement.Action.filter((each) => each !== callOf(action)),
  }));
  return { ...document, Statement };
}
