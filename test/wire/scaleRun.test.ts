import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { watchTopics } from '../../src/aws/watchTopics.ts';
import { isCancelled } from '../../src/core/errors.ts';
import { systemClock } from '../../src/core/work.ts';
import type { SimulatedMessage } from '../../src/telemetry/simulation/messages.ts';
import { scaleWorld, type Started, undisturbed, type ScaleWorld } from '../support/scale.ts';
import { received } from '../support/simulated.ts';
import { type SlurmCluster, startSlurm } from '../support/slurm.ts';
import { until } from '../support/until.ts';

const SHARDS = 3;
const EACH = 10;
/** A vehicle is compared with what it would be at most so many beats earlier or later. */
const BEATS = 2;

interface Seen {
  /** Of the run's id and the attempt. */
  run: string;
  serial: number;
  type: string;
  at: number;
  latitude: number;
  longitude: number;
  code: string | undefined;
}

/** What the cloud has of a vehicle, in the order in which it came. */
async function seenOf({ sandbox }: ScaleWorld, vin: string): Promise<Seen[]> {
  const { messages } = await received(sandbox, vin);
  return messages.map((message) => {
    const { type, serial } = message;
    const payload = message.payload as {
      TripId?: string;
      CreationTimeStamp: string;
      GeoLocation?: { Latitude: number; Longitude: number };
      DTC?: { Code: string };
    };
    const { TripId = '', CreationTimeStamp, GeoLocation, DTC } = payload;
    return {
      ...{ run: TripId.slice(0, TripId.indexOf(`-${vin}-`)), serial, type },
      at: Date.parse(CreationTimeStamp),
      ...{ latitude: GeoLocation?.Latitude ?? NaN, longitude: GeoLocation?.Longitude ?? NaN },
      code: DTC?.Code,
    };
  });
}
/** What is sent is rounded to a centimeter. */
const isNear = (a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }) =>
  Math.abs(a.latitude - b.latitude) < 2e-7 && Math.abs(a.longitude - b.longitude) < 2e-7;
/** Where a trip ends a tick has two. */
const samplesOf = (ticks: readonly SimulatedMessage[][]) =>
  ticks.flat().flatMap(({ moment }) => moment ?? []);
const momentsOf = (ticks: readonly SimulatedMessage[][]) =>
  ticks.map((said) => said.find(({ type }) => type === 'sample')!.moment!);
/** With an attempt ended, the words of a run: those of the last result line. */
const resultOf = (run: Started) =>
  run.objects().find(({ type }) => type === 'simulation') as unknown as {
    simulationId: string;
    totals: { acknowledged: number; lost: number; vehicles: number };
    gaps: { shard: number; attempt: number; seconds: number; vehicles: number; closed: boolean }[];
    vehicles: { vin: string; phase: string; acknowledged: number; serial: number }[];
  };
const lastTotals = (run: Started) =>
  run.objects().findLast(({ type }) => type === 'totals') as unknown as
    | { online: number; acknowledged: number; shards: { shard: number; phase: string; attempt: number }[] }
    | undefined;
const attemptOf = (run: Started, shard: number) => lastTotals(run)?.shards[shard - 1]?.attempt;

