import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import {
  controlTopic,
  NO_COUNTS,
  type RunControl,
  type ShardStatus,
  statusTopic,
} from '../../../src/scale/channelMessages.ts';
import { isFinal } from '../../../src/scale/gaveUp.ts';
import { resultKey } from '../../../src/scale/plan.ts';
import { nobodyDrives } from '../../../src/scale/prospects.ts';
import { emptyResult } from '../../../src/scale/shard.ts';
import { createRunWorld, RUN } from './runWorld.ts';

const forbidden = () =>
  new CmsError('ACCESS_DENIED', l10n.verbatim('AWS IoT refused MQTT over WebSocket.'), {
    step: 'channel',
    remedy: l10n.verbatim('Allow what docs/iam/scale.json says.'),
  });
const denied = () =>
  new CmsError('STORE_FAILED', l10n.verbatim('Not allowed: reading s3://runs/plan.json.'), {
    step: 'store',
    remedy: l10n.verbatim('Allow s3:GetObject on s3://runs.'),
    cause: new CmsError('ACCESS_DENIED', l10n.verbatim('Access Denied')),
  });
const full = () =>
  new CmsError('STORE_FAILED', l10n.verbatim('results/2-1.json cannot be written: the disk is full.'), {
    remedy: l10n.verbatim('Make room, or choose another place with --store.'),
  });

describe('What a worker gave up for', () => {
  it('is final where only a person can mend it, not where a container may have its credentials a moment later', () => {
    assert.equal(isFinal(denied()), true);
    assert.equal(isFinal(new CmsError('CREDENTIALS_MISSING', l10n.verbatim('No credentials.'))), false);
  });
});

describe('A run without an end', () => {
  const shard = (number: number, more: object = {}) => ({
    ...{ number, status: undefined, goneAt: undefined, done: false, skewMs: 0, ...more },
  });
  const failed = (final: boolean) => ({
    status: {
      ...{ attempt: 1, time: 1, phase: 'failed' as const, counts: NO_COUNTS, final },
      ...{ durations: emptyResult().durations, problems: [], keyless: 0 },
    },
  });
  const isOver = (final: boolean): boolean =>
    nobodyDrives(
      { shards: [shard(1, { done: true }), shard(2, failed(final)), shard(3)] },
      {
        control: { began: 0 } as RunControl,
        job: { waiting: 1, running: 0, succeeded: 1, failed: 1, reasons: [], over: false },
        ...{ plan: { drive: {} as never }, now: 1 },
      },
    );

  it('waits for no child that never starts when another one gave up for good', () => {
    assert.equal(isOver(true), true);
    assert.equal(isOver(false), false, 'another attempt may come');
  });
});

