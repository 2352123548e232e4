import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CancelJobCommand, CreateJobCommand, CreatePolicyCommand } from '@aws-sdk/client-iot';
import { english } from '../../src/core/wording.ts';
import type { Connection } from '../../src/aws/connection.ts';
import { watchTopics } from '../../src/aws/watchTopics.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { isCancelled } from '../../src/core/errors.ts';
import { startDevice, type DeviceProcess } from '../../src/device/client/deviceProcess.ts';
import { startSimulation, type RunningSimulation } from '../../src/device/client/startSimulation.ts';
import type { SimulationNotice, VehicleCommand } from '../../src/protocol/simulation.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { runCli } from '../support/cli.ts';
import { connectTo, nobody } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { shortRoute, simulatedThings } from '../support/simulated.ts';
import { testWork } from '../support/works.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const command = path.join(import.meta.dirname, '../../dist/device.js');
const [VIN, OTHER, MUTE] = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124', '1HGCM82633A004352'] as const;
type Vehicles = Awaited<ReturnType<typeof simulatedThings>>;

/** The AWS CLI sends the jobs: what a stranger sends is what the simulated vehicles answer. */
describe('Jobs for simulated vehicles', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let connection: Connection;
  let device: DeviceProcess;
  let folder: string;
  let vehicles: Vehicles;
  let failure: Error | undefined;
  const { signal } = new AbortController();

  before(async () => {
    sandbox = await startSandbox();
    connection = await connectTo(sandbox);
    device = await startDevice({ command });
    folder = await mkdtemp(path.join(os.tmpdir(), 'jobs-'));
    vehicles = await simulatedThings(connection, [VIN, OTHER]);
    const store = createCertificateStore(path.join(folder, 'certs'));
    for (const { vin, identity } of vehicles) await store.saveProduction(vin, identity);
  });
  after(async () => {
    device.dispose();
    connection.dispose();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A fleet that drives in circles, with what is heard of its jobs. */
  async function drive(fleet: Vehicles, more: object = {}) {
    const commands: VehicleCommand[] = [];
    const notices: SimulationNotice[] = [];
    const running = startSimulation(
      device,
      {
        simulationId: 'jobs',
        generation: 'cdf',
        broker: await brokerOf(connection, signal),
        routes: [shortRoute],
        vehicles: fleet.map(({ certificateId: _unused, ...vehicle }) => vehicle),
        end: 'loop',
        ...more,
      },
      {
        update(update) {
          commands.push(...(update.commands ?? []));
          if (update.notice) notices.push(update.notice);
        },
      },
      testWork(),
    );
    running.ended.catch((error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    return { running, commands, notices };
  }
  async function stop(running: RunningSimulation) {
    running.stop();
    return running.ended;
  }
  /** Waits for a state; a run that failed meanwhile ends that. */
  const comes = (what: string, holds: () => boolean | Promise<boolean>) =>
    until(
      what,
      () => {
        if (failure !== undefined) throw failure;
        return holds();
      },
      { withinMs: 60_000, everyMs: 50 },
    );
  const online = (running: RunningSimulation) => () =>
    running.totals !== undefined && running.totals.online === running.totals.vehicles;

  async function aws(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run(
      '/usr/bin/aws',
      ['--endpoint-url', sandbox.endpoint, '--output', 'json', 'iot', ...args],
      {
        env: {
          ...process.env,
          AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
          AWS_DEFAULT_REGION: 'us-west-2',
          AWS_PAGER: '',
        },
      },
    );
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }
  const create = (jobId: string, document: object, ...vins: string[]) =>
    aws(
      ...['create-job', '--job-id', jobId, '--document', JSON.stringify(document), '--targets'],
      ...vins.map((vin) => `arn:aws:iot:us-west-2:123456789012:thing/${vin}`),
    );
  /** The CLI may need longer to end than the vehicle needs for the job. */
  async function createAtOnce(jobId: string, desiredVersion: string): Promise<void> {
    const document = JSON.stringify({ operation: 'OtaUpdate', desiredVersion });
    const targets = [`arn:aws:iot:us-west-2:123456789012:thing/${VIN}`];
    await (await connection.iot()).send(new CreateJobCommand({ jobId, targets, document }));
  }
  async function execution(jobId: string, vin: string) {
    const answer = await aws('describe-job-execution', '--job-id', jobId, '--thing-name', vin);
    const { status, statusDetails } = answer.execution as {
      status: string;
      statusDetails?: { detailsMap: object };
    };
    return [status, statusDetails?.detailsMap];
  }
  const heard = (commands: VehicleCommand[], vin: string) =>
    commands.filter((it) => it.vin === vin).map(({ jobId, status }) => `${jobId} ${status}`);

  it('are done by those they are for, also when the vehicle was away, and rejected when not understood', async () => {
    await create('waiting', { operation: 'OtaUpdate', desiredVersion: '1.5' }, VIN);
    const { running, commands } = await drive(vehicles);
    await comes('the connection of all vehicles', online(running));
    await create('update', { operation: 'updateFirmware', desiredVersion: '2.0' }, VIN, OTHER);
    await create('doors', { operation: 'openDoors' }, OTHER);
    const done = ['waiting SUCCEEDED', 'update SUCCEEDED'];
    await comes('the end of both jobs', () => done.every((each) => heard(commands, VIN).includes(each)));
    await comes('the rejection', () => heard(commands, OTHER).includes('doors REJECTED'));
    assert.deepEqual(heard(commands, VIN), [
      ...['waiting QUEUED', 'waiting IN_PROGRESS', 'waiting SUCCEEDED'],
      ...['update QUEUED', 'update IN_PROGRESS', 'update SUCCEEDED'],
    ]);
    assert.deepEqual(await execution('update', OTHER), ['SUCCEEDED', { installedVersion: '2.0' }]);
    assert.deepEqual(await execution('doors', OTHER), [
      'REJECTED',
      { reason: 'unknown operation "openDoors"' },
    ]);
    const { totals } = await stop(running);
    assert.deepEqual([totals.failed, totals.lost, totals.resent], [0, 0, 0]);
  });

  it('are told to CMS on the topic of its own simulated vehicles', async () => {
    const { running, commands } = await drive(vehicles.slice(0, 1));
    await comes('the connection of all vehicles', online(running));
    const updates: { status: string; vin: string }[] = [];
    const watch = testWork();
    let watched = false;
    const watching = watchTopics(
      connection,
      [`dt/cvra/${VIN}/job/#`],
      {
        message: (_topic, bytes) => updates.push(JSON.parse(Buffer.from(bytes).toString()) as never),
        state: (state) => (watched = state === 'online'),
      },
      watch,
    );
    await comes('the watch', () => watched);
    await create('told', { operation: 'OtaUpdate', desiredVersion: '3' }, VIN);
    await comes('three updates', () => updates.length === 3);
    watch.cancel();
    await assert.rejects(watching, isCancelled);
    assert.deepEqual(
      updates.map(({ vin, status }) => [vin, status]),
      ['queued', 'inProgress', 'success'].map((status) => [VIN, status]),
    );
    await comes('the success of the job', () => heard(commands, VIN).includes('told SUCCEEDED'));
    await stop(running);
  });

  it('that are canceled are given up', async () => {
    const { running, commands } = await drive(vehicles.slice(0, 1));
    await comes('the connection of all vehicles', online(running));
    const iot = await connection.iot();
    await createAtOnce('taken-back', '4');
    await comes('the begin of the job', () => heard(commands, VIN).includes('taken-back IN_PROGRESS'));
    await iot.send(new CancelJobCommand({ jobId: 'taken-back', force: true }));
    await comes('the news of the cancellation', () => heard(commands, VIN).length > 2);
    assert.equal(heard(commands, VIN).at(-1), 'taken-back CANCELED');
    await stop(running);
  });

  it('are begun again after a drop', async () => {
    const { running, commands } = await drive(vehicles.slice(0, 1));
    await comes('the connection of all vehicles', online(running));
    await createAtOnce('twice', '5');
    await comes('the begin of the job', () => heard(commands, VIN).includes('twice IN_PROGRESS'));
    await sandbox.fault({
      operation: `mqtt:publish:dt/cvra/${VIN}/cardata`,
      action: { kind: 'drop', when: 'before-ack' },
    });
    await comes('the success of the job', () => heard(commands, VIN).includes('twice SUCCEEDED'));
    assert.deepEqual(heard(commands, VIN), [
      'twice QUEUED',
      'twice IN_PROGRESS',
      'twice IN_PROGRESS',
      'twice SUCCEEDED',
    ]);
    assert.equal((await stop(running)).totals.lost, 0);
  });

  it('cost nobody the run where the policy forbids to subscribe: it is said once, and all arrives', async () => {
    const iot = await connection.iot();
    const allow = (Action: string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        allow(['iot:Connect'], '*'),
        allow(['iot:Publish'], 'arn:aws:iot:us-west-2:123456789012:topic/dt/cvra/*'),
      ],
    });
    await iot.send(new CreatePolicyCommand({ policyName: 'mute', policyDocument }));
    const { running, commands, notices } = await drive(await simulatedThings(connection, [MUTE], 'mute'));
    await comes('three acknowledged messages', () => (running.vehicles.get(MUTE)?.acknowledged ?? 0) >= 3);
    await create('unheard', { operation: 'OtaUpdate', desiredVersion: '6' }, MUTE);
    const { totals, vehicles: states } = await stop(running);
    assert.deepEqual([totals.failed, totals.lost, states[0]?.connects, commands], [0, 0, 1, []]);
    assert.equal(notices.length, 1);
    assert.match(
      english(notices[0]!.sentence),
      /keeps driving without jobs: it was dropped when it subscribed to/,
    );
  });

  it('are not asked for when the run does not want them', async () => {
    const { running, commands } = await drive(vehicles.slice(1), { jobs: false });
    await comes('the connection of all vehicles', online(running));
    await create('unwanted', { operation: 'OtaUpdate', desiredVersion: '7' }, OTHER);
    const at = running.totals?.acknowledged ?? 0;
    await comes('three more acknowledged messages', () => (running.totals?.acknowledged ?? 0) > at + 2);
    await stop(running);
    assert.deepEqual(commands, []);
    assert.equal((await execution('unwanted', OTHER))[0], 'QUEUED');
    await aws('cancel-job', '--job-id', 'unwanted');
  });

  it('come from the fleet manager, too: an update over the air', async () => {
    const { running } = await drive(vehicles.slice(0, 1));
    await comes('the connection of all vehicles', online(running));
    const { outputs } = (await openDeployment(connection, {}, nobody, signal)).stack;
    const base = outputs.FleetmanagerApiGatewayUrl ?? '';
    const headers = {
      authorization: await tokenOf(outputs.UserPoolId ?? ''),
      'content-type': 'application/json',
    };
    const made = await fetch(`${base}/ota/create/${VIN}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ desiredVersion: '8.0' }),
    });
    const { jobId } = (await made.json()) as { jobId: string };
    await comes('the status that the cloud shows', async () => {
      const reply = await fetch(`${base}/ota/${jobId}/devices/status?filters=${VIN}`, { headers });
      const [status] = (await reply.json()) as { execution: { status: string } }[];
      return status?.execution.status === 'SUCCEEDED';
    });
    await stop(running);
  });

  async function tokenOf(pool: string): Promise<string> {
    const cognito = await connection.cognito();
    const made = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId: pool,
        ClientName: 'jobs',
        ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      }),
    );
    const Password = 'Testing1234';
    const user = { UserPoolId: pool, Username: 'admin' };
    await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password, Permanent: true }));
    const signedIn = await cognito.send(
      new AdminInitiateAuthCommand({
        UserPoolId: pool,
        ClientId: made.UserPoolClient?.ClientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'admin', PASSWORD: Password },
      }),
    );
    return signedIn.AuthenticationResult?.IdToken ?? '';
  }

  describe('on the command line', () => {
    const cli = (args: string[], onOutput?: Parameters<typeof runCli>[1]) =>
      runCli([...args, '--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'], {
        cwd: folder,
        env: {
          AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
        },
        ...onOutput,
      });

    it('job follows what simulate shows: done, and rejected with exit code 1', async () => {
      const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
      const line = { type: 'LineString', coordinates };
      await writeFile(path.join(folder, 'short.geojson'), JSON.stringify(line));
      await writeFile(path.join(folder, 'job.json'), '{"operation": "blink"}');
      let jobs: Promise<[Awaited<ReturnType<typeof cli>>, Awaited<ReturnType<typeof cli>>]> | undefined;
      const send = async (): Promise<NonNullable<Awaited<typeof jobs>>> => [
        await cli(['job', '--vin', VIN, '--update-to', '9.0']),
        await cli(['job', '--vin', VIN, '--document', 'job.json', '--json']),
      ];
      const driven = await cli(['simulate', '--vin', VIN, '--route', 'short.geojson', '--loop'], {
        onOutput: (child, text) => {
          if (/\d msgs\/s/.test(text)) jobs ??= send().finally(() => child.kill('SIGINT'));
        },
      });
      const [done, rejected] = (await jobs)!;
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stderr, new RegExp(`${VIN}: IN_PROGRESS`));
      assert.match(
        done.stdout,
        new RegExp(`^Job cms-\\S+ is created\\.\n${VIN} carried out the job\\.$`, 'm'),
      );
      assert.equal(rejected.code, 1);
      const objects = rejected.objects();
      assert.deepEqual(objects.filter(({ type }) => type === 'status').at(-1)?.details, {
        reason: 'unknown operation "blink"',
      });
      const error = objects.find(({ type }) => type === 'error');
      assert.equal(error?.code, 'JOB_FAILED');
      assert.match(driven.stderr, /job cms-\S+ {2}OtaUpdate {2}SUCCEEDED {2}installedVersion: 9\.0/);
      assert.match(driven.stderr, /job cms-\S+ {2}blink {2}REJECTED {2}reason: unknown operation "blink"/);
    });

    it('job gives up following after its time, leaves the job, and says how to take it back', async () => {
      const { code, stderr } = await cli(['job', '--vin', OTHER, '--update-to', '1', '--timeout', '1']);
      assert.equal(code, 1);
      assert.match(stderr, /is still QUEUED after 1 s/);
      const [, jobId = ''] = /--job-id (\S+)/.exec(stderr) ?? [];
      assert.equal((await execution(jobId, OTHER))[0], 'QUEUED');
    });

    it('job makes a job of a given id and follows nothing with --no-wait', async () => {
      const args = [
        'job',
        '--vin',
        OTHER,
        '--document',
        '{"operation":"x"}',
        '--job-id',
        'mine',
        '--no-wait',
      ];
      const { code, stdout } = await cli([...args, '--json']);
      assert.deepEqual(
        [code, JSON.parse(stdout)],
        [0, { type: 'job', vin: OTHER, jobId: 'mine', document: { operation: 'x' } }],
      );
      assert.match((await cli(args)).stderr, /Job mine already exists/);
    });

    for (const [what, args, code, text] of [
      ['no document', [], 2, /--document or --update-to/],
      ['two', ['--document', '{}', '--update-to', '1'], 2, /exactly one/],
      ['what is no JSON', ['--document', '{"a"'], 2, /not JSON/],
      ['a file that is not there', ['--document', 'none.json'], 2, /cannot be read/],
    ] as const) {
      it(`job refuses ${what}, before anything is made`, async () => {
        const refused = await cli(['job', '--vin', VIN, ...args]);
        assert.equal(refused.code, code);
        assert.match(refused.stderr, text);
      });
    }

    it('job says that there is no such vehicle', async () => {
      const { code, stderr } = await cli(['job', '--vin', 'WVWZZZ1JZXW000001', '--update-to', '1']);
      assert.equal(code, 1);
      assert.match(stderr, /VEHICLE_NOT_FOUND/);
    });
  });
});
