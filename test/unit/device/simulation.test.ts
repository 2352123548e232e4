import assert from 'node:assert/strict';
import type { CmsError } from '../../../src/core/errors.ts';
import { createRamp } from '../../../src/device/process/simulation/ramp.ts';
import { simulate, type Simulation } from '../../../src/device/process/simulation/simulate.ts';
import { createRateMeter } from '../../../src/core/rateMeter.ts';
import { createPercentiles } from '../../../src/device/process/simulation/percentiles.ts';
import {
  packedRequest,
  simulationRequestSchema,
  type SimulateOrder,
  type SimulationRequest,
  type SimulationUpdate,
} from '../../../src/protocol/simulation.ts';
import type { DriveOptions } from '../../../src/telemetry/drive.ts';
import { codec } from '../../../src/cms/cdf/codec/codec.ts';
import {
  createFakeCloud,
  createFakeDrive,
  createFakeTimers,
  refused,
  settled,
  unreachable,
  type FakeCloud,
  type FakeTimers,
} from './simulationWorld.ts';

const identity = { certificatePem: 'certificate', privateKeyPem: 'key' };
const REQUEST: SimulationRequest = {
  simulationId: 'run',
  generation: 'cdf',
  broker: { host: 'localhost', port: 8883, rootCaPem: 'root' },
  routes: [
    {
      name: 'r',
      points: [
        { latitude: 48, longitude: 11 },
        { latitude: 48, longitude: 11.1 },
      ],
    },
  ],
  vehicles: [{ vin: 'V', id: 'V', thingName: 'V', identity, seed: 1 }],
};

function orderOf(request: Partial<SimulationRequest>): SimulateOrder {
  const order = simulationRequestSchema.parse({
    ...packedRequest({ ...REQUEST, ...request }),
    id: 1,
    kind: 'simulate',
  });
  assert.ok(order.kind === 'simulate');
  return order;
}

