import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Job } from 'kubernetes-models/batch/v1';
import { type ScaleWorld, scaleWorld, type Started } from '../support/scale.ts';
import { received } from '../support/simulated.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

/** Three workers start, each with a process for its vehicles. */
const PATIENT = { withinMs: 60_000 };

interface SetUp {
  result: string;
  bucket: string;
  kmsKey: string;
  image: string;
}

describe('A run of several workers on AWS Batch', () => {
  let world!: ScaleWorld;
  before(async () => {
    world = await scaleWorld(6, ['--run-jobs']);
    made = await scale<SetUp>('setup');
    const pushed = world.start(['identities', 'push', '--yes', ...world.to]);
    assert.equal(await pushed.ended, 0, pushed.output());
  });
  let made!: SetUp;
  async function scale<T>(...args: string[]): Promise<T> {
    const asks = ['setup', 'remove'].includes(args[0]!) ? ['--yes'] : [];
    const done = world.start(['scale', ...args, ...asks, '--json', ...world.to]);
    assert.equal(await done.ended, 0, done.output());
    return done.objects().find(({ type }) => type === 'result') as T;
  }
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
  /** With the places of `scale setup`. */
  const simulate = ({ yes = true, more = [] as string[] } = {}) => {
    const left = ['--store', 'runs', ...(yes ? [] : ['--yes'])];
    const without = world.simulate.filter((arg) => !left.includes(arg));
    return world.start([...without, '--on', 'batch', '--shards', '3', ...more]);
  };

  it('starts a killed worker again with the same number; the AWS CLI sees it; no key leaves the folder', async function () {
    this.timeout(150_000);
    // It lasts until everybody has looked at it, however slow the machine is.
    const driven = simulate({ more: ['--duration', '3600'] });
    const { simulationId, job } = await submitted(driven);
    await until('all vehicles', () => totals(driven)?.online === 6, { ...PATIENT, seen: driven.output });
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
    // At a time: the CLI takes seconds to start.
    const [describedJobs, listedJobs] = await Promise.all([
      awsBatch('describe-jobs', '--jobs', job, `${job}:1`),
      awsBatch('list-jobs', '--array-job-id', job, '--job-status', 'RUNNING'),
    ]);
    const { jobs } = describedJobs as {
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
    assert.equal((listedJobs as { jobSummaryList: unknown[] }).jobSummaryList.length, 3);

    await scale('stop', '--run', simulationId);
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
    const pushed = await s3.send(new ListObjectsV2Command({ Bucket: made.bucket, Prefix: 'fleet/blocks/' }));
    assert.equal(pushed.Contents?.length, 1);
    const [{ Key: block }] = pushed.Contents as [{ Key: string }];
    const keys = await s3.send(new GetObjectCommand({ Bucket: made.bucket, Key: block }));
    assert.deepEqual([keys.ServerSideEncryption, keys.SSEKMSKeyId], ['aws:kms', made.kmsKey]);
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: made.bucket, Prefix: 'runs/' }),
    );
    assert.ok(Contents.length >= 7);
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: made.bucket, Key: Key! }));
      assert.doesNotMatch(await Body!.transformToString(), /BEGIN |privateKey|SecretAccessKey/, Key);
    }
    assert.doesNotMatch(JSON.stringify(jobs), /BEGIN |privateKey|aws_secret/);
    const { events } = (await aws(
      ...['--endpoint-url', world.sandbox.endpoint, 'logs', 'filter-log-events'],
      ...['--log-group-name', '/cms-enablement/scale'],
    )) as { events: { message: string }[] };
    const logged = events.map(({ message }) => message).join('\n');
    assert.match(logged, /Shard 1 of run-/, 'what workers print is there');
    assert.doesNotMatch(logged, /BEGIN |PRIVATE KEY|aws_secret|SecretAccessKey|SessionToken/);
  });

  it('says what hangs on it before it is removed; a person who stops the run gets summaries of all trips', async () => {
    const driven = simulate();
    const { job } = await submitted(driven);
    await until('all vehicles', () => totals(driven)?.online === 6, { ...PATIENT, seen: driven.output });
    await until('messages', () => totals(driven)!.acknowledged > 12);
    const asked = world.start(['scale', 'remove', ...world.to]);
    assert.equal(await asked.ended, 2, 'nobody says yes');
    assert.match(asked.output(), /Runs that drive end without their summaries: run-/);
    assert.match(asked.output(), /What stays: the bucket with \d+ runs .* keys of 6 vehicles/);
    driven.child.kill('SIGINT');
    assert.equal(await driven.ended, 130, driven.output());
    for (const vin of world.vins) {
      const { messages } = await received(world.sandbox, vin);
      assert.equal(messages.at(-1)!.type, 'trip');
    }
    let seen: unknown;
    await until(
      'the end of the job',
      async () => {
        const { jobs } = (await awsBatch('describe-jobs', '--jobs', job)) as { jobs: { status: string }[] };
        seen = jobs;
        // Workers that did not end by themselves in time are ended by the controller: FAILED, as in AWS.
        return ['SUCCEEDED', 'FAILED'].includes(jobs[0]?.status ?? '');
      },
      { seen: () => JSON.stringify(seen) },
    );
  });

  it('is set up again without a change, and another image is taken over', async () => {
    assert.equal((await scale<SetUp>('setup')).result, 'found');
    const image = 'registry.example/cms-enablement:9';
    const changed = await scale<SetUp>('setup', '--image', image);
    assert.deepEqual([changed.result, changed.image, changed.bucket], ['repaired', image, made.bucket]);
    const { Stacks } = (await aws(
      ...['--endpoint-url', world.sandbox.endpoint, 'cloudformation', 'describe-stacks'],
      ...['--stack-name', 'cms-enablement-scale'],
    )) as { Stacks: { StackStatus: string }[] };
    assert.equal(Stacks[0]?.StackStatus, 'UPDATE_COMPLETE');
  });

  it('is a job of Kubernetes with a dry run, as its published API has it', async () => {
    const left = ['--on', 'batch'];
    const dry = world.start([
      ...world.simulate.filter((arg) => !left.includes(arg)),
      ...['--on', 'kubernetes', '--shards', '3', '--dry-run', '--image', 'registry.example/cms:1'],
    ]);
    assert.equal(await dry.ended, 0, dry.output());
    const { type, ...manifest } = dry.objects().find((each) => each.type === 'manifest') as { type: string };
    assert.equal(type, 'manifest');
    assert.ok(Job.is(manifest));
    assert.doesNotThrow(() => new Job(manifest).validate());
    assert.deepEqual([manifest.spec?.completions, manifest.spec?.completionMode], [3, 'Indexed']);
  });

  it('names a quota that is too low before anything starts, and asks', async () => {
    await world.sandbox.ask('PUT', 'quotas/Fargate%20On-Demand%20vCPU%20resource%20count', { value: 2 });
    const asked = simulate({ yes: false });
    assert.equal(await asked.ended, 130, asked.output());
    assert.match(asked.output(), /3 vCPUs exceed the quota of 2 of Fargate \(L-3032A538\)/);
    assert.doesNotMatch(asked.output(), /"submitted"/);
  });

  it('is removed with all but results and keys, which the next setup finds, unless it is asked for all', async () => {
    const removed = await scale<{ result: string; vehicles: number; deleted: number }>('remove');
    assert.deepEqual([removed.result, removed.vehicles, removed.deleted], ['removed', 6, 0]);
    const without = simulate({ more: ['--duration', '3'] });
    assert.notEqual(await without.ended, 0);
    assert.match(without.output(), /cms-enablement scale setup/);
    const again = await scale<SetUp>('setup');
    assert.deepEqual([again.result, again.bucket], ['created', made.bucket]);
    const gone = await scale<{ deleted: number }>('remove', '--delete-results');
    assert.ok(gone.deleted > 10);
    const { Stacks } = (await aws(
      ...['--endpoint-url', world.sandbox.endpoint, 'cloudformation', 'describe-stacks'],
    )) as { Stacks: { StackName: string }[] };
    assert.deepEqual(Stacks.filter(({ StackName }) => StackName.includes('scale')), []); // prettier-ignore
    const s3 = await world.connection.s3();
    await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: made.bucket })), {
      name: 'NoSuchBucket',
    });
  });
});
