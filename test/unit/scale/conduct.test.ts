import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { clockOf } from '../../../src/core/timers.ts';
import { english } from '../../../src/core/wording.ts';
import {
  attemptTopic,
  controlTopic,
  NO_COUNTS,
  type RunControl,
  type ShardStatus,
  statusTopic,
} from '../../../src/scale/channelMessages.ts';
import { conduct, type ConductOptions } from '../../../src/scale/conduct.ts';
import type { JobStatus } from '../../../src/scale/engines/engine.ts';
import { jobKey, type Plan, resultKey } from '../../../src/scale/plan.ts';
import { shardResult } from '../../../src/scale/results.ts';
import { createFakeRunChannel } from '../../support/runChannel.ts';
import { createFakeTimers } from '../device/simulationWorld.ts';

const RUN = 'run-1';
const PLAN: Plan = {
  format: 'cms-enablement-plan-1',
  ...{ run: RUN, generation: 'cdf', shards: 2, fleet: 4, routes: [{ name: 'r', points: '' }] },
  drive: {
    ...{ rate: 1, speed: 1, pace: 'drive', end: 'loop', jobs: {} },
  } as unknown as Plan['drive'],
  ...{ seed: 1, spread: false, from: 0, connectsPerSecond: 100, barrierMs: 60_000 },
  identities: { kind: 'folder', folder: '/certs' },
};
const down = () => new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Nobody is there.'));
const unwritable = () => new CmsError('STORE_FAILED', l10n.verbatim('The disk is full.'));
const EMPTY = { buckets: [], max: 0 } as unknown as ShardStatus['durations']['lag'];

function setUp() {
  const timers = createFakeTimers();
  const clock = clockOf(timers);
  const channel = createFakeRunChannel();
  const files = new Map<string, string>();
  const cancels: string[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  const faults: { list?: CmsError; put?: CmsError; cancel?: CmsError; lists: number } = { lists: 0 };
  const running: JobStatus = { waiting: 0, running: 2, succeeded: 0, failed: 0, reasons: [], over: false };
  const world = { submitted: 0, status: running };
  const options: ConductOptions = {
    plan: PLAN,
    connection: {} as Connection,
    store: {
      label: 'store',
      put(key, text) {
        if (faults.put) return Promise.reject(faults.put);
        files.set(key, text);
        return Promise.resolve();
      },
      get: (key) => Promise.resolve(files.get(key)),
      list(prefix) {
        faults.lists++;
        if (faults.list) return Promise.reject(faults.list);
        return Promise.resolve([...files.keys()].filter((key) => key.startsWith(prefix)).sort());
      },
    },
    engine: {
      ...{ name: 'batch', capacity: 'vCPUs' },
      submit: () => Promise.reject(new Error('not asked')),
      status: () => Promise.resolve(world.status),
      cancel(id) {
        cancels.push(id);
        return faults.cancel ? Promise.reject(faults.cancel) : Promise.resolve();
      },
    },
    job: () => Promise.resolve(`job-${++world.submitted}`),
    barrierMs: PLAN.barrierMs,
    work: {
      ...{ signal: new AbortController().signal, clock, random: () => 0.5 },
      progress: ({ level, message }) => level === 'warn' && warnings.push(english(message)),
    },
    stop: stop.signal,
    update: () => undefined,
    opening: channel.open,
  };
  const status = (shard: number, phase: ShardStatus['phase'], more: Partial<ShardStatus> = {}): void => {
    const said: ShardStatus = {
      ...{ attempt: 1, time: timers.now(), phase, problems: [], keyless: 0 },
      counts: { ...NO_COUNTS, vehicles: 2, acknowledged: 7 },
      durations: { lag: EMPTY, ack: EMPTY },
      ...more,
    };
    channel.publish(attemptTopic(RUN, shard), { attempt: said.attempt, token: `t${shard}` }, true);
    channel.publish(statusTopic(RUN, shard), said, true);
  };
  const result = (shard: number): void => {
    const head = { run: RUN, generation: 'cdf', shard: { number: shard, count: 2 }, attempt: 1, fleet: 4 };
    const times = { startedAt: timers.now() - 5000, endedAt: timers.now() };
    const written = shardResult(
      { ...head, ...times },
      { vehicles: [], durations: { lag: EMPTY, ack: EMPTY } },
      { seconds: 5, topSpeed: 1, fuel: 0, charge: 0, omitted: 0, troubleCodes: [] } as never,
    );
    files.set(resultKey(RUN, shard, 1), JSON.stringify(written));
  };
  /** A round waits for many promises, one after the other. */
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 500) {
      await timers.advance(500);
      await new Promise(setImmediate);
    }
  };
  return {
    ...{ timers, pass, channel, files, cancels, warnings, stop, faults, world, options, status, result },
  };
}

