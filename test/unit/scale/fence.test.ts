import assert from 'node:assert/strict';
import type { RunningSimulation } from '../../../src/device/client/startSimulation.ts';
import { createLease } from '../../../src/device/process/simulation/lease.ts';
import type { RunControl, ShardStatus } from '../../../src/scale/channelMessages.ts';
import { NO_COUNTS } from '../../../src/scale/channelMessages.ts';
import { ControlClock } from '../../../src/scale/controlClock.ts';
import { placeIn } from '../../../src/scale/place.ts';
import { viewOf } from '../../../src/scale/runView.ts';
import { isReplaced } from '../../../src/scale/workerChannel.ts';
import { clockOf } from '../../../src/core/timers.ts';
import { createFakeTimers } from '../device/simulationWorld.ts';

const own = { attempt: 2, token: 'own' };

describe('The fence of a shard', () => {
  it('gives way to a newer attempt, and to one of the same number that came later', () => {
    assert.equal(isReplaced({ attempt: 3, token: 'other' }, own, false), true);
    assert.equal(isReplaced({ attempt: 2, token: 'other' }, own, false), true);
    assert.equal(isReplaced({ attempt: 3, token: 'other' }, own, true), true, 'who comes late is older');
  });

  it('keeps the shard after a mere cut, and takes it from an older one', () => {
    assert.equal(isReplaced(own, own, false), false);
    assert.equal(isReplaced(undefined, own, false), false);
    assert.equal(isReplaced({ attempt: 1, token: 'other' }, own, false), false);
    assert.equal(
      isReplaced({ attempt: 2, token: 'other' }, own, true),
      false,
      'the one that comes is the later',
    );
  });

  it('lets nobody connect again before a lease says so, and none outlives a freeze', async () => {
    const timers = createFakeTimers();
    const lease = createLease(timers, timers.now() + 1000);
    const { signal } = new AbortController();
    await lease.held(signal);
    timers.sleep(60_000);
    let held = false;
    const waiting = lease.held(signal).then(() => (held = true));
    // Said before the freeze: it is over already.
    lease.extend(timers.now() - 57_000);
    await timers.advance(5000);
    assert.equal(held, false);
    lease.extend(timers.now() + 3000);
    await waiting;
    assert.equal(held, true);
  });

  it('ends the wait of a vehicle that is over', async () => {
    const timers = createFakeTimers();
    const ending = new AbortController();
    const waiting = assert.rejects(createLease(timers, 0).held(ending.signal), { code: 'CANCELLED' });
    ending.abort();
    await waiting;
  });
});

describe('The clock of a run in a worker', () => {
  function setUp() {
    const timers = createFakeTimers();
    const acts: string[] = [];
    const running = {
      pause: () => acts.push(`${timers.now() - start} pause`),
      resume: () => acts.push(`${timers.now() - start} resume`),
      setSpeed: (factor: number) => acts.push(`${timers.now() - start} speed ${factor}`),
      reportTrouble: (code: string) => acts.push(`${timers.now() - start} ${code}`),
      stop: () => acts.push(`${timers.now() - start} stop`),
    } as unknown as RunningSimulation;
    const start = timers.now();
    const clock = new ControlClock({ clock: clockOf(timers) });
    const control = (
      seq: number,
      at: number,
      factor: number,
      more: Partial<RunControl> = {},
    ): RunControl => ({
      ...{ seq, clock: { at: start + at, simulated: 0, factor }, speed: 5, began: start, troubles: [] },
      ...more,
    });
    return { timers, acts, running, clock, control, start };
  }

  it('turns at the moment that was said, not when it is heard', async () => {
    const { timers, acts, running, clock, control, start } = setUp();
    clock.hear(control(1, 0, 5));
    clock.steer(running);
    clock.hear(control(2, 1000, 0));
    await timers.advance(999);
    assert.deepEqual(acts, []);
    await timers.advance(1);
    assert.deepEqual(acts, ['1000 pause']);
    clock.hear(control(3, 3000, 2, { speed: 2, troubles: [{ at: start + 2500, code: 'P0217' }] }));
    await timers.advance(5000);
    assert.deepEqual(acts.slice(1), ['2500 P0217', '3000 speed 2', '3000 resume']);
    clock.hear(control(4, 3000, 2, { speed: 2, stopAt: start + 7000 }));
    await timers.advance(5000);
    assert.deepEqual(acts.slice(4), ['7000 stop']);
  });

  it('gives up when nobody starts the run, and not a moment earlier', async () => {
    const { timers, clock, control } = setUp();
    const { signal } = new AbortController();
    let over = false;
    const waiting = assert
      .rejects(clock.first(signal, 900_000), { code: 'RUN_NOT_READY', message: /within 15 minutes/ })
      .then(() => (over = true));
    await timers.advance(899_999);
    assert.equal(over, false);
    await timers.advance(1);
    await waiting;
    clock.hear(control(1, 0, 5));
    assert.equal((await clock.first(signal, 900_000)).seq, 1);
  });

  it('does not say again what an earlier attempt has said, and takes no older word for the newest', async () => {
    const { timers, acts, running, clock, control, start } = setUp();
    await timers.advance(5000);
    clock.hear(control(5, 1000, 5, { troubles: [{ at: start + 2000, code: 'P0217' }] }));
    clock.steer(running);
    clock.hear(control(4, 0, 0));
    await timers.advance(5000);
    assert.deepEqual(acts, []);
  });
});

describe('What the engine says to a worker', () => {
  it('is read from AWS Batch, Slurm and Kubernetes', () => {
    assert.deepEqual(placeIn({ AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ATTEMPT: '2' }), {
      shard: 1,
      attempt: 2,
    });
    assert.deepEqual(placeIn({ AWS_BATCH_JOB_ATTEMPT: '1' }), { shard: 1, attempt: 1 });
    assert.deepEqual(placeIn({ SLURM_ARRAY_TASK_ID: '3' }), { shard: 3, attempt: 1 });
    assert.deepEqual(placeIn({ SLURM_ARRAY_TASK_ID: '3', SLURM_RESTART_COUNT: '1' }), {
      shard: 3,
      attempt: 2,
    });
    assert.deepEqual(placeIn({ JOB_COMPLETION_INDEX: '4', CMS_INDEX_FAILURES: '2' }), {
      shard: 5,
      attempt: 3,
    });
    assert.equal(placeIn({ AWS_BATCH_JOB_ARRAY_INDEX: 'x' }), undefined);
  });
});

describe('The view of a controller', () => {
  it('has the messages of attempts that broke off, but only the vehicles of those that drive', () => {
    const status = (attempt: number, acknowledged: number): ShardStatus => ({
      ...{ attempt, time: 0, phase: 'driving', problems: [], keyless: 0 },
      counts: { ...NO_COUNTS, vehicles: 10, online: 10, acknowledged },
      durations: { lag: { buckets: [[1, 5]], max: 1 }, ack: { buckets: [[2, 5]], max: 2 } },
    });
    const shard = (number: number, last: ShardStatus) => ({
      ...{ number, status: last, goneAt: undefined, done: false, skewMs: 0 },
    });
    const { totals, ready } = viewOf([shard(1, status(1, 100)), shard(2, status(2, 40))], [status(1, 60)]);
    assert.deepEqual([totals.vehicles, totals.online, totals.acknowledged, ready], [20, 20, 200, 2]);
  });
});
