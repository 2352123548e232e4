import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codecOf } from '../../../src/cms/codecs.ts';
import { defined } from '../../../src/core/defined.ts';
import { vehicleRefOf } from '../../../src/core/vehicleRef.ts';
import {
  simulatedVehicles,
  type SimulatedVehiclesOptions,
} from '../../../src/device/client/simulatedVehicles.ts';
import { connectsOf, partOf, readShard } from '../../../src/scale/shard.ts';
import { createDrive } from '../../../src/telemetry/drive/createDrive.ts';
import { createMessages } from '../../../src/telemetry/simulation/messages.ts';
import { textOf } from '../../support/bytes.ts';
import { walk } from '../telemetry/drive/drives.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const ROUTES = [
  walk({ latitude: 48.1, longitude: 11.5 }, [[0, 300], [60, 200]]),
  walk({ latitude: 52.5, longitude: 13.4 }, [[0, 150], [-80, 400]]),
  walk({ latitude: 33.7, longitude: -84.4 }, [[0, 500]]),
]; // prettier-ignore

interface FleetOptions {
  seed: number;
  routes: number;
  spread: boolean;
}

const certificates = {
  folder: 'certs',
  production: (id: string) =>
    Promise.resolve({
      kind: 'ok',
      pair: {
        certificateId: id,
        identity: { certificatePem: `certificate of ${id}`, privateKeyPem: `key of ${id}` },
        facts: { fuelType: id.endsWith('3') ? 'EV' : 'Gas' },
      },
    }),
} as unknown as SimulatedVehiclesOptions['certificates'];

const fleetOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ vin: `VIN${i}`, id: `id-${i}`, thingName: `thing-${i}` }));

/** Everything that vehicles say in so many seconds, by vehicle and serial. */
async function said(
  generation: string,
  of: ReturnType<typeof fleetOf>,
  part: { offset: number; total: number },
  { seed, routes, spread }: FleetOptions,
): Promise<[string, string][]> {
  const codec = codecOf(generation);
  const vehicles = await simulatedVehicles(of, { codec, certificates, seed, routes, spread, part });
  return vehicles.flatMap((vehicle) => {
    const { from = 0, route = 0 } = vehicle;
    const messages = createMessages({
      drive: createDrive({
        ...{ route: ROUTES[route]!, pace: 'drive', tick: 0.5, seed: vehicle.seed, end: 'loop' },
        eventRates: { braking: 200, dtc: 200 },
        ...defined({ powertrain: vehicle.powertrain }),
      }),
      ...{ codec, vehicle: vehicleRefOf(vehicle), simulationId: 'run', pace: 'drive' },
    });
    if (from > 0) messages.jumpTo(from);
    return Array.from({ length: 60 }, (_, i) => messages.tick(START + i * 1000, 2) ?? [])
      .flat()
      .map(({ serial, topic, payload }): [string, string] => [
        `${vehicle.vin} ${serial}`,
        `${topic} ${textOf(payload)}`,
      ]);
  });
}

describe('Shards', () => {
  it('are written as in other tools, counted from 1', () => {
    assert.deepEqual(readShard('3/40'), { number: 3, count: 40 });
    for (const text of ['0/4', '5/4', '1', '1/0', 'a/b', '1/10001', '-1/4', '1.5/4'])
      assert.equal(readShard(text), undefined, text);
  });

  it('have every vehicle once, in order, and differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 400 }), (total, count) => {
        const sizes: number[] = [];
        let next = 0;
        for (let number = 1; number <= count; number++) {
          const { from, to } = partOf({ number, count }, total);
          assert.equal(from, next);
          sizes.push(to - from);
          next = to;
        }
        assert.equal(next, total);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }),
    );
  });

  it('keep together to the rate of the account', () => {
    for (const count of [1, 2, 40, 400]) assert.ok(connectsOf({ count }) * count <= 400);
    assert.equal(connectsOf({ count: 2 }), 100);
  });

  for (const generation of ['cdf', 'cms-on-aws']) {
    for (const [count, shards, options] of [
      [7, 3, { seed: 1, routes: 1, spread: true }],
      [45, 40, { seed: 100, routes: 3, spread: false }],
      [20, 40, { seed: -5, routes: 2, spread: true }],
    ] as const) {
      it(`say what one run says: ${count} vehicles of ${generation} in ${shards} shards @slow`, async () => {
        const fleet = fleetOf(count);
        const whole = await said(generation, fleet, { offset: 0, total: count }, options);
        const parts: [string, string][] = [];
        for (let number = 1; number <= shards; number++) {
          const { from, to } = partOf({ number, count: shards }, count);
          const part = { offset: from, total: count };
          parts.push(...(await said(generation, fleet.slice(from, to), part, options)));
        }
        assert.ok(whole.length >= count * 60);
        assert.equal(new Set(whole.map(([key]) => key)).size, whole.length, 'no serial twice');
        assert.deepEqual(new Map(parts), new Map(whole));
        assert.equal(parts.length, whole.length);
      });
    }
  }
});