describe('The controller of a run', () => {
  it('submits no job while it cannot open the run channel', async () => {
    const { options, world } = setUp();
    const opening = () => Promise.reject(down());
    await assert.rejects(conduct({ ...options, opening }), { code: 'ENDPOINT_UNREACHABLE' });
    assert.equal(world.submitted, 0);
  });

  it('ends a job that it could not note for others', async () => {
    const { options, pass, faults, cancels } = setUp();
    faults.put = unwritable();
    const conducted = assert.rejects(conduct(options), { code: 'STORE_FAILED' });
    await pass(2000);
    await conducted;
    assert.deepEqual(cancels, ['job-1']);
  });

  it('leaves workers that wait for the start to whoever attaches next, when its own work is cancelled', async () => {
    const { options, pass, cancels, files, status } = setUp();
    const leave = new AbortController();
    const work = { ...options.work, signal: leave.signal };
    const left = assert.rejects(conduct({ ...options, work }), { code: 'CANCELLED' });
    await pass(3000);
    leave.abort();
    await pass(1000);
    await left;
    assert.deepEqual(cancels, []);
    const { id } = JSON.parse(files.get(jobKey(RUN)) ?? '') as { id: string };
    let begun = false;
    const next = conduct({ ...options, job: id, opened: (channel) => (channel.onChange = () => (begun ||= channel.control !== undefined)) }); // prettier-ignore
    void next.catch(() => undefined);
    await pass(2000);
    for (const shard of [1, 2]) status(shard, 'ready');
    await pass(5000);
    assert.equal(begun, true);
  });

  it('submits nothing after Ctrl-C, and ends what has not begun as canceled', async () => {
    const early = setUp();
    early.stop.abort();
    const nothing = assert.rejects(conduct(early.options), { code: 'CANCELLED' });
    await early.pass(2000);
    await nothing;
    assert.deepEqual([early.world.submitted, early.cancels], [0, []]);

    const { options, pass, stop, cancels, channel, status } = setUp();
    const conducted = assert.rejects(conduct(options), { code: 'CANCELLED' });
    await pass(3000);
    status(1, 'ready');
    stop.abort();
    await pass(2000);
    await conducted;
    assert.deepEqual([cancels, [...channel.retained.keys()]], [['job-1'], []]);
  });

  it('tries the start again while the barrier lasts, then ends the job', async () => {
    const { options, pass, channel, cancels, status } = setUp();
    const conducted = assert.rejects(conduct(options), { code: 'ENDPOINT_UNREACHABLE' });
    await pass(3000);
    channel.refusal = down();
    status(1, 'ready');
    status(2, 'ready');
    await pass(30_000);
    assert.deepEqual(cancels, []);
    await pass(PLAN.barrierMs);
    await conducted;
    assert.deepEqual(cancels, ['job-1']);
  });

  it('goes on when the results cannot be listed for a while, and takes what AWS IoT keeps away at the end', async () => {
    const { options, timers, pass, channel, faults, cancels, warnings, status, result, files } = setUp();
    const conducted = conduct(options);
    await pass(3000);
    for (const shard of [1, 2]) status(shard, 'driving', { startedAt: timers.now() });
    faults.list = unwritable();
    const before = faults.lists;
    await pass(5000);
    assert.ok(faults.lists > before + 2);
    delete faults.list;
    assert.ok(channel.retained.has(controlTopic(RUN)));
    assert.equal(channel.retained.size, 5);
    for (const shard of [1, 2]) result(shard);
    await pass(5000);
    await conducted;
    assert.deepEqual(warnings, ['The results cannot be read; the run continues. The disk is full.']);
    assert.deepEqual([...channel.retained.keys()], []);
    assert.deepEqual(cancels, ['job-1']);
    assert.deepEqual(JSON.parse(files.get(jobKey(RUN))!), { engine: 'batch', id: 'job-1' });
  });

  it('lets the engine end a run whose channel takes no stop, and keeps the results', async () => {
    const { options, timers, pass, channel, cancels, stop, status, result } = setUp();
    const conducted = conduct(options);
    await pass(3000);
    for (const shard of [1, 2]) status(shard, 'driving', { startedAt: timers.now() });
    await pass(3000);
    channel.refusal = down();
    stop.abort();
    await pass(2000);
    assert.deepEqual(cancels, ['job-1']);
    for (const shard of [1, 2]) result(shard);
    await pass(5000);
    const { gaps } = await conducted;
    assert.deepEqual(gaps, []);
  });

  it('says a stop at once, for who leaves right after it', async () => {
    const { options, timers, pass, channel, stop, status } = setUp();
    const leave = new AbortController();
    let control: RunControl | undefined;
    let told = 0;
    const conducted = conduct({
      ...{ ...options, work: { ...options.work, signal: leave.signal } },
      opened: (it) => (it.onChange = () => (control = it.control)),
      update: () => told++,
    });
    const left = assert.rejects(conducted, { code: 'CANCELLED' });
    await pass(3000);
    for (const shard of [1, 2]) status(shard, 'ready');
    await pass(5000);
    for (const shard of [1, 2]) status(shard, 'driving', { startedAt: timers.now() });
    await pass(2000);
    const before = told;
    stop.abort();
    await new Promise(setImmediate);
    assert.ok(control?.stopAt !== undefined);
    assert.equal(told, before + 2, 'no time has passed');
    leave.abort();
    await left;
    assert.ok(channel.retained.has(controlTopic(RUN)), 'the run is left to whoever attaches next');
  });

  it('says that the engine did not end the job, and has the results all the same', async () => {
    const { options, timers, pass, faults, warnings, status, result } = setUp();
    faults.cancel = new CmsError('ENGINE_FAILED', l10n.verbatim('Too many requests.'));
    const conducted = conduct(options);
    await pass(3000);
    for (const shard of [1, 2]) status(shard, 'driving', { startedAt: timers.now() });
    await pass(2000);
    for (const shard of [1, 2]) result(shard);
    await pass(5000);
    await conducted;
    assert.deepEqual(warnings, [
      'batch did not end job job-1; end it there if it still runs. Too many requests.',
    ]);
  });

  it('says the same of a run to whoever attaches after it was cleared', async () => {
    const { options, timers, pass, channel, world, status, result, files } = setUp();
    const first = conduct(options);
    await pass(3000);
    for (const shard of [1, 2]) status(shard, 'driving', { startedAt: timers.now() });
    await pass(2000);
    result(1);
    world.status = { ...world.status, running: 0, over: true };
    await pass(30_000);
    const said = await first;
    assert.deepEqual(said.gaps.map(({ shard }) => shard), [2]); // prettier-ignore
    assert.ok(files.has(resultKey(RUN, 2, 1)), 'what the run channel had');
    assert.equal(channel.retained.size, 0);
    const second = conduct({ ...options, job: 'job-1' });
    await pass(60_000);
    assert.deepEqual(await second, said);
    assert.equal(channel.retained.size, 0);
  });
});