describe('When something is wrong with a run of several workers', () => {
  it('a worker whose clock is two seconds off is named, and the others keep their time', async () => {
    const { startWorker, startController, pass } = await createRunWorld();
    const controller = startController();
    await pass(2000);
    const workers = [startWorker(1), startWorker(2, { skewMs: 2000 }), startWorker(3)];
    await pass(60_000);
    const { gaps, totals } = await controller.ended;
    assert.deepEqual(controller.warnings, [
      'The clock of shard 2 is 2.0 s ahead: it turns too early. Set its clock.',
    ]);
    assert.deepEqual([gaps, totals.vehicles, totals.ended], [[], 6, 6]);
    assert.equal(workers[0]!.requests[0]!.startAt, workers[2]!.requests[0]!.startAt! - 2);
  });

  it('a run channel that a policy forbids to one worker is told with its remedy, and does not hold up the others', async () => {
    const { startWorker, startController, pass } = await createRunWorld();
    const controller = startController();
    await pass(2000);
    startWorker(1);
    const shut = startWorker(2, { opening: () => Promise.reject(forbidden()) });
    startWorker(3);
    await pass(15_000);
    assert.equal(shut.error?.code, 'ACCESS_DENIED');
    assert.equal(controller.told.ready, 2);
    await pass(60_000);
    const { missing, totals } = await controller.ended;
    assert.deepEqual(controller.warnings, [
      'Shard 2: AWS IoT refused MQTT over WebSocket. Allow what docs/iam/scale.json says.',
    ]);
    assert.deepEqual([missing, totals.ended], [[2], 4]);
  });

  it('a run channel that a policy forbids to all workers ends the start at once, with the remedy', async () => {
    const { startWorker, startController, pass, cancels } = await createRunWorld({ shards: 2 });
    const controller = startController();
    await pass(2000);
    for (const shard of [1, 2]) startWorker(shard, { opening: () => Promise.reject(forbidden()) });
    await pass(10_000);
    await assert.rejects(controller.ended, {
      code: 'RUN_NOT_READY',
      message:
        '0 of 2 workers are ready. AWS IoT refused MQTT over WebSocket. Allow what docs/iam/scale.json says.',
    });
    assert.deepEqual(cancels, ['job-1']);
  });

  it('an engine that starts no child at all is told with what to raise', async () => {
    const { startController, pass, job, cancels } = await createRunWorld();
    Object.assign(job, { waiting: 3, running: 0, reasons: ['AWS Batch: the queue is disabled.'] });
    const controller = startController();
    await pass(80_000);
    await assert.rejects(controller.ended, (error: CmsError) => {
      assert.equal(error.message, '0 of 3 workers are ready. AWS Batch: the queue is disabled.');
      assert.match(JSON.stringify(error.remedy), /vCPUs of the queue/);
      return true;
    });
    assert.deepEqual(cancels, ['job-1']);
  });

  it('an engine that never starts one of the children does not keep the others from driving, nor the run from ending', async () => {
    const { startWorker, startController, pass, job, cancels } = await createRunWorld();
    Object.assign(job, { waiting: 1, running: 2, reasons: ['AWS Batch: no vCPUs left.'] });
    const controller = startController();
    await pass(2000);
    const workers = [startWorker(1), startWorker(2)];
    await pass(100_000);
    assert.ok(workers.every(({ over, error }) => over && error === undefined));
    Object.assign(job, { running: 0 });
    await pass(30_000);
    const { missing, totals } = await controller.ended;
    assert.deepEqual([missing, totals.ended, cancels], [[3], 4, ['job-1']]);
    assert.deepEqual(controller.warnings, [
      '2 of 3 workers are ready. AWS Batch: no vCPUs left.',
      'Shard 3 never started. AWS Batch: no vCPUs left. Raise this, or use fewer shards: vCPUs of the queue.',
    ]);
  });

  it('a plan that the next attempt cannot read leaves what the one before said last', async () => {
    const { startWorker, pass, channel } = await createRunWorld();
    const before: ShardStatus = {
      ...{ attempt: 1, time: 1, phase: 'driving', startedAt: 1, counts: { ...NO_COUNTS, acknowledged: 7 } },
      ...{ durations: emptyResult().durations, problems: [], keyless: 0 },
    };
    channel.retained.set(statusTopic(RUN, 1), JSON.stringify(before));
    const refuse = () => Promise.reject(denied());
    const worker = startWorker(1, { attempt: 2, store: { get: refuse, put: refuse, list: refuse } });
    await pass(15_000);
    assert.equal(worker.error?.code, 'STORE_FAILED');
    assert.deepEqual(JSON.parse(channel.retained.get(statusTopic(RUN, 1))!), before);
  });

  it('of two attempts of one index the later one drives, under another number, and the first says why it ended', async () => {
    const { startWorker, startController, pass, files } = await createRunWorld();
    const controller = startController();
    await pass(2000);
    const [first, other] = [startWorker(1), startWorker(2)];
    startWorker(3);
    await pass(12_000);
    const again = startWorker(1);
    await pass(60_000);
    assert.equal(first.error?.code, 'SHARD_REPLACED');
    assert.deepEqual([again.error, other.error], [undefined, undefined]);
    assert.equal(again.requests[0]?.simulationId, `${RUN}-r2`, 'no message of the first has its number');
    assert.ok(files.has(resultKey(RUN, 1, 1)) && files.has(resultKey(RUN, 1, 2)));
    const { gaps, totals } = await controller.ended;
    assert.deepEqual(gaps.map(({ shard, attempt, closed }) => [shard, attempt, closed]), [[1, 1, true]]); // prettier-ignore
    assert.equal(totals.ended, 6);
  });

  it('a result for which the disk has no room is told with its remedy, and the run keeps what was said last', async () => {
    const { startWorker, startController, pass } = await createRunWorld();
    const controller = startController();
    await pass(2000);
    const [first, worker, third] = [
      startWorker(1),
      startWorker(2, { store: { put: () => Promise.reject(full()) } }),
      startWorker(3),
    ];
    await pass(60_000);
    const { totals, gaps, missing } = await controller.ended;
    assert.deepEqual([worker.error?.code, worker.error?.step], ['STORE_FAILED', 'result']);
    assert.deepEqual(controller.warnings, [
      'Shard 2: results/2-1.json cannot be written: the disk is full. Make room, or choose another place with --store.',
    ]);
    assert.deepEqual([gaps, missing, totals.vehicles], [[], [], 6]);
    assert.ok(worker.acknowledged > 0);
    assert.equal(totals.acknowledged, first.acknowledged + worker.acknowledged + third.acknowledged);
  });

  it('a store that S3 denies to one worker is told over the run channel, with the remedy', async () => {
    const { startWorker, startController, pass } = await createRunWorld();
    const controller = startController();
    await pass(2000);
    startWorker(1);
    const refuse = () => Promise.reject(denied());
    const worker = startWorker(2, { store: { get: refuse, put: refuse, list: refuse } });
    startWorker(3);
    await pass(15_000);
    assert.equal(worker.error?.code, 'STORE_FAILED');
    await pass(60_000);
    const { missing, totals } = await controller.ended;
    assert.deepEqual(controller.warnings, [
      'Shard 2: Not allowed: reading s3://runs/plan.json. Allow s3:GetObject on s3://runs.',
    ]);
    assert.deepEqual([missing, totals.ended], [[2], 4]);
  });

  it('three of 2,500 vehicles without a key are named with what to do, and the others drive', async () => {
    const { startWorker, startController, pass } = await createRunWorld({ shards: 1, fleet: 2500 });
    const controller = startController();
    await pass(2000);
    startWorker(1, { keyless: ['VIN7', 'VIN70', 'VIN700'] });
    await pass(60_000);
    const { totals } = await controller.ended;
    assert.deepEqual(controller.warnings, [
      'Shard 1 has no usable certificates of 3 vehicles (VIN7, VIN70, VIN700); the others drive. ' +
        'Provision them with "provision", or leave these vehicles out.',
    ]);
    assert.deepEqual([totals.vehicles, totals.ended, totals.failed], [2500, 2497, 3]);
  });

  it('a controller that was frozen through the barrier starts the run when it wakes up, and accuses nobody', async () => {
    const { timers, startWorker, startController, pass } = await createRunWorld();
    const controller = startController();
    await pass(5000);
    timers.sleep(300_000);
    for (const shard of [1, 2, 3]) startWorker(shard);
    await pass(60_000);
    const { totals, gaps } = await controller.ended;
    assert.deepEqual([controller.warnings, gaps, totals.ended], [[], [], 6]);
  });

  it('two controllers start it once, and of what both say at a moment nothing is lost', async () => {
    const { startWorker, startController, pass, channel, store } = await createRunWorld({
      durationMs: undefined,
    });
    const one = startController();
    await pass(2000);
    const other = startController({ job: 'job-1' });
    await pass(2000);
    const workers = [1, 2, 3].map((shard) => startWorker(shard));
    await pass(15_000);
    const control = JSON.parse(channel.retained.get(controlTopic(RUN))!) as { began: number };
    assert.ok(workers.every(({ requests }) => requests.length === 1));
    const [first] = workers[0]!.requests;
    assert.equal(first!.startAt, control.began, 'who comes later finds the start that counts');
    assert.equal((await store.list(`runs/${RUN}/results/`)).length, 0);
    one.stop.abort();
    other.stop.abort();
    await pass(20_000);
    const [mine, theirs] = await Promise.all([one.ended, other.ended]);
    assert.deepEqual(mine.totals, theirs.totals);
    assert.equal(mine.totals.ended, 6);
    assert.deepEqual([one.warnings, other.warnings], [[], []]);
  });
});
