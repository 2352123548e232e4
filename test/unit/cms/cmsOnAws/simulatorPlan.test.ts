import assert from 'node:assert/strict';
import { isOurs, MOST_DEVICES, MOST_TICKS, planRuns } from '../../../../src/cms/cmsOnAws/simulator/plan.ts';
import { typesOf } from '../../../../src/cms/cmsOnAws/simulator/deviceType.ts';
import type { Attribute } from '../../../../src/cms/cmsOnAws/simulator/api.ts';
import { isCmsError } from '../../../../src/core/errors.ts';
import { systemClock } from '../../../../src/core/work.ts';

const chance = { clock: systemClock, random: Math.random };
const fleet = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const vin = `LSH14J4C4LA0${String(10_000 + i)}`;
    return { vin, id: vin, thingName: `Vehicle_${vin}` };
  });

describe('the plan of a drive by the simulator of CMS on AWS', () => {
  it('has no run with more devices than its console takes, and each VIN once', () => {
    const vehicles = fleet(250);
    const runs = planRuns({ vehicles: [...vehicles, ...fleet(3)], duration: 60, interval: 10 }, chance);
    assert.deepEqual(
      runs.map(({ vins }) => vins.length),
      [100, 100, 50],
    );
    assert.deepEqual(
      runs.flatMap(({ vins }) => vins),
      vehicles.map(({ vin }) => vin),
    );
    assert.equal(MOST_DEVICES, 100);
  });

  it('has no run that would fail because its state machine has too long a history', () => {
    for (const [duration, interval, count] of [
      [600, 5, 100],
      [100, 1, 60],
      [2499, 1, 3],
    ] as const) {
      const ticks = Math.ceil(duration / interval) + 1;
      const runs = planRuns({ vehicles: fleet(count), duration, interval }, chance);
      assert.ok(runs.every(({ vins }) => vins.length * ticks <= 2500 && vins.length > 0));
      assert.equal(runs.flatMap(({ vins }) => vins).length, count);
    }
    assert.equal(MOST_TICKS, 2500);
  });

  it('refuses a drive that not even one vehicle could do, and says what would work', () => {
    const drive = { vehicles: fleet(1), duration: 86_400, interval: 1 };
    assert.throws(
      () => planRuns(drive, chance),
      (error) => isCmsError(error) && error.code === 'REQUEST_INVALID',
    );
    assert.equal(planRuns({ ...drive, interval: 35 }, chance).length, 1);
  });

  it('refuses parts of seconds, which the simulator does not take', () => {
    for (const part of [{ duration: 1.5 }, { interval: 0.5 }, { interval: 0 }]) {
      assert.throws(
        () => planRuns({ vehicles: fleet(1), duration: 10, interval: 5, ...part }, chance),
        (error) => isCmsError(error) && error.code === 'REQUEST_INVALID',
      );
    }
  });

  it('gives no run an id that another one begins with, nor one with other characters than the simulator takes', () => {
    const ids = [1, 2].flatMap(() =>
      planRuns({ vehicles: fleet(300), duration: 600, interval: 1 }, chance).map(({ id }) => id),
    );
    assert.ok(ids.length > 100);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) {
      assert.match(id, /^[A-Za-z0-9_-]+$/);
      assert.ok(isOurs(id));
      assert.ok(!ids.some((other) => other !== id && other.startsWith(id)));
    }
    assert.ok(!isOurs('my-simulation'));
  });

  it('uses nothing in the types that makes the calls of the simulator fail, and lets each send its own VIN', () => {
    const [one] = planRuns({ vehicles: fleet(2), duration: 10, interval: 5 }, chance);
    assert.ok(one !== undefined);
    const types = typesOf(one);
    const all = (payload: readonly Attribute[]): Attribute[] =>
      payload.flatMap((each) => [each, ...all(each.payload ?? [])]);
    for (const { name, payload, type_id: id } of types) {
      assert.ok(id.startsWith(one.id));
      for (const attribute of all(payload)) {
        for (const key of ['min', 'max', 'lat', 'long', 'radius']) assert.ok(!(key in attribute), key);
        assert.equal(attribute.name, attribute.name.toLowerCase());
        assert.notEqual(typeof attribute.default, 'number');
      }
      const said = payload.find((each) => each.name === 'vehicleidentification')?.payload;
      assert.deepEqual(said, [{ name: 'vin', type: 'string', static: true, default: name }]);
    }
  });
});
