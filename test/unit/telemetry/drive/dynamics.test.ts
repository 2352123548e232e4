import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LIMITS } from '../../../../src/telemetry/drive/limits.ts';
import type { Route } from '../../../../src/telemetry/drive.ts';
import { anyRoute, blocks, drive, samplesOf, stepsOf, straight, walk } from './drives.ts';

const seeds = fc.integer({ min: 0, max: 1e9 });
const ATLANTA = { latitude: 33.7, longitude: -84.4 };
const KILOWATT_HOUR = 3.6e6;

const last = (route: Route, more: Parameters<typeof drive>[0] | object = {}) =>
  samplesOf(stepsOf(drive({ route, ...more }))).at(-1)!.sample;
/** The same way, so many metres down from one point to the next. */
const falling = (route: Route, metres: number): Route => ({
  name: 'slope',
  points: route.points.map((point, index) => ({ ...point, altitude: 3000 - index * metres })),
});

describe('the forces of a drive', () => {
  it('forwards are what the speed did, and never more than its limits @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, (route, seed) => {
        const samples = samplesOf(stepsOf(drive({ route, seed, tick: 0.5 })));
        for (const [i, { sample }] of samples.entries()) {
          const before = samples[i - 1]?.sample.speed ?? 0;
          assert.ok(Math.abs(sample.acceleration - (sample.speed - before) / 0.5) < 1e-9);
          assert.ok(sample.acceleration <= LIMITS.acceleration + 1e-6);
          assert.ok(sample.acceleration >= -LIMITS.braking - 1e-3, `${sample.acceleration}`);
        }
      }),
    );
  });

  it('sideways are no more than drivers put up with, and none at rest @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, (route, seed) => {
        for (const { sample } of samplesOf(stepsOf(drive({ route, seed, tick: 0.5 })))) {
          assert.ok(Math.abs(sample.lateralAcceleration) <= LIMITS.lateral);
          if (sample.speed === 0) assert.equal(sample.lateralAcceleration, 0);
        }
      }),
    );
  });

  it('sideways point to the side of the bend, and are none on a straight street @slow', () => {
    const left = { name: 'left', points: blocks.points.toReversed() };
    const sides = (route: Route) =>
      samplesOf(stepsOf(drive({ route, tick: 0.25 }))).map(({ sample }) => sample.lateralAcceleration);
    const right = sides(blocks);
    assert.ok(Math.max(...right) > 0.5 && Math.min(...right) === 0, `${Math.max(...right)}`);
    assert.ok(Math.min(...sides(left)) < -0.5 && Math.max(...sides(left)) === 0);
    assert.ok(sides(straight).every((side) => side === 0));
  });

  it('sideways on a roundabout of a hundred metres are speed squared by radius', () => {
    const step = 2 * Math.PI * (100 / 72);
    const circle = walk(
      ATLANTA,
      Array.from({ length: 144 }, () => [5, step] as const),
    );
    for (const { sample } of samplesOf(stepsOf(drive({ route: circle, tick: 0.25 }))).slice(20, -20)) {
      const most = (sample.speed * sample.speed) / 100;
      assert.ok(Math.abs(sample.lateralAcceleration - most) <= most * 0.15, `${sample.lateralAcceleration}`);
    }
  });

  it('need the pedal to accelerate and to climb, and not to brake or to stand @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, (route, seed) => {
        let before = 0;
        for (const { sample } of samplesOf(stepsOf(drive({ route, seed, tick: 0.5 })))) {
          const { throttle, maxThrottle, acceleration, tripOdometer } = sample;
          assert.ok(throttle >= 0 && throttle <= maxThrottle && maxThrottle <= 1);
          if (acceleration < -1 || tripOdometer === before) assert.equal(throttle, 0);
          before = tripOdometer;
          if (acceleration > 1) assert.ok(throttle > 0.15, `${throttle} at ${acceleration}`);
        }
      }),
    );
    const mean = (route: Route) => {
      const samples = samplesOf(stepsOf(drive({ route })));
      return samples.reduce((sum, { sample }) => sum + sample.throttle, 0) / samples.length;
    };
    assert.ok(mean(falling(straight, -300)) > 1.5 * mean(straight));
  });
});

describe('the engine of a drive', () => {
  it('gets warm sooner than its oil, and no hotter than engines do', () => {
    const far = walk(ATLANTA, [[0, 60_000]]);
    const samples = samplesOf(stepsOf(drive({ route: far, start: { oilTemperature: -10 } })));
    const warm = (key: 'engineTemperature' | 'oilTemperature') =>
      samples.findIndex(({ sample }) => sample[key] > 70);
    assert.ok(warm('engineTemperature') > 60 && warm('engineTemperature') < warm('oilTemperature'));
    for (const { sample } of samples) assert.ok(sample.engineTemperature < 105);
  });
});

describe('a drive on a battery', () => {
  const electric = { powertrain: 'electric' as const };

  it('uses what battery cars of today use, and no petrol', () => {
    const far = walk(ATLANTA, [[0, 20_000]]);
    const { tripEnergy, tripOdometer, fuel, tankCapacity, tripFuel } = last(far, electric);
    const per100km = (tripEnergy / KILOWATT_HOUR / tripOdometer) * 100_000;
    assert.ok(per100km > 10 && per100km < 30, `${per100km} kWh/100 km`);
    assert.deepEqual([fuel, tankCapacity, tripFuel], [0, 0, 0]);
  });

  it('has in the battery what it began with, less what the trip took @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, (route, seed) => {
        const samples = samplesOf(stepsOf(drive({ route, seed, ...electric, start: { charge: 0.5 } })));
        const [first] = samples;
        for (const { sample } of samples) {
          assert.ok(Math.abs(sample.charge + sample.tripEnergy - first!.sample.charge) < 1);
          assert.ok(sample.charge >= 0 && sample.charge <= sample.batteryCapacity);
        }
      }),
    );
  });

  it('charges downhill, but not beyond full', () => {
    const descent = falling(straight, 500);
    assert.ok(last(descent, { ...electric, start: { charge: 0.5 } }).tripEnergy < -0.5 * KILOWATT_HOUR);
    const full = last(descent, { ...electric, start: { charge: 1 } });
    assert.ok(full.charge <= full.batteryCapacity && full.charge > 0.99 * full.batteryCapacity);
  });

  it('stops to charge before it is empty, and goes on @slow', () => {
    const far = walk(ATLANTA, [[0, 60_000]]);
    const samples = samplesOf(stepsOf(drive({ route: far, ...electric, start: { charge: 0.09 } })));
    const shares = samples.map(({ sample }) => sample.charge / sample.batteryCapacity);
    assert.ok(Math.min(...shares) > 0.05 && Math.max(...shares) > 0.75);
    const standing = samples.filter(({ sample }) => sample.speed === 0).length;
    assert.ok(standing > 1400 && standing < 1700, `${standing} s`);
  });

  it('keeps its drive unit cool, until somebody wants the anomaly @slow', () => {
    const far = walk(ATLANTA, [[0, 60_000]]);
    assert.ok(last(far, electric).oilTemperature < 75);
    const events = [{ at: 30_000, kind: 'oil-temperature' as const }];
    const samples = samplesOf(stepsOf(drive({ route: far, ...electric, events })));
    assert.ok(Math.max(...samples.map(({ sample }) => sample.oilTemperature)) > 138);
  });

  it('is told apart from a share that no battery has', () => {
    assert.throws(() => drive({ route: straight, ...electric, start: { charge: 1.1 } }), {
      code: 'REQUEST_INVALID',
    });
  });
});
