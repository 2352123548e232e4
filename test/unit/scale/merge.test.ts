import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addedUp, Histogram, spreadOf } from '../../../src/core/histogram.ts';
import type { VehicleState } from '../../../src/protocol/simulation.ts';
import { exitCodeOfMerged } from '../../../src/cli/results.ts';
import { describeMerged } from '../../../src/cli/resultsText.ts';
import { Merge } from '../../../src/scale/merge.ts';
import { readResult, type ShardResult, shardResult } from '../../../src/scale/results.ts';
import type { DriveFigures } from '../../../src/text/driveSummary.ts';

const FIGURES: DriveFigures = {
  ...{ vehicles: 1, metres: 0, seconds: 100, averageSpeed: 10, topSpeed: 20, fuel: 0.5, charge: 0.1 },
  ...{ acknowledged: 0, lost: 0, resent: 0, reconnects: 0, omitted: 1, troubleCodes: ['P0217'] },
};

function state(id: string, more: Partial<VehicleState> = {}): VehicleState {
  return {
    ...{ vin: id, id, phase: 'ended', link: 'offline', point: 2, points: 2, fraction: 1, metres: 1000 },
    ...{ trip: 1, serial: 11, acknowledged: 10, lost: 1, unacked: 0, queued: 0, resent: 2, connects: 2 },
    ...more,
  };
}
function durationsOf(values: readonly number[]) {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram.read();
}

function result(
  number: number,
  vehicles: VehicleState[],
  more: Partial<ShardResult> = {},
  acks: readonly number[] = [10],
): ShardResult {
  const head = { run: 'run-1', generation: 'cdf', shard: { number, count: 2 }, attempt: 1, fleet: 3 };
  const durations = { lag: durationsOf([1]), ack: durationsOf(acks) };
  const times = { startedAt: 1000, endedAt: 61_000 };
  return { ...shardResult({ ...head, ...times }, { vehicles, durations }, FIGURES), ...more };
}
function merged(...results: ShardResult[]) {
  const merge = new Merge();
  for (const [i, one] of results.entries()) merge.add(one, `${i}.json`);
  return merge.result();
}

describe('Durations of several processes', () => {
  it('have the percentiles of all values together, within the width of a bucket', () => {
    const values = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), {
      minLength: 1,
      maxLength: 400,
    });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (parts) => {
        const all = parts.flat().sort((a, b) => a - b);
        const { p50, p99, max } = spreadOf(addedUp(parts.map(durationsOf)));
        for (const [share, said] of [
          [0.5, p50],
          [0.99, p99],
        ] as const) {
          const exact = all[Math.ceil(all.length * share) - 1]!;
          assert.ok(Math.abs(Math.log1p(said) - Math.log1p(exact)) < 0.1, `${said} for ${exact}`);
        }
        assert.ok(Math.abs(max - all.at(-1)!) <= 0.05);
      }),
    );
  });
});

describe('Results of shards', () => {
  it('survive their file', () => {
    const one = result(1, [state('A'), state('B', { phase: 'failed' })]);
    assert.deepEqual(readResult(JSON.stringify(one), 'a.json'), one);
  });

  it('that are none are refused with the name of the file', () => {
    assert.throws(() => readResult('{"format":"x"}', 'odd.json'), /odd\.json/);
  });

  it('add up, vehicles and figures', () => {
    const both = merged(
      result(1, [state('A'), state('B', { phase: 'failed', lost: 0 })], {}, [1, 1, 1]),
      result(2, [state('C', { metres: 500 })], {}, [1000, 1000, 1000]),
    );
    assert.deepEqual(
      [
        both.totals.vehicles,
        both.totals.ended,
        both.totals.failed,
        both.totals.acknowledged,
        both.totals.lost,
      ],
      [3, 2, 1, 30, 2],
    );
    const { metres, seconds, averageSpeed, topSpeed, fuel, omitted, reconnects } = both.figures;
    assert.deepEqual(
      [metres, seconds, averageSpeed, topSpeed, fuel, omitted, reconnects],
      [2500, 200, 12.5, 20, 1, 2, 3],
    );
    assert.ok(both.totals.ack.p50 < 2, 'half of all were fast, though half of the shards were slow');
    assert.ok(both.totals.ack.p99 > 900);
    assert.deepEqual([both.gaps, both.missing], [[], []]);
  });

  it('of a vehicle’s attempts add up; it stands where the last one left it, in any order of files', () => {
    const before = result(1, [state('A', { phase: 'driving' })], { broken: true, endedAt: 20_000 });
    const after = result(1, [state('A', { acknowledged: 5, lost: 0 })], { attempt: 2, startedAt: 80_000 });
    for (const order of [
      [before, after],
      [after, before],
    ]) {
      const { vehicles, gaps } = merged(...order, result(2, []));
      assert.equal(vehicles.length, 1);
      const { phase, acknowledged, lost, serial } = vehicles[0]!;
      assert.deepEqual([phase, acknowledged, lost, serial], ['ended', 15, 1, 22]);
      assert.deepEqual(gaps, [{ shard: 1, attempt: 1, seconds: 60, vehicles: 1, closed: true }]);
    }
  });

  it('say a gap with its seconds and vehicles, and end with 3', () => {
    const before = result(1, [state('A', { phase: 'driving', lost: 0 })], { broken: true, endedAt: 20_000 });
    const all = merged(before, result(2, [state('B', { lost: 0 })]));
    assert.equal(all.totals.lost, 0, 'what an attempt took with it is not lost');
    assert.match(describeMerged(all), /Gap in shard 1: attempt 1 ended early, 41 s .*1 vehicle\./);
    assert.equal(exitCodeOfMerged(all), 3);
  });

  it('that are missing are named, and end with 3', () => {
    const some = merged(result(2, [state('A', { lost: 0 })]));
    assert.deepEqual(some.missing, [1]);
    assert.match(describeMerged(some), /No result of shard 1\./);
    assert.equal(exitCodeOfMerged(some), 3);
    assert.equal(exitCodeOfMerged(merged(result(1, []), result(2, [state('A', { lost: 0 })]))), 0);
  });

  it('of another run, or twice the same, are refused with the names of both files', () => {
    const one = result(1, [state('A')]);
    assert.throws(() => merged(one, result(2, [], { fleet: 4 })), /0\.json and 1\.json.*size of the fleet/);
    assert.throws(() => merged(one, one), /0\.json and 1\.json are both attempt 1 of shard 1\/2/);
    assert.throws(() => merged(), /no results/);
  });
});