describe('A run of several workers on Slurm', function () {
  // A minute of driving, and what it would have been without the fault.
  this.timeout(180_000);

  let world!: ScaleWorld;
  let slurm!: SlurmCluster;
  /** Vehicles that were connected a second time while they were connected. */
  const twice: string[] = [];
  const watching = new AbortController();
  let watch: Promise<unknown>;
  before(async () => {
    [world, slurm] = await Promise.all([scaleWorld(SHARDS * EACH), startSlurm(4)]);
    let watches = false;
    watch = watchTopics(
      world.connection,
      ['$aws/events/presence/disconnected/+'],
      {
        message(topic, payload) {
          const { disconnectReason } = JSON.parse(Buffer.from(payload).toString()) as {
            disconnectReason?: string;
          };
          const client = topic.slice(topic.lastIndexOf('/') + 1);
          if (disconnectReason === 'DUPLICATE_CLIENTID' && world.vins.includes(client)) twice.push(client);
        },
        state: () => (watches = true),
      },
      { signal: watching.signal, clock: systemClock, random: Math.random },
    ).catch((error: unknown) => {
      if (!isCancelled(error)) throw error;
    });
    await until('the watch', () => watches);
  });
  after(async () => {
    watching.abort();
    await watch;
    await slurm.stop();
    await world.close();
  });

  const vinsOf = (shard: number) => world.vins.slice((shard - 1) * EACH, shard * EACH);
  const runOf = (...args: string[]) =>
    world.start([...world.simulate, '--shards', String(SHARDS), '--on', 'slurm', ...args], slurm.env);
  const submitted = (run: Started) =>
    until(
      'the job',
      () => run.objects().find(({ type }) => type === 'submitted') as { simulationId: string } | undefined,
      {
        seen: run.output,
      },
    );
  const steer = async (run: string, ...args: string[]) => {
    const steered = world.start(['scale', ...args, '--run', run, '--store', 'runs', ...world.to]);
    assert.equal(await steered.ended, 0, steered.output());
  };
  const driving = (run: Started) =>
    until('all vehicles', () => lastTotals(run)?.online === SHARDS * EACH, { seen: run.output });

  it('survives a node and its controller: the others miss nothing, the shard goes on where it would be', async () => {
    const first = runOf('--duration', '60');
    const { simulationId: run } = await submitted(first);
    await driving(first);
    await until('some messages', () => lastTotals(first)!.acknowledged > 3 * SHARDS * EACH);
    await slurm.killNode('n2');
    await until('news of it', () => lastTotals(first)?.shards[1]?.phase === 'gone', { seen: first.output });
    first.child.kill('SIGKILL');
    const second = world.start(
      ['simulate', '--attach', run, '--store', 'runs', ...world.to, '--json'],
      slurm.env,
    );
    await until(
      'the shard',
      () => attemptOf(second, 2) === 2 && lastTotals(second)?.online === SHARDS * EACH,
      {
        withinMs: 60_000,
        seen: second.output,
      },
    );
    assert.equal(await second.ended, 3, second.output());

    // 1. and 9.: the other shards, message for message as one process would have sent them.
    for (const index of [0, EACH - 1, 2 * EACH, 3 * EACH - 1]) {
      const seen = await seenOf(world, world.vins[index]!);
      assert.deepEqual(seen.map(({ serial }) => serial), seen.map((_, i) => i + 1)); // prettier-ignore
      const samples = seen.filter(({ type }) => type === 'cardata').slice(0, -1);
      const expected = samplesOf(await undisturbed(world, index, samples.length)).slice(0, samples.length);
      assert.ok(samples.length > 40);
      for (const [i, sample] of samples.entries())
        assert.ok(isNear(sample, expected[i]!), `${world.vins[index]} ${i}`);
    }

    // 2.: nobody was connected twice.
    assert.deepEqual(twice, []);

    const result = resultOf(second);
    let stored = 0;
    for (const [place, vin] of world.vins.entries()) {
      const seen = await seenOf(world, vin);
      stored += seen.length;
      const runs = [...new Set(seen.map((message) => message.run))];
      assert.equal(runs.length, vinsOf(2).includes(vin) ? 2 : 1, vin);
      // 3.: each message once.
      assert.equal(new Set(seen.map(({ run: of, serial }) => `${of} ${serial}`)).size, seen.length);
      if (runs.length === 1) continue;
      // 4.: where the undisturbed run has it at that moment.
      const own = seen.filter((message) => message.run === runs[1]);
      assert.deepEqual(own.map(({ serial }) => serial), own.map((_, i) => i + 1)); // prettier-ignore
      const [begun, back] = [seen[0]!, own.find(({ type }) => type === 'cardata')!];
      const beat = (back.at - begun.at) / 1000;
      const around = momentsOf(await undisturbed(world, place, Math.ceil(beat) + BEATS + 1)).slice(
        Math.floor(beat) - BEATS,
      );
      const [low, high] = [Math.min, Math.max].map((of) => of(...around.map(({ longitude }) => longitude)));
      assert.ok(
        back.longitude >= low! - 1e-5 && back.longitude <= high! + 1e-5,
        `${vin} at ${back.longitude}, expected ${low} to ${high}`,
      );
    }

    // 5.: the sum of the attempts, and the gap.
    assert.deepEqual(
      result.gaps.map(({ shard, attempt, vehicles, closed }) => [shard, attempt, vehicles, closed]),
      [[2, 1, EACH, true]],
    );
    const back = await seenOf(world, vinsOf(2)[0]!);
    const cut = back.findIndex((message) => message.run !== back[0]!.run);
    const silent = (back[cut]!.at - back[cut - 1]!.at) / 1000;
    assert.ok(
      Math.abs(result.gaps[0]!.seconds - silent) <= 4,
      `${result.gaps[0]!.seconds} s for ${silent} s`,
    );
    assert.equal(result.totals.lost, 0);
    assert.equal(result.totals.vehicles, SHARDS * EACH);
    // The last second of what the dead attempt sent, nobody was told of.
    assert.ok(result.totals.acknowledged <= stored && result.totals.acknowledged >= stored - 2 * EACH);

    // No key anywhere but in the folder of certificates.
    for (const entry of await readdir(path.join(world.folder, 'runs'), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile()) continue;
      const text = await readFile(path.join(entry.parentPath, entry.name), 'utf8');
      assert.doesNotMatch(text, /BEGIN |aws_secret|SecretAccessKey/, entry.name);
    }
  });

  it('pauses at one moment, takes trouble codes, and ends all trips with their summaries', async () => {
    const before = new Map<string, number>();
    for (const vin of world.vins) before.set(vin, (await seenOf(world, vin)).length);
    const run = runOf();
    const { simulationId } = await submitted(run);
    await driving(run);
    await steer(simulationId, 'dtc', 'P0217');
    await steer(simulationId, 'pause');
    const pausedAt = Date.now() + 1000;
    const quiet = async () => {
      const totals = lastTotals(run)!.acknowledged;
      await until(
        'two more looks',
        () => run.objects().filter(({ type }) => type === 'totals').length > looks + 2,
      );
      return lastTotals(run)!.acknowledged === totals;
    };
    let looks = 0;
    await until('quiet', () => {
      looks = run.objects().filter(({ type }) => type === 'totals').length;
      return quiet();
    });
    const resumedAt = Date.now();
    await steer(simulationId, 'resume');
    await until('more', async () => (await seenOf(world, world.vins[0]!)).some(({ at }) => at > resumedAt));
    await steer(simulationId, 'stop');
    assert.equal(await run.ended, 0, run.output());
    for (const vin of world.vins) {
      const seen = (await seenOf(world, vin)).slice(before.get(vin));
      const inPause = seen.filter(
        ({ at, type }) => type === 'cardata' && at > pausedAt + 1000 && at < resumedAt,
      );
      assert.deepEqual(inPause, [], vin);
      assert.equal(seen.filter(({ code }) => code === 'P0217').length, 1);
      assert.equal(seen.at(-1)!.type, 'trip');
      assert.deepEqual(seen.map(({ serial }) => serial), seen.map((_, i) => i + 1)); // prettier-ignore
    }
  });

  it('has a frozen worker silent when it wakes up and another attempt drives its vehicles', async () => {
    const run = runOf('--duration', '45');
    const { simulationId } = await submitted(run);
    await driving(run);
    const frozen = await until('the worker', async () => {
      for (const node of ['n1', 'n3', 'n4']) {
        const pids = await slurm.processesOf(node, 'dist/');
        const shard = (await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8'))))
          .map((text) => /SLURM_ARRAY_TASK_ID=(\d+)/.exec(text)?.[1])
          .find(Boolean);
        if (shard === '1') return pids;
      }
      return undefined;
    });
    assert.ok(frozen.length >= 2, 'the worker and its device process');
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    const other = world.start([
      ...['worker', '--run', simulationId, '--store', 'runs', '--index', '1', '--attempt', '2', ...world.to],
    ]);
    await until('attempt 2', () => attemptOf(run, 1) === 2 && lastTotals(run)?.online === SHARDS * EACH, {
      seen: () => run.output() + other.output(),
    });
    const vin = world.vins[0]!;
    const runs = async () => [...new Set((await seenOf(world, vin)).map((message) => message.run))];
    await until('its messages', async () => (await runs()).includes(`${simulationId}-r2`));
    twice.length = 0;
    const wokenAt = Date.now();
    for (const pid of frozen) process.kill(pid, 'SIGCONT');
    assert.equal(await run.ended, 3, run.output());
    assert.equal(await other.ended, 0, other.output());
    assert.deepEqual(twice, [], 'the woken worker took no connection away');
    for (const one of vinsOf(1)) {
      const late = (await seenOf(world, one)).filter(
        (message) => message.run === simulationId && message.at > wokenAt,
      );
      assert.deepEqual(late, [], one);
    }
    const logs = await readFile(path.join(world.folder, 'runs', 'logs', '1.log'), 'utf8');
    assert.match(logs, /Another attempt drives shard 1.*SHARD_REPLACED/s);
  });
});
