import assert from 'node:assert/strict';
import fc from 'fast-check';
import { geodesic } from '../../../../src/telemetry/drive/geodesy.ts';
import { LIMITS } from '../../../../src/telemetry/drive/limits.ts';
import type { DriveStep } from '../../../../src/telemetry/drive.ts';
import { anyRoute, blocks, drive, samplesOf, stepsOf, straight, walk, type SampleStep } from './drives.ts';

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const ticks = fc.constantFrom(0.1, 0.5, 1, 2, 10);

/** Pairs of samples that follow each other. */
function pairs(samples: readonly SampleStep[]) {
  return samples.slice(1).map((after, index) => ({ before: samples[index]!, after }));
}

function trips(steps: readonly DriveStep[]): DriveStep[][] {
  const all: DriveStep[][] = [];
  for (const step of steps) {
    if (step.kind === 'trip-start') all.push([]);
    all.at(-1)?.push(step);
  }
  return all;
}

function kmh(metresPerSecond: number): number {
  return metresPerSecond * 3.6;
}

describe('a drive', () => {
  it('is a trip start, samples, and a trip end, after which there is nothing', () => {
    const one = drive({ route: blocks });
    const kinds = stepsOf(one).map(({ kind }) => kind);
    assert.equal(kinds[0], 'trip-start');
    assert.equal(kinds.at(-1), 'trip-end');
    assert.deepEqual(new Set(kinds.slice(1, -1)), new Set(['sample']));
    assert.equal(one.next(), undefined);
  });

  it('starts and ends at rest at the ends of the route @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, ticks, (route, seed, tick) => {
        const samples = samplesOf(stepsOf(drive({ route, seed, tick })));
        const [first, last] = [samples[0]!.sample, samples.at(-1)!.sample];
        assert.ok(geodesic(first, route.points[0]!)!.distance < 0.01);
        assert.ok(geodesic(last, route.points.at(-1)!)!.distance < 0.01);
        assert.deepEqual([first.speed, last.speed], [0, 0]);
      }),
    );
  });

  it('never goes faster than its limits, nor changes its speed faster @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, ticks, (route, seed, tick) => {
        for (const { before, after } of pairs(samplesOf(stepsOf(drive({ route, seed, tick }))))) {
          const change = (after.sample.speed - before.sample.speed) / tick;
          assert.ok(after.sample.speed >= 0 && after.sample.speed <= LIMITS.speed);
          assert.ok(change <= LIMITS.acceleration + 0.01, `accelerates by ${change}`);
          assert.ok(change >= -LIMITS.braking - 0.01, `brakes by ${change}`);
        }
      }),
    );
  });

  it('gets no further than its speed allows @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, ticks, (route, seed, tick) => {
        for (const { before, after } of pairs(samplesOf(stepsOf(drive({ route, seed, tick }))))) {
          const moved = after.sample.tripOdometer - before.sample.tripOdometer;
          // What it could reach by accelerating all the time; through the air it is no more than on the road.
          const most = before.sample.speed * tick + (LIMITS.acceleration * tick * tick) / 2 + 0.01;
          assert.ok(moved <= most, `${moved} m, at most ${most}`);
          assert.ok(geodesic(before.sample, after.sample)!.distance <= moved + 0.01);
        }
      }),
    );
  });

  it('has driven the sum of speed times time @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, (route, seed) => {
        const tick = 0.1;
        const one = drive({ route, seed, tick });
        const samples = samplesOf(stepsOf(one));
        let sum = 0;
        for (const { before, after } of pairs(samples)) {
          sum += ((before.sample.speed + after.sample.speed) / 2) * tick;
        }
        assert.ok(Math.abs(samples.at(-1)!.sample.tripOdometer - one.length) < 0.001);
        // Where the acceleration changes within a tick, the trapezoid is beside the truth by millimetres.
        assert.ok(Math.abs(sum - one.length) < 0.02 + samples.length * 0.005, `${sum} of ${one.length}`);
      }),
    );
  });

  it('has gauges that run in one direction and agree with each other @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, ticks, (route, seed, tick) => {
        const samples = samplesOf(stepsOf(drive({ route, seed, tick, start: { odometer: 5000, fuel: 40 } })));
        for (const { before, after } of pairs(samples)) {
          assert.ok(after.sample.odometer >= before.sample.odometer);
          assert.ok(after.sample.tripFuel > before.sample.tripFuel, 'engines idle at stops');
          assert.equal(after.time - before.time, tick * 1000);
          assert.equal(after.index, before.index + 1);
        }
        for (const { sample, time } of samples) {
          assert.ok(Math.abs(sample.odometer - 5000 - sample.tripOdometer) < 1e-6);
          assert.ok(Math.abs(sample.fuel + sample.tripFuel - 40) < 1e-9);
          assert.ok(
            sample.maxSpeed >= sample.speed &&
              sample.maxSpeed >= sample.averageSpeed - 1e-9 - LIMITS.speed * 0,
          );
          assert.ok(Math.abs(sample.averageSpeed * (time / 1000) - sample.tripOdometer) < 1e-6);
          assert.ok(sample.heading >= 0 && sample.heading < 360);
        }
      }),
    );
  });

  it('is the same with the same seed and another with another @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, (route, seed) => {
        const events = { eventRates: { dtc: 300, braking: 300 } };
        assert.deepEqual(
          stepsOf(drive({ route, seed, ...events })),
          stepsOf(drive({ route, seed, ...events })),
        );
      }),
    );
    assert.notDeepEqual(
      stepsOf(drive({ route: blocks, seed: 1 })),
      stepsOf(drive({ route: blocks, seed: 2 })),
    );
    const seed = Date.parse('2026-01-05T10:00:00Z');
    assert.notDeepEqual(
      stepsOf(drive({ route: blocks, seed })),
      stepsOf(drive({ route: blocks, seed: seed + 2 ** 32 })),
    );
  });

  it('says beforehand how many samples it gives @slow', () => {
    for (const tick of [0.1, 1, 7]) {
      for (const seed of [1, 2, 3]) {
        const one = drive({ route: blocks, tick, seed });
        const said = one.samplesPerTrip;
        assert.equal(samplesOf(stepsOf(one)).length, said);
      }
    }
  });

  it('slows down for a corner, not for a slight bend', () => {
    const corner = samplesOf(stepsOf(drive({ route: blocks, tick: 0.2 })));
    const atCorner = corner.filter(({ sample }) => Math.abs(sample.tripOdometer - 1000) < 2);
    assert.ok(atCorner.length > 0 && atCorner.every(({ sample }) => kmh(sample.speed) < 25));
    const slight = walk({ latitude: 33.7, longitude: -84.4 }, [
      [0, 1000],
      [5, 1000],
    ]);
    const there = samplesOf(stepsOf(drive({ route: slight }))).filter(
      ({ sample }) => Math.abs(sample.tripOdometer - 1000) < 50,
    );
    assert.ok(there.every(({ sample }) => kmh(sample.speed) > 40));
  });

  it('drives on big roads faster than in town', () => {
    const far = walk({ latitude: 33.7, longitude: -84.4 }, [[0, 30_000]]);
    const fastest = (of: typeof far) => samplesOf(stepsOf(drive({ route: of }))).at(-1)!.sample.maxSpeed;
    const street = walk({ latitude: 33.7, longitude: -84.4 }, [[0, 300]]);
    assert.ok(kmh(fastest(far)) > 90);
    assert.ok(kmh(fastest(street)) <= 53);
  });

  it('waits at some corners, for seconds', () => {
    const grid = walk(
      { latitude: 33.7, longitude: -84.4 },
      Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 90 : -90, 200] as const),
    );
    const samples = samplesOf(stepsOf(drive({ route: grid })));
    const standing = samples.slice(1, -1).filter(({ sample }) => sample.speed === 0);
    assert.ok(standing.length >= 6);
    assert.ok(standing.length < samples.length / 2);
  });

  it('looks where it goes', () => {
    const samples = samplesOf(stepsOf(drive({ route: blocks })));
    const headingAt = (metres: number) =>
      samples.findLast(({ sample }) => sample.tripOdometer <= metres)!.sample.heading;
    assert.ok(Math.abs(headingAt(500) - 0) < 0.01);
    assert.ok(Math.abs(headingAt(1500) - 90) < 0.1);
    assert.ok(Math.abs(headingAt(2500) - 180) < 0.1);
  });

  it('crosses the antimeridian and a pole without a leap', () => {
    const places = [
      [-16.5, 179.99, -16.5, -179.99],
      [89.99, 0, 89.99, 180],
    ] as const;
    for (const [fromLatitude, fromLongitude, toLatitude, toLongitude] of places) {
      const points = [
        { latitude: fromLatitude, longitude: fromLongitude },
        { latitude: toLatitude, longitude: toLongitude },
      ];
      const one = drive({ route: { name: 'edge', points } });
      assert.ok(one.length < 2300);
      for (const { before, after } of pairs(samplesOf(stepsOf(one)))) {
        assert.ok(geodesic(before.sample, after.sample)!.distance < LIMITS.speed);
      }
    }
  });

  it('climbs evenly between two points, and keeps the last altitude where there is none', () => {
    const [a, b, c] = blocks.points;
    const route = { name: 'hill', points: [{ ...a!, altitude: 100 }, { ...b!, altitude: 150 }, c!] };
    const samples = samplesOf(stepsOf(drive({ route })));
    for (const { sample } of samples) {
      const expected = 100 + Math.min(50, (50 * sample.tripOdometer) / 1000);
      assert.ok(Math.abs(sample.altitude - expected) < 0.01);
    }
  });

  it('burns more uphill than on the flat, and what a car of today burns', () => {
    const flat = samplesOf(stepsOf(drive({ route: straight }))).at(-1)!.sample;
    const points = straight.points.map((point, index) => ({ ...point, altitude: index * 300 }));
    const up = samplesOf(stepsOf(drive({ route: { name: 'up', points } }))).at(-1)!.sample;
    const per100km = (flat.tripFuel / flat.tripOdometer) * 100_000;
    assert.ok(per100km > 3 && per100km < 12, `${per100km} l/100 km`);
    assert.ok(up.tripFuel > flat.tripFuel * 1.5);
  });

  it('warms its oil up slowly, to what is normal @slow', () => {
    const far = walk({ latitude: 33.7, longitude: -84.4 }, [[0, 60_000]]);
    const samples = samplesOf(stepsOf(drive({ route: far, start: { oilTemperature: -10 } })));
    assert.equal(samples[0]!.sample.oilTemperature, -10);
    for (const { before, after } of pairs(samples)) {
      assert.ok(Math.abs(after.sample.oilTemperature - before.sample.oilTemperature) < 1);
    }
    const end = samples.at(-1)!.sample.oilTemperature;
    assert.ok(end > 85 && end < 120, `${end} °C`);
  });

  it('is where a recording was at each of its times, and stands where it stood', () => {
    const shape = walk({ latitude: 33.7, longitude: -84.4 }, [
      [0, 500],
      [0, 5],
      [0, 500],
    ]);
    // 36 km/h, a minute's rest, 18 km/h.
    const times = [0, 50_000, 110_000, 210_000];
    const points = shape.points.map((point, index) => ({ ...point, time: times[index]! }));
    const samples = samplesOf(stepsOf(drive({ route: { name: 'recorded', points } })));
    const metersAt = (seconds: number) => samples[seconds]!.sample.tripOdometer;
    assert.deepEqual(
      [0, 50, 110, 210].map((seconds) => Math.round(metersAt(seconds) * 1000)),
      [0, 500_000, 505_000, 1_005_000],
    );
    assert.equal(samples.length, 211);
    assert.ok(samples.filter(({ sample }) => sample.speed === 0).length >= 58);
    for (const { sample } of samples) assert.ok(sample.speed <= 11, `${sample.speed} m/s`);
  });

  it('is as fast as a recording, however fast that is', () => {
    const shape = walk(
      { latitude: 48, longitude: 11 },
      Array.from({ length: 60 }, () => [0, 200 / 3.6] as const),
    );
    const points = shape.points.map((point, index) => ({ ...point, time: index * 1000 }));
    const samples = samplesOf(stepsOf(drive({ route: { name: '200 km/h', points } })));
    assert.equal(samples.length, 61);
    for (const { sample } of samples) assert.ok(Math.abs(sample.speed * 3.6 - 200) < 0.01);
  });

  it('deviates from a recording for what that does not know, and drives the rest of it later', () => {
    const shape = walk(
      { latitude: 48, longitude: 11 },
      Array.from({ length: 120 }, () => [0, 10] as const),
    );
    const points = shape.points.map((point, index) => ({ ...point, time: index * 1000 }));
    const route = { name: 'recorded', points };
    const events = [{ at: 400.5, kind: 'braking' } as const];
    const steps = stepsOf(drive({ route, events, tick: 0.5 }));
    const samples = samplesOf(steps);
    assert.equal(steps.filter(({ kind }) => kind === 'braking').length, 1);
    const slowest = Math.min(...samples.map(({ sample }) => sample.speed));
    assert.ok(slowest >= 2.4 && slowest < 5, `${slowest} m/s`);
    const hardest = Math.min(...samples.map(({ sample }) => sample.acceleration));
    assert.ok(hardest < -4 && hardest > -6.6, `${hardest} m/s²`);
    const { tripOdometer } = samples.at(-1)!.sample;
    assert.ok(Math.abs(tripOdometer - 1200) < 0.01, `${tripOdometer} m`);
    assert.ok(samples.length > 2 * 120 + 1 && samples.length < 2 * 130, `${samples.length} samples`);
  });

  it('goes on along a recording after a jump, from standstill', () => {
    const shape = walk(
      { latitude: 48, longitude: 11 },
      Array.from({ length: 100 }, () => [3, 15] as const),
    );
    const points = shape.points.map((point, index) => ({ ...point, time: index * 1000 }));
    const one = drive({ route: { name: 'recorded', points } });
    stepsOf(one, 5);
    one.jumpTo(0.5);
    const [first, ...rest] = samplesOf(stepsOf(one));
    assert.equal(first!.index, 50);
    assert.equal(first!.sample.speed, 0);
    for (const [i, { sample }] of rest.entries()) {
      const before = (rest[i - 1] ?? first!).sample.speed;
      assert.ok(sample.speed - before < 1.9, `from ${before} to ${sample.speed}`);
    }
    assert.ok(Math.abs(rest.at(-1)!.sample.speed - 15) < 0.1);
  });
});

