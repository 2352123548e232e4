import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);
const VIN = 'LSH14J4C4LA046511';
const THING = `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`;

type Body = Record<string, unknown>;

/** The AWS CLI is the cloud's side, mosquitto with the policy of CMS the vehicle's: neither knows this project. */
describe('jobs and shadows with independent clients', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  const file = (name: string): string => path.join(folder, name);

  before(async () => {
    // A client id may connect once a second; every request here is a connection of its own.
    sandbox = await startSandbox({ args: ['--no-limits'] });
    folder = await mkdtemp(path.join(os.tmpdir(), 'jobs-'));
    await aws('iot', 'create-thing', '--thing-name', VIN);
    const made = await aws(
      ...['iot', 'create-keys-and-certificate', '--set-as-active'],
      ...['--certificate-pem-outfile', file('device.pem'), '--private-key-outfile', file('device.key')],
    );
    const arn = String(made.certificateArn);
    await aws('iot', 'attach-policy', '--policy-name', 'CvraTcuDevicePolicy', '--target', arn);
    await aws('iot', 'attach-thing-principal', '--thing-name', VIN, '--principal', arn);
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function aws(...args: string[]): Promise<Body> {
    const { stdout } = await run(
      '/usr/bin/aws',
      ['--endpoint-url', sandbox.endpoint, '--output', 'json', ...args],
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
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Body);
  }

  const mqtt = (): string[] => [
    ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
    ...['--cert', file('device.pem'), '--key', file('device.key'), '-V', 'mqttv311', '-i', VIN, '-q', '1'],
  ];

  /** One request on a reserved topic, and its answer on `answer` below it. */
  async function request(rest: string, payload: object | '', answer = 'accepted'): Promise<Body> {
    const topic = `$aws/things/${VIN}/${rest}`;
    const { stdout } = await run('mosquitto_rr', [
      ...mqtt(),
      ...['-W', '20', '-t', topic, '-e', `${topic}/${answer}`],
      ...(payload === '' ? ['-n'] : ['-m', JSON.stringify(payload)]),
    ]);
    return JSON.parse(stdout) as Body;
  }

  /** Waits for a message on a topic that comes because of `act`. */
  async function told(rest: string, act: () => Promise<unknown>): Promise<Body> {
    // By lines: it would tell that it subscribed only at its end.
    const child = spawn('stdbuf', [
      ...['-oL', 'mosquitto_sub'],
      ...mqtt(),
      ...['-d', '-W', '30', '-C', '1', '-t', `$aws/things/${VIN}/${rest}`],
    ]);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const exited = once(child, 'exit');
    while (!text.includes('SUBACK')) await Promise.race([once(child.stdout, 'data'), exited]);
    await act();
    await exited;
    const line = text.split('\n').find((each) => each.startsWith('{'));
    assert.ok(line !== undefined, text);
    return JSON.parse(line) as Body;
  }

  const create = (jobId: string, document: object) =>
    aws(
      ...['iot', 'create-job', '--job-id', jobId, '--targets', THING],
      ...['--document', JSON.stringify(document), '--timeout-config', 'inProgressTimeoutInMinutes=60'],
    );
  const execution = async (jobId: string) =>
    (await aws('iot', 'describe-job-execution', '--job-id', jobId, '--thing-name', VIN)).execution as Body;

  it('a vehicle is told of a job, starts it and reports that it is done', async () => {
    const told1 = await told('jobs/notify-next', () =>
      create('update-1', { operation: 'OtaUpdate', desiredVersion: '2.0' }),
    );
    assert.deepEqual((told1.execution as Body).jobDocument, {
      operation: 'OtaUpdate',
      desiredVersion: '2.0',
    });
    const started = (await request('jobs/start-next', { clientToken: 't' })).execution as Body;
    assert.deepEqual([started.jobId, started.status, started.versionNumber], ['update-1', 'IN_PROGRESS', 2]);
    assert.equal((await execution('update-1')).status, 'IN_PROGRESS');
    const { inProgressJobs } = await request('jobs/get', {});
    assert.equal((inProgressJobs as Body[])[0]?.jobId, 'update-1');
    await request('jobs/update-1/update', {
      status: 'SUCCEEDED',
      statusDetails: { installed: '2.0' },
      expectedVersion: 2,
    });
    const done = await execution('update-1');
    assert.deepEqual([done.status, done.statusDetails], ['SUCCEEDED', { detailsMap: { installed: '2.0' } }]);
    const described = (await aws('iot', 'describe-job', '--job-id', 'update-1')).job as Body;
    assert.equal(described.status, 'COMPLETED');
  });

  it('a report on a job that is over is rejected, with its state', async () => {
    const late = await request('jobs/update-1/update', { status: 'FAILED' }, 'rejected');
    assert.equal(late.code, 'InvalidStateTransition');
    assert.equal((late.executionState as Body).status, 'SUCCEEDED');
  });

  it('the AWS CLI lists, shows, cancels and deletes jobs', async () => {
    await create('update-2', { operation: 'x' });
    const document = (await aws('iot', 'get-job-document', '--job-id', 'update-2')).document;
    assert.equal(document, '{"operation":"x"}');
    const { jobs } = await aws('iot', 'list-jobs', '--status', 'IN_PROGRESS');
    assert.deepEqual(
      (jobs as Body[]).map(({ jobId }) => jobId),
      ['update-2'],
    );
    const ofThing = await aws('iot', 'list-job-executions-for-thing', '--thing-name', VIN);
    assert.equal((ofThing.executionSummaries as Body[]).length, 2);
    const ofJob = await aws('iot', 'list-job-executions-for-job', '--job-id', 'update-2');
    assert.equal((ofJob.executionSummaries as Body[])[0]?.thingArn, THING);
    const gone = await told('jobs/notify', () => aws('iot', 'cancel-job', '--job-id', 'update-2'));
    assert.deepEqual(gone.jobs, {});
    assert.equal((await execution('update-2')).status, 'CANCELED');
    await aws('iot', 'delete-job', '--job-id', 'update-2');
    await assert.rejects(aws('iot', 'describe-job', '--job-id', 'update-2'), /ResourceNotFoundException/);
    await create('update-3', {});
    const cancelOne = ['iot', 'cancel-job-execution', '--job-id', 'update-3', '--thing-name', VIN];
    await aws(...cancelOne);
    await assert.rejects(aws(...cancelOne), /InvalidStateTransitionException/);
  });

  it('a vehicle and the cloud share a shadow', async () => {
    await request('shadow/update', { state: { reported: { locked: false } } });
    const delta = await told('shadow/update/delta', async () => {
      await writeFile(file('state.json'), JSON.stringify({ state: { desired: { locked: true } } }));
      await aws(
        ...[
          'iot-data',
          'update-thing-shadow',
          '--thing-name',
          VIN,
          '--cli-binary-format',
          'raw-in-base64-out',
        ],
        ...['--payload', `file://${file('state.json')}`, file('reply.json')],
      );
    });
    assert.deepEqual(delta.state, { locked: true });
    assert.equal((JSON.parse(await readFile(file('reply.json'), 'utf8')) as Body).version, 2);
    await request('shadow/update', { state: { reported: { locked: true } } });
    assert.deepEqual((await request('shadow/get', '')).state, {
      reported: { locked: true },
      desired: { locked: true },
    });
    await aws('iot-data', 'get-thing-shadow', '--thing-name', VIN, file('shadow.json'));
    assert.equal((JSON.parse(await readFile(file('shadow.json'), 'utf8')) as Body).version, 3);
    await aws('iot-data', 'delete-thing-shadow', '--thing-name', VIN, file('gone.json'));
    assert.equal((await request('shadow/get', '', 'rejected')).code, 404);
  });
});