describe('A simulation', () => {
  let timers: FakeTimers;
  let cloud: FakeCloud;
  let updates: SimulationUpdate[];
  let drives: DriveOptions[];
  beforeEach(() => {
    timers = createFakeTimers();
    cloud = createFakeCloud(timers);
    updates = [];
    drives = [];
  });

  function start(
    request: Partial<SimulationRequest> = {},
    drive: Parameters<typeof createFakeDrive>[0] = { samples: 20 },
    more: { signal?: AbortSignal; emit?: (update: SimulationUpdate) => Promise<void> } = {},
  ): Simulation {
    return simulate(
      orderOf(request),
      {
        timers,
        random: () => 0.5,
        codec,
        ramp: createRamp(timers, 100),
        createDrive: (options) => {
          drives.push(options);
          return createFakeDrive({ tick: options.tick, ...drive });
        },
        connect: (_vehicle, _clientId, signal) => cloud.connect(signal),
        emit:
          more.emit ??
          ((update) => {
            updates.push(update);
            return Promise.resolve();
          }),
      },
      more.signal ?? new AbortController().signal,
    );
  }
  const fleet = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      vin: `V${i}`,
      id: `V${i}`,
      thingName: `V${i}`,
      identity,
      seed: i,
    }));
  const state = () => updates.flatMap(({ vehicles }) => vehicles).at(-1)!;
  const cardata = () => cloud.arrived.filter(({ topic }) => topic.endsWith('/cardata')).length;

  it('sends a sample a second, on the beat, and ends with the summary', async () => {
    const simulation = start({}, { samples: 20 });
    await timers.advance(4999);
    assert.equal(cardata(), 5);
    await timers.advance(10_000);
    const { vehicles, totals } = await simulation.done;
    assert.match(cloud.arrived.at(-1)!.topic, /\/trip$/);
    assert.deepEqual(
      [vehicles[0]!.phase, totals.lost, totals.unacked, totals.acknowledged],
      ['ended', 0, 0, cloud.arrived.length],
    );
    assert.equal(cloud.open(), 0);
  });

  it('sends at the rate that was asked for', async () => {
    start({ rate: 4 }, { samples: 100 });
    await timers.advance(9990);
    assert.equal(cardata(), 40);
  });

  it('in time lapse sends as often, with more of the drive between two messages', async () => {
    const simulation = start({ speed: 20 }, { samples: 400 });
    await timers.advance(30_000);
    const { vehicles } = await simulation.done;
    assert.equal(cardata(), 11);
    assert.equal(vehicles[0]!.metres, 3990);
  });

  it('at the pace of points sends each point, more often when it is faster', async () => {
    const simulation = start({ pace: 'points', speed: 10 }, { samples: 50 });
    await timers.advance(1999);
    assert.equal(cardata(), 20);
    await timers.advance(10_000);
    await simulation.done;
    assert.equal(cardata(), 50);
  });

  it('keeps the beat after a delay, and goes on without a burst after a long sleep', async () => {
    start({}, { samples: 1000 });
    await timers.advance(3000);
    const before = cardata();
    timers.sleep(1300);
    await timers.advance(1700);
    assert.equal(cardata() - before, 3);
    timers.sleep(600_000);
    await timers.advance(2000);
    assert.ok(cardata() - before <= 3 + 4);
  });

  it('pauses without disconnecting, and resumes', async () => {
    const simulation = start({}, { samples: 1000 });
    await timers.advance(2500);
    simulation.control({ do: 'pause' });
    await timers.advance(60_000);
    assert.equal(cardata(), 3);
    assert.deepEqual([state().phase, state().link], ['paused', 'online']);
    simulation.control({ do: 'resume' });
    await timers.advance(1500);
    assert.equal(cardata(), 5);
  });

  it('sends the last message of a vehicle when it is asked to, also while nothing moves', async () => {
    const simulation = start({ vehicles: fleet(3) }, { samples: 100 });
    await timers.advance(2500);
    simulation.control({ do: 'pause' });
    await timers.advance(1000);
    assert.ok(updates.every(({ told }) => told === undefined));
    simulation.control({ do: 'tell', ids: ['V1'] });
    await timers.advance(200);
    const told = updates.flatMap((update) => update.told ?? []);
    assert.deepEqual(
      told.map(({ vin, serial }) => [vin, serial]),
      [['V1', 3]],
    );
    assert.deepEqual(
      { topic: told[0]!.topic, payload: told[0]!.payload },
      cloud.arrived.filter(({ payload }) => payload.includes('"VIN":"V1"')).at(-1),
    );
  });

  it('carries payloads from the moment they are asked for until they are not', async () => {
    const simulation = start({}, { samples: 100 });
    await timers.advance(1500);
    simulation.control({ do: 'payloads', on: true });
    await timers.advance(2000);
    simulation.control({ do: 'payloads', on: false });
    await timers.advance(2000);
    const carried = updates.flatMap(({ messages }) => messages).map(({ payload }) => payload !== undefined);
    assert.deepEqual(carried, [false, false, true, true, false, false]);
  });

  it('changes its speed while it runs', async () => {
    const simulation = start({}, { samples: 1000 });
    await timers.advance(1000);
    const metres = async () => {
      await timers.advance(1000);
      return state().metres;
    };
    const slow = -(await metres()) + (await metres());
    simulation.control({ do: 'speed', factor: 10 });
    await metres();
    const fast = -(await metres()) + (await metres());
    assert.ok(Math.abs(fast / slow - 10) < 0.2, `${slow} and ${fast}`);
  });

  it('jumps to a place, reports trouble on demand, and stops with a summary', async () => {
    const simulation = start({}, { samples: 1001 });
    await timers.advance(1500);
    simulation.control({ do: 'jump', to: 0.5 });
    simulation.control({ do: 'dtc', code: 'P1734' });
    await timers.advance(1100);
    assert.equal(Math.round(state().fraction * 100), 50);
    assert.equal(cloud.arrived.filter(({ payload }) => payload.includes('"P1734"')).length, 1);
    simulation.control({ do: 'stop' });
    await timers.advance(200);
    const { totals } = await simulation.done;
    assert.match(cloud.arrived.at(-1)!.topic, /\/trip$/);
    assert.equal(totals.lost, 0);
  });

  it('steers only the vehicles that are named, by what tells them apart', async () => {
    const vehicles = fleet(3).map((each) => ({ ...each, vin: 'SAME' }));
    const simulation = start({ vehicles }, { samples: 1000 });
    await timers.advance(2000);
    simulation.control({ do: 'stop', ids: ['V1', 'unknown'] });
    simulation.control({ do: 'pause', ids: ['V2'] });
    await timers.advance(500);
    const last = new Map(updates.flatMap((update) => update.vehicles).map((it) => [it.id, it.phase]));
    assert.deepEqual(Object.fromEntries(last), { V0: 'driving', V1: 'ended', V2: 'paused' });
  });

  it('stops by itself after its duration', async () => {
    const simulation = start({ durationMs: 5000, end: 'loop' }, { samples: 1e6 });
    await timers.advance(6000);
    const { vehicles } = await simulation.done;
    assert.equal(vehicles[0]!.phase, 'ended');
    assert.equal(cardata(), 5);
  });

  it('gives each vehicle its seed, its start and the script', async () => {
    const events = [{ at: 3000, kind: 'dtc' as const, code: 'P0217' }];
    const vehicles = fleet(2).map((vehicle, i) => ({ ...vehicle, from: i / 2 }));
    start({ vehicles, events, end: 'ping-pong' });
    await timers.advance(1);
    assert.deepEqual(
      drives.map(({ seed, end, events: script }) => [seed, end, script]),
      [
        [0, 'ping-pong', events],
        [1, 'ping-pong', events],
      ],
    );
    await timers.advance(1000);
    assert.equal(updates.flatMap((it) => it.vehicles).find(({ vin }) => vin === 'V1')!.fraction > 0.4, true);
  });

  it('drives on through an outage and delivers everything in order afterwards', async () => {
    const simulation = start({}, { samples: 400 });
    await timers.advance(5000);
    cloud.refusal = unreachable();
    cloud.drop();
    await timers.advance(60_000);
    assert.equal(state().link, 'offline');
    assert.equal(state().problem!.code, 'ENDPOINT_UNREACHABLE');
    assert.ok(state().queued >= 59);
    cloud.refusal = undefined;
    await timers.advance(600_000);
    const { totals } = await simulation.done;
    assert.equal(totals.lost, 0);
    assert.deepEqual(
      cloud.serials(),
      Array.from({ length: totals.acknowledged }, (_, i) => i + 1),
    );
  });

  it('waits for an endpoint that is gone before anything was acknowledged, once it was there', async () => {
    const simulation = start({}, { samples: 10 });
    cloud.answer = () => 'never';
    await timers.advance(500);
    cloud.refusal = unreachable();
    cloud.drop();
    await timers.advance(60_000);
    assert.deepEqual([state().link, state().acknowledged], ['offline', 0]);
    assert.notEqual(state().phase, 'failed');
    cloud.refusal = undefined;
    cloud.answer = () => 'yes';
    await timers.advance(60_000);
    assert.equal((await simulation.done).totals.lost, 0);
  });

  it('that is stopped before it is connected has no trip to sum up', async () => {
    cloud.refusal = unreachable();
    const simulation = start();
    simulation.control({ do: 'stop' });
    await timers.advance(200);
    const { totals, vehicles } = await simulation.done;
    assert.deepEqual([vehicles[0]!.phase, totals.lost, cloud.arrived.length], ['ended', 0, 0]);
  });

  it('that has reached its end waits for the connection, and a stop bounds the waiting', async () => {
    const simulation = start({}, { samples: 10 });
    await timers.advance(1000);
    cloud.refusal = unreachable();
    cloud.drop();
    await timers.advance(300_000);
    assert.equal(state().phase, 'ending');
    simulation.control({ do: 'stop' });
    await timers.advance(11_000);
    const { totals } = await simulation.done;
    assert.ok(totals.lost > 0);
    assert.equal(totals.acknowledged + totals.lost, state().serial);
  });

  it('goes on without a vehicle that fails, and names the reason', async () => {
    const simulation = simulate(
      orderOf({ vehicles: fleet(2) }),
      {
        timers,
        random: () => 0.5,
        codec,
        ramp: createRamp(timers, 100),
        createDrive: () => createFakeDrive({ samples: 30 }),
        connect: (vehicle, _clientId, signal) =>
          vehicle.vin === 'V0' ? Promise.reject(refused()) : cloud.connect(signal),
        emit: () => Promise.resolve(),
      },
      new AbortController().signal,
    );
    await timers.advance(60_000);
    const { vehicles, totals } = await simulation.done;
    assert.deepEqual(
      vehicles.map(({ phase }) => phase),
      ['failed', 'ended'],
    );
    // This identity is none: said as what it is, not as a refusal.
    assert.equal(vehicles[0]!.problem!.code, 'CERTIFICATE_UNUSABLE');
    assert.equal(totals.failed, 1);
  });

  it('reports acknowledged messages once each, in at most ten updates a second @slow', async () => {
    const simulation = start({ vehicles: fleet(40), rate: 5, payloads: true }, { samples: 60 });
    await timers.advance(3000);
    assert.ok(updates.length <= 30, `${updates.length} updates`);
    await timers.advance(60_000);
    const { totals } = await simulation.done;
    const messages = updates.flatMap((update) => update.messages);
    assert.equal(messages.length, totals.acknowledged);
    assert.equal(new Set(messages.map(({ vin, serial }) => `${vin}#${serial}`)).size, messages.length);
    assert.equal(messages[0]!.payload, cloud.arrived[0]!.payload);
    const { place, topic, type } = messages[0]!;
    assert.deepEqual([place!.latitude, topic, type], [48, 'dt/cvra/V0/cardata', 'sample']);
  });

  it('waits for a slow reader instead of piling up updates', async () => {
    const taken: (() => void)[] = [];
    const sizes: number[] = [];
    start(
      { rate: 10 },
      { samples: 1e5 },
      {
        emit: ({ messages }) => {
          sizes.push(messages.length);
          return new Promise((resolve) => taken.push(resolve));
        },
      },
    );
    await timers.advance(10_000);
    assert.equal(sizes.length, 1);
    taken.shift()!();
    await timers.advance(200);
    assert.equal(sizes.length, 2);
    assert.ok(sizes[1]! >= 95);
  });

  it('measures the lag of its own messages and the rate of acknowledgements', async () => {
    start({ vehicles: fleet(10) }, { samples: 1000 });
    await timers.advance(5000);
    const { totals } = updates.at(-1)!;
    assert.equal(totals.messagesPerSecond, 10);
    assert.deepEqual(totals.lag, { p50: 0, p99: 0, max: 0 });
  });

  it('ends at once when it is cancelled, before it begins or later', async () => {
    const early = AbortSignal.abort();
    await assert.rejects(start({}, {}, { signal: early }).done, { code: 'CANCELLED' });
    const controller = new AbortController();
    const simulation = start({ vehicles: fleet(3) }, { samples: 1000 }, { signal: controller.signal });
    await timers.advance(2000);
    controller.abort();
    await assert.rejects(simulation.done, { code: 'CANCELLED' });
    assert.equal(cloud.open(), 0);
    const before = cloud.arrived.length;
    await timers.advance(60_000);
    assert.equal(cloud.arrived.length, before);
  });

  it('fails when the reader cannot be reached, and ends its vehicles', async () => {
    const emit = () => Promise.reject(new Error('no reader'));
    const simulation = start({ vehicles: fleet(3) }, { samples: 1000 }, { emit });
    const failed = assert.rejects(simulation.done, { message: 'no reader' });
    await timers.advance(2000);
    await failed;
    assert.equal(cloud.open(), 0);
  });

  it('refuses a vehicle whose route there is not', async () => {
    const vehicles = [{ ...REQUEST.vehicles[0]!, route: 3 }];
    assert.throws(() => start({ vehicles }), { code: 'REQUEST_INVALID' } satisfies Partial<CmsError>);
    await settled();
  });
});

describe('The meters of a simulation', () => {
  it('know percentiles within 5 %', () => {
    const timers = createFakeTimers();
    const percentiles = createPercentiles(timers);
    assert.deepEqual(percentiles.read(), { p50: 0, p99: 0, max: 0 });
    for (let ms = 1; ms <= 1000; ms++) percentiles.add(ms);
    const { p50, p99, max } = percentiles.read();
    assert.ok(Math.abs(p50 / 500 - 1) < 0.05 && Math.abs(p99 / 990 - 1) < 0.05, `${p50} ${p99}`);
    assert.equal(max, 1000);
    timers.sleep(10_000);
    percentiles.add(5);
    assert.equal(percentiles.read().max, 1000);
    timers.sleep(10_000);
    assert.equal(percentiles.read().max, 5, 'what is long over does not count');
    timers.sleep(60_000);
    assert.equal(percentiles.read().max, 0);
  });

  it('count the last second only', () => {
    const timers = createFakeTimers();
    const rate = createRateMeter(timers);
    for (let i = 0; i < 30; i++) {
      rate.add();
      timers.sleep(100);
    }
    assert.equal(rate.perSecond(), 10);
    timers.sleep(5000);
    assert.equal(rate.perSecond(), 0);
  });
});