describe('a drive of one point a tick', () => {
  const points = walk(
    { latitude: 33.7, longitude: -84.4 },
    Array.from({ length: 247 }, (_, i) => [i % 7, 5 + (i % 11)] as const),
  );

  it('gives each point once, in order, with the speed that leads from one to the next', () => {
    const one = drive({ route: points, pace: 'points' });
    assert.equal(one.samplesPerTrip, 248);
    const samples = samplesOf(stepsOf(one));
    assert.deepEqual(
      samples.map(({ sample }) => [sample.latitude, sample.longitude]),
      points.points.map(({ latitude, longitude }) => [latitude, longitude]),
    );
    let sum = 0;
    for (const { sample } of samples) sum += sample.speed;
    assert.ok(Math.abs(sum - one.length) < 1e-6);
    assert.deepEqual(
      samples.map(({ time, index }) => [time, index]),
      samples.map((_, i) => [i * 1000, i]),
    );
  });

  it('never runs dry, however far the points are apart', () => {
    const far = walk(
      { latitude: 10, longitude: 0 },
      Array.from({ length: 30 }, () => [0, 500_000] as const),
    );
    for (const { sample } of samplesOf(stepsOf(drive({ route: far, pace: 'points' })))) {
      assert.ok(sample.fuel > 0 && sample.fuel <= sample.tankCapacity);
    }
  });

  it('goes on at the point it is sent to', () => {
    const one = drive({ route: points, pace: 'points' });
    stepsOf(one, 10);
    one.jumpTo(0.5);
    const [next] = samplesOf(stepsOf(one, 1));
    const middle = points.points[next!.index]!;
    assert.equal(next!.index, 124);
    assert.equal(next!.sample.latitude, middle.latitude);
  });
});

