import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { type ScaleWorld, scaleWorld, type Started } from '../support/scale.ts';
import { received } from '../support/simulated.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

const KEY = 'arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';

describe('A run of several workers on AWS Batch', () => {
  let world!: ScaleWorld;
  before(async () => {
    world = await scaleWorld(6, ['--run-jobs']);
    const s3 = await world.connection.s3();
    for (const Bucket of ['cms-runs', 'cms-keys']) await s3.send(new CreateBucketCommand({ Bucket }));
    const pushed = world.start([
      ...['identities', 'push', '--to', 's3://cms-keys/fleet', '--kms-key', KEY, '--yes', ...world.to],
    ]);
    assert.equal(await pushed.ended, 0, pushed.output());
  });
  after(() => world.close());

  /** The AWS CLI as it is. */
  async function aws(...args: string[]): Promise<unknown> {
    const { stdout } = await run('/usr/bin/aws', [...args, '--output', 'json'], {
      env: {
        PATH: process.env.PATH,
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
        AWS_REGION: 'us-west-2',
        AWS_ENDPOINT_URL: world.sandbox.endpoint,
        AWS_CA_BUNDLE: world.sandbox.caFile,
      },
    });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  }
  const awsBatch = (...args: string[]) => aws('--endpoint-url', world.sandbox.endpoint, 'batch', ...args);
  const submitted = (of: Started) =>
    until(
      'the job',
      () =>
        of.objects().find(({ type }) => type === 'submitted') as unknown as
          { simulationId: string; job: string } | undefined,
      { seen: of.output },
    );
  const totals = (of: Started) =>
    of.objects().findLast(({ type }) => type === 'totals') as unknown as
      { online: number; acknowledged: number; shards: { phase: string; attempt: number }[] } | undefined;
  const simulate = (...args: string[]) =>
    world.start([
      ...world.simulate,
      '--store',
      's3://cms-runs/tests',
      '--identities',
      's3://cms-keys/fleet',
      '--on',
      'batch',
      '--shards',
      '3',
      ...args,
    ]);

  it('starts a killed worker again with the same number; the AWS CLI sees it; no key leaves the folder', async () => {
    const driven = simulate('--duration', '30');
    const { simulationId, job } = await submitted(driven);
    await until('all vehicles', () => totals(driven)?.online === 6, { seen: driven.output });
    const worker = await until('the second worker', async () => {
      const { stdout } = await run('ps', ['-e', '-o', 'pid=,args=', '-ww']);
      for (const line of stdout
        .split('\n')
        .filter((text) => text.includes(simulationId) && text.includes(' worker '))) {
        const pid = Number(line.trim().split(' ')[0]);
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
        if (environment.includes('AWS_BATCH_JOB_ARRAY_INDEX=1\0')) return pid;
      }
      return undefined;
    });
    process.kill(worker, 'SIGKILL');
    await until('attempt 2', () => totals(driven)?.shards[1]?.attempt === 2 && totals(driven)?.online === 6, {
      seen: driven.output,
    });
    const { jobs } = (await awsBatch('describe-jobs', '--jobs', job, `${job}:1`)) as {
      jobs: {
        status: string;
        attempts: { container: { exitCode: number } }[];
        container: { command: string[] };
        arrayProperties: { size?: number; index?: number; statusSummary?: Record<string, number> };
      }[];
    };
    const [array, child] = jobs;
    assert.equal(array?.arrayProperties.size, 3);
    assert.equal(array.arrayProperties.statusSummary?.RUNNING, 3);
    assert.deepEqual(child?.attempts.map(({ container }) => container.exitCode), [137]); // prettier-ignore
    assert.equal(child.arrayProperties.index, 1);
    const listed = (await awsBatch('list-jobs', '--array-job-id', job, '--job-status', 'RUNNING')) as {
      jobSummaryList: unknown[];
    };
    assert.equal(listed.jobSummaryList.length, 3);

    assert.equal(await driven.ended, 3, driven.output());
    const result = driven.objects().find(({ type }) => type === 'simulation') as unknown as {
      gaps: { shard: number; vehicles: number; closed: boolean }[];
      totals: { lost: number };
    };
    assert.deepEqual(result.gaps.map(({ shard, vehicles, closed }) => [shard, vehicles, closed]), [[2, 2, true]]); // prettier-ignore
    assert.equal(result.totals.lost, 0);
    const runs = new Set(
      (await received(world.sandbox, world.vins[2]!)).messages.map(({ payload }) =>
        (payload as { TripId: string }).TripId.replace(/-SCALE.*$/, ''),
      ),
    );
    assert.deepEqual([...runs], [simulationId, `${simulationId}-r2`]);

    const s3 = await world.connection.s3();
    const pushed = await s3.send(new ListObjectsV2Command({ Bucket: 'cms-keys', Prefix: 'fleet/blocks/' }));
    assert.equal(pushed.Contents?.length, 1);
    const [{ Key: block }] = pushed.Contents as [{ Key: string }];
    const keys = await s3.send(new GetObjectCommand({ Bucket: 'cms-keys', Key: block }));
    assert.deepEqual([keys.ServerSideEncryption, keys.SSEKMSKeyId], ['aws:kms', KEY]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'cms-runs' }));
    assert.ok(Contents.length >= 7);
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'cms-runs', Key: Key! }));
      assert.doesNotMatch(await Body!.transformToString(), /BEGIN |privateKey|SecretAccessKey/, Key);
    }
    assert.doesNotMatch(JSON.stringify(jobs), /BEGIN |privateKey|aws_secret/);
  });

  it('ends the trips with their summaries when the person stops it', async () => {
    const driven = simulate();
    const { job } = await submitted(driven);
    await until('all vehicles', () => totals(driven)?.online === 6, { seen: driven.output });
    await until('messages', () => totals(driven)!.acknowledged > 12);
    driven.child.kill('SIGINT');
    assert.equal(await driven.ended, 130, driven.output());
    for (const vin of world.vins) {
      const { messages } = await received(world.sandbox, vin);
      assert.equal(messages.at(-1)!.type, 'trip');
    }
    await until('the end of the job', async () => {
      const { jobs } = (await awsBatch('describe-jobs', '--jobs', job)) as { jobs: { status: string }[] };
      return jobs[0]?.status === 'SUCCEEDED';
    });
  });
});
