import assert from 'node:assert/strict';
import type { CmsError } from '../../../src/core/errors.ts';
import { onboardFleet, type VehicleOutcome } from '../../../src/onboarding/fleet.ts';
import { readManifest } from '../../../src/onboarding/manifest.ts';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';
import { until } from '../../support/until.ts';
import { createWorld, type World } from './world.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `CAR-${i}`);
const manifest = (count: number) =>
  readManifest(
    JSON.stringify({
      defaults: { username: 'bob', firstName: 'B', lastName: 'O', allowAnyVin: true },
      vehicles: names(count).map((vin) => ({ vin })),
    }),
    { fields: cdfFields, format: 'json', now: Date.UTC(2026, 0, 5) },
  );
const fast = { startsPerSecond: 1000 };
const run = (world: World, count: number, options = {}, signal?: AbortSignal) =>
  onboardFleet(manifest(count), world.deps, world.work(signal), { ...fast, ...options });
const times = (world: World, call: RegExp) => world.calls.filter((name) => call.test(name)).length;

describe('Onboarding a fleet', () => {
  it('signs in, and looks at supplier, user and template, once for all vehicles', async () => {
    const world = createWorld();
    const result = await run(world, 10);
    assert.equal(result.onboarded, 10);
    for (const once of [/^findDeployment/, /^signIn/, /^ensureSupplier/, /^ensureUser/, /^ensureSetup/]) {
      assert.equal(times(world, once), 1, String(once));
    }
    assert.deepEqual(
      result.vehicles.map(({ vin }) => vin),
      names(10),
    );
    assert.equal(world.live.size, 10);
  });

  for (const concurrency of [1, 4]) {
    it(`works on no more than ${concurrency} vehicles at a time`, async () => {
      const world = createWorld();
      const running = new Set<string>();
      let most = 0;
      world.before = async (call) => {
        const [name = '', vin = ''] = call.split(' ');
        if (name !== 'provision') return;
        running.add(vin);
        most = Math.max(most, running.size);
        await new Promise((resolve) => setImmediate(resolve));
      };
      world.after = (call) => {
        const [name = '', vin = ''] = call.split(' ');
        if (name === 'ensureOwner') running.delete(vin);
      };
      await run(world, 9, { concurrency });
      assert.equal(most, concurrency);
    });
  }

  it('works on others while vehicles wait until the telemetry side knows them', async () => {
    const world = createWorld();
    let waiting = 0;
    let most = 0;
    const work = world.work();
    const clock = {
      ...work.clock,
      async sleep(ms: number, signal?: AbortSignal): Promise<void> {
        const isIndexDelay = ms === world.api.indexDelayMs;
        if (isIndexDelay) most = Math.max(most, ++waiting);
        // Until all of them wait: with a slot each, no more than one would.
        if (isIndexDelay) await until('all vehicles at their wait', () => most === 5, { everyMs: 0 });
        await work.clock.sleep(ms, signal);
      },
    };
    const result = await onboardFleet(
      manifest(5),
      world.deps,
      { ...work, clock },
      { ...fast, concurrency: 1 },
    );
    assert.equal(result.onboarded, 5);
    assert.equal(most, 5);
  });

  it('tells apart what it made and what lacked nothing', async () => {
    const world = createWorld();
    await run(world, 2);
    const result = await run(world, 5);
    assert.deepEqual([result.onboarded, result.created, result.found], [5, 3, 2]);
  });

  it('counts as made what was made before a vehicle was throttled', async () => {
    const world = createWorld();
    world.failNext(/^publish CAR-0/, 'AWS_THROTTLED', 1);
    const result = await run(world, 1);
    assert.deepEqual([result.created, result.found], [1, 0]);
  });

  it('goes on when a vehicle fails, and says which one, at which line, in which step', async () => {
    const world = createWorld();
    world.failNext(/^ensureDevice CAR-2/, 'CMS_REQUEST_REFUSED');
    const told: VehicleOutcome[] = [];
    const result = await onboardFleet(
      manifest(5),
      { ...world.deps, onVehicle: (outcome) => told.push(outcome) },
      world.work(),
      fast,
    );
    assert.deepEqual([result.onboarded, result.failed, result.unfinished], [4, 1, 0]);
    const failed = result.vehicles[2];
    assert.ok(failed?.status === 'failed');
    assert.deepEqual([failed.vin, failed.line, failed.error.step], ['CAR-2', 1, 'register']);
    assert.equal(told.length, 5);
  });

  it('continues when it is run again', async () => {
    const world = createWorld();
    world.failNext(/^ensureActivated CAR-[13]/, 'CMS_UNAVAILABLE', 2);
    assert.equal((await run(world, 5)).failed, 2);
    const published = world.published;
    assert.equal((await run(world, 5)).onboarded, 5);
    assert.equal(world.published, published + 2);
  });

  it('tries a supplier again for the next vehicle when it failed for one', async () => {
    const world = createWorld();
    world.failNext(/^ensureSupplier/, 'CMS_UNAVAILABLE');
    const result = await run(world, 3, { concurrency: 1 });
    assert.deepEqual([result.onboarded, result.failed], [2, 1]);
  });

  it('waits and tries a throttled vehicle again, later each time', async () => {
    const world = createWorld();
    world.failNext(/^provision/, 'AWS_THROTTLED', 3);
    const began = world.now;
    assert.equal((await run(world, 1)).onboarded, 1);
    assert.ok(world.now - began >= 1000 + 2000 + 4000);
  });

  it('gives a vehicle up that stays throttled', async () => {
    const world = createWorld();
    world.failNext(/^provision CAR-0/, 'AWS_THROTTLED', Infinity);
    const result = await run(world, 2);
    assert.deepEqual([result.onboarded, result.failed], [1, 1]);
    assert.equal(times(world, /^provision CAR-0/), 5);
  });

  it('stops for an error that every vehicle would meet, and says so', async () => {
    const world = createWorld();
    await run(world, 1);
    world.failNext(/^ensureDevice CAR-1/, 'CREDENTIALS_EXPIRED');
    const result = await run(world, 6, { concurrency: 1 });
    assert.equal(result.stoppedBy?.code, 'CREDENTIALS_EXPIRED');
    assert.deepEqual([result.onboarded, result.failed, result.unfinished], [1, 1, 4]);
    assert.equal(result.cancelled, false);
  });

  it('brings to an end what is under way when it stops, and begins no other', async () => {
    const world = createWorld();
    await run(world, 1);
    world.failNext(/^ensureDevice CAR-1/, 'CREDENTIALS_EXPIRED');
    let isStopped = false;
    const told: VehicleOutcome[] = [];
    const deps = {
      ...world.deps,
      onVehicle: (outcome: VehicleOutcome) => {
        told.push(outcome);
        isStopped ||= outcome.status === 'failed';
      },
    };
    let isUnderWay = false;
    world.before = async (call) => {
      if (call.startsWith('ensureDevice CAR-1')) await until('another vehicle', () => isUnderWay);
      if (!call.startsWith('provision CAR-2')) return;
      isUnderWay = true;
      await until('the end of the run', () => isStopped);
    };
    const result = await onboardFleet(manifest(6), deps, world.work(), { ...fast, concurrency: 2 });
    assert.equal(result.stoppedBy?.code, 'CREDENTIALS_EXPIRED');
    assert.deepEqual(
      result.vehicles.map(({ status }) => status),
      ['onboarded', 'failed', 'onboarded', 'unfinished', 'unfinished', 'unfinished'],
    );
    assert.ok(world.live.has('CAR-2'));
  });

  it('ends when cancelled with what was done, and continues in the next run', async () => {
    const world = createWorld();
    await run(world, 1);
    const controller = new AbortController();
    world.after = (call) => {
      if (call === 'ensureOwner CAR-1') controller.abort();
    };
    const result = await run(world, 5, { concurrency: 1 }, controller.signal);
    assert.equal(result.cancelled, true);
    assert.deepEqual([result.onboarded, result.failed, result.unfinished], [1, 0, 4]);
    world.after = () => undefined;
    assert.equal((await run(world, 5)).onboarded, 5);
  });

  it('fails as a whole when nobody can sign in', async () => {
    const world = createWorld();
    world.failNext(/^signIn/, 'USER_HAS_OTHER_PASSWORD');
    await assert.rejects(
      run(world, 3),
      (error: CmsError) => error.code === 'USER_HAS_OTHER_PASSWORD' && error.step === 'sign-in',
    );
    assert.equal(times(world, /^provision/), 0);
  });

  it('begins no more vehicles in a second than it may', async () => {
    const world = createWorld();
    await run(world, 4);
    const began: number[] = [];
    world.before = (call) => {
      if (call.startsWith('provision')) began.push(world.now);
    };
    // Nothing is left to do, so only the pace makes this world's clock move.
    await run(world, 4, { startsPerSecond: 2, concurrency: 1 });
    assert.deepEqual(
      began.map((time) => time - (began[0] ?? 0)),
      [0, 500, 1000, 1500],
    );
  });
});