describe('a drive whose tank gets empty', () => {
  it('stops, fills it and goes on', () => {
    const far = walk({ latitude: 33.7, longitude: -84.4 }, [[0, 60_000]]);
    const samples = samplesOf(stepsOf(drive({ route: far, start: { fuel: 6 } })));
    assert.ok(samples.every(({ sample }) => sample.fuel > 0));
    const filled = pairs(samples).filter(({ before, after }) => after.sample.fuel > before.sample.fuel);
    assert.equal(filled.length, 1);
    assert.ok(Math.abs(filled[0]!.after.sample.fuel - 60) < 0.1);
    assert.ok(samples.filter(({ sample }) => sample.speed === 0).length > 170);
    assert.ok(Math.abs(samples.at(-1)!.sample.tripOdometer - 60_000) < 0.01);
  });
});

describe('the summary of a trip', () => {
  it('comes from the samples of the trip @slow', () => {
    fc.assert(
      fc.property(anyRoute, seeds, fc.constantFrom('drive', 'points'), (route, seed, pace) => {
        for (const steps of trips(stepsOf(drive({ route, seed, pace, end: 'ping-pong' }), 2000)).slice(
          0,
          -1,
        )) {
          const samples = samplesOf(steps);
          const [first, last] = [samples[0]!, samples.at(-1)!];
          const end = steps.at(-1)!;
          assert.ok(end.kind === 'trip-end');
          assert.equal(end.summary.distance, last.sample.tripOdometer);
          assert.equal(end.summary.fuel, last.sample.tripFuel);
          assert.equal(end.summary.duration, last.time - first.time);
          assert.equal(end.time, last.time);
          assert.equal(end.summary.start.latitude, first.sample.latitude);
          assert.equal(end.summary.end.longitude, last.sample.longitude);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('at the end of the route', () => {
  it('a loop starts a new trip at the start of the route, with the odometer going on', () => {
    const [first, second] = trips(stepsOf(drive({ route: blocks, end: 'loop' }), 3000));
    const start = samplesOf(second!)[0]!;
    const end = samplesOf(first!).at(-1)!;
    assert.ok(geodesic(start.sample, blocks.points[0]!)!.distance < 0.01);
    assert.equal(start.sample.odometer, end.sample.odometer);
    assert.equal(start.sample.fuel, end.sample.fuel);
    assert.deepEqual([start.sample.tripOdometer, start.sample.tripFuel, start.index], [0, 0, 0]);
    assert.equal(start.time, end.time + 1000);
  });

  it('a ping-pong drives back, and forth again, without a leap', () => {
    const steps = stepsOf(drive({ route: blocks, end: 'ping-pong' }), 3000);
    assert.ok(trips(steps).length >= 4);
    for (const { before, after } of pairs(samplesOf(steps))) {
      assert.ok(geodesic(before.sample, after.sample)!.distance < LIMITS.speed);
      assert.ok(after.time > before.time);
    }
    const back = samplesOf(trips(steps)[1]!);
    assert.ok(geodesic(back.at(-1)!.sample, blocks.points[0]!)!.distance < 0.01);
  });
});

describe('a jump', () => {
  it('sets the vehicle down at the fraction of the route, and everything else goes on @slow', () => {
    fc.assert(
      fc.property(
        anyRoute,
        seeds,
        fc.integer({ min: 0, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (route, seed, after, fraction) => {
          const one = drive({ route, seed });
          const begun = stepsOf(one, after);
          const before = samplesOf(begun).at(-1);
          one.jumpTo(fraction);
          const steps = stepsOf(one);
          // Nothing to jump in once the end of the trip was told.
          if (steps.length === 0) return;
          const samples = samplesOf(steps);
          const set = samples[0]!;
          assert.equal(set.sample.speed, 0);
          if (before !== undefined) {
            assert.equal(set.sample.odometer, before.sample.odometer);
            assert.equal(set.sample.tripOdometer, before.sample.tripOdometer);
            assert.equal(set.time, before.time + 1000);
            assert.ok(Math.abs(set.sample.fuel - before.sample.fuel) < 0.01);
          }
          const driven = samples.at(-1)!.sample.tripOdometer - set.sample.tripOdometer;
          assert.ok(Math.abs(driven - one.length * (1 - fraction)) < 0.01);
          assert.ok(set.index < one.samplesPerTrip);
          for (const { before: a, after: b } of pairs(samples)) {
            assert.ok(b.sample.speed - a.sample.speed <= LIMITS.acceleration + 0.01);
          }
          assert.deepEqual(
            steps.filter(({ kind }) => kind !== 'sample').map(({ kind }) => kind),
            begun.length === 0 ? ['trip-start', 'trip-end'] : ['trip-end'],
          );
        },
      ),
    );
  });

  it('to the start numbers the samples anew, and back and forth the end is still the end', () => {
    const one = drive({ route: blocks });
    stepsOf(one, 50);
    one.jumpTo(0);
    assert.equal(samplesOf(stepsOf(one, 1))[0]!.index, 0);
    one.jumpTo(1);
    const rest = stepsOf(one);
    assert.deepEqual(
      rest.map(({ kind }) => kind),
      ['sample', 'trip-end'],
    );
    one.jumpTo(0.5);
    assert.equal(one.next(), undefined);
  });

  it('from the last sample goes on in the same trip', () => {
    const one = drive({ route: blocks });
    let sample;
    do sample = one.next();
    while (!(sample?.kind === 'sample' && sample.index === one.samplesPerTrip - 1));
    one.jumpTo(0.5);
    assert.equal(one.next()?.kind, 'sample');
  });

  it('elsewhere than on the route is refused', () => {
    for (const fraction of [-0.1, 1.1, NaN]) {
      assert.throws(() => drive({ route: blocks }).jumpTo(fraction), { code: 'REQUEST_INVALID' });
    }
  });
});

describe('scripted events', () => {
  it('happen once, at their place, before the sample that comes after it', () => {
    const events = [
      { at: 2000, kind: 'dtc', code: 'P0217' },
      { at: 0, kind: 'dtc', code: 'P0300' },
      { at: 2000, kind: 'braking' },
      { at: 9_999_999, kind: 'dtc', code: 'P0420' },
    ] as const;
    for (const pace of ['drive', 'points'] as const) {
      const route = walk(
        { latitude: 48, longitude: 11 },
        Array.from({ length: 200 }, () => [1, 20] as const),
      );
      const steps = stepsOf(drive({ route, pace, events }));
      const told = steps.flatMap((step, index) =>
        step.kind === 'dtc' || step.kind === 'braking' ? [index] : [],
      );
      assert.deepEqual(
        told.map((index) => steps[index]!.kind),
        ['dtc', 'dtc', 'braking'],
      );
      const [, second, braking] = told.map((index) => steps[index]!);
      assert.ok(second!.kind === 'dtc' && second!.code === 'P0217');
      const before = samplesOf(steps.slice(0, told[1])).at(-1)!;
      const after = samplesOf(steps.slice(told[1]))[0]!;
      assert.ok(before.sample.tripOdometer < 2000 && after.sample.tripOdometer >= 2000);
      assert.ok(second!.time > before.time && second!.time <= after.time);
      assert.ok(braking!.kind === 'braking' && geodesic(before.sample, braking!)!.distance < 36);
    }
  });

  it('braking is hard, but not harder than a road allows', () => {
    const one = drive({ route: straight, tick: 0.5, events: [{ at: 2500, kind: 'braking' }] });
    const changes = pairs(samplesOf(stepsOf(one))).map(
      ({ before, after }) => (after.sample.speed - before.sample.speed) / 0.5,
    );
    assert.ok(Math.min(...changes) < -LIMITS.braking - 1);
    assert.ok(Math.min(...changes) >= -LIMITS.hardBraking - 0.01);
  });

  it('oil gets hotter than CMS takes for normal, and cools down again', () => {
    const far = walk({ latitude: 33.7, longitude: -84.4 }, [[0, 30_000]]);
    const fahrenheit = (celsius: number) => celsius * 1.8 + 32;
    const samples = samplesOf(
      stepsOf(drive({ route: far, events: [{ at: 3000, kind: 'oil-temperature' }] })),
    );
    const degrees = samples.map(({ sample }) => fahrenheit(sample.oilTemperature));
    const hot = samples.filter((_, index) => degrees[index]! > 280);
    assert.ok(hot.length > 60 && hot.length < 300);
    assert.ok(hot[0]!.sample.tripOdometer > 3000);
    assert.ok(degrees.at(-1)! < 250);
    const normal = samplesOf(stepsOf(drive({ route: far })));
    assert.ok(normal.every(({ sample }) => fahrenheit(sample.oilTemperature) < 280));
  });

  it('jumped over do not happen', () => {
    const one = drive({ route: straight, events: [{ at: 2000, kind: 'dtc', code: 'P0217' }] });
    stepsOf(one, 20);
    one.jumpTo(0.8);
    assert.ok(stepsOf(one).every(({ kind }) => kind !== 'dtc'));
  });

  it('by chance happen about as often as asked for', () => {
    const long = walk({ latitude: 33.7, longitude: -84.4 }, [[0, 1_000_000]]);
    const steps = stepsOf(drive({ route: long, tick: 10, seed: 7, eventRates: { dtc: 20, braking: 10 } }));
    const count = (kind: string) => steps.filter((step) => step.kind === kind).length;
    assert.ok(Math.abs(count('dtc') - 200) < 60, `${count('dtc')} codes`);
    assert.ok(Math.abs(count('braking') - 100) < 40, `${count('braking')} brakings`);
  });
});

describe('what cannot be driven', () => {
  it('is refused: a route of one place, of no place on earth, or between opposite places', () => {
    const here = { latitude: 1, longitude: 2 };
    for (const points of [
      [],
      [here],
      [here, here],
      [here, { latitude: NaN, longitude: 0 }],
      [here, { latitude: 91, longitude: 0 }],
      [here, { latitude: 0, longitude: 181 }],
      [
        { latitude: 0, longitude: 0 },
        { latitude: 0, longitude: 180 },
      ],
    ]) {
      assert.throws(() => drive({ route: { name: 'bad', points } }), { code: 'ROUTE_INVALID' });
    }
  });

  it('is refused: options that make no sense', () => {
    for (const options of [
      { tick: 0 },
      { tick: NaN },
      { tick: Infinity },
      { seed: NaN },
      { events: [{ at: -1, kind: 'dtc' as const }] },
      { eventRates: { dtc: Infinity } },
      { start: { fuel: -1 } },
      { start: { oilTemperature: NaN } },
    ]) {
      assert.throws(() => drive({ route: blocks, ...options }), { code: 'REQUEST_INVALID' });
    }
  });

  it('repeated points do no harm', () => {
    const [a, b] = straight.points;
    const route = { name: 'stutter', points: [a!, a!, b!, b!, b!] };
    assert.deepEqual(stepsOf(drive({ route })), stepsOf(drive({ route: straight })));
  });
});
