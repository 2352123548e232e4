import assert from 'node:assert/strict';
import { vehicleHistorySchema } from '../../../../src/protocol/driveHistory.ts';
import type { AcknowledgedMessage } from '../../../../src/protocol/simulation.ts';
import { DriveHistory } from '../../../../src/text/history/driveHistory.ts';

function sample(time: number, more: Partial<AcknowledgedMessage> = {}): AcknowledgedMessage {
  return {
    ...{ vin: 'A', serial: 1, topic: 't', type: 'sample', time, ackMs: 5 },
    place: { latitude: 48, longitude: 11, heading: 90, speed: time / 1000, odometer: 100, fuel: 40 },
    ...more,
  };
}

describe('The history of a drive', () => {
  it('has the values of each vehicle in the order of their times', () => {
    const history = new DriveHistory();
    history.add([sample(1000), sample(3000), sample(2000), sample(1500, { vin: 'B', id: 'id-b' })]);
    assert.deepEqual(
      history.vehicles.map(({ vin, id, times, columns }) => [vin, id, times, columns.speed]),
      [
        ['A', 'A', [1000, 2000, 3000], [1, 2, 3]],
        ['B', 'id-b', [1500], [1.5]],
      ],
    );
  });

  it('has the numbers of payloads by their paths, with gaps where there was none', () => {
    const history = new DriveHistory();
    history.add([
      sample(1000),
      sample(2000, { payload: '{"Oil":{"Temp":91.5,"Kind":"5W"},"Gear":3,"Axles":[1,2]}' }),
      sample(3000, { payload: 'AAEC', encoding: 'base64' }),
      sample(4000, { payload: '{"Oil":{"Temp":92}}' }),
    ]);
    const { columns } = history.vehicles[0]!;
    assert.deepEqual(columns['Oil.Temp'], [null, 91.5, null, 92]);
    assert.deepEqual(columns.Gear, [null, 3, null, null]);
    assert.deepEqual(
      Object.keys(columns).filter((name) => name.startsWith('Axles') || name === 'Oil.Kind'),
      [],
    );
  });

  it('has trouble codes with their times', () => {
    const history = new DriveHistory();
    const trouble = sample(7000, { type: 'trouble', code: 'P0217' });
    delete trouble.place;
    history.add([trouble]);
    assert.deepEqual(history.vehicles[0]?.codes, [{ time: 7000, code: 'P0217' }]);
    assert.deepEqual(history.vehicles[0].times, []);
  });

  it('keeps the whole drive within its bounds, thinned out', () => {
    const history = new DriveHistory({ rows: 100 });
    for (let i = 0; i <= 10_000; i++) history.add([sample(i * 1000)]);
    const { times, columns, dropped = 0 } = history.vehicles[0]!;
    assert.equal(times.length + dropped, 10_001);
    assert.ok(times.length <= 100, `${times.length} rows`);
    assert.equal(times[0], 0);
    assert.equal(times.at(-1), 10_000_000);
    assert.ok(times.every((time, i) => i === 0 || time > times[i - 1]!));
    assert.deepEqual(
      columns.speed,
      times.map((time) => time / 1000),
    );
  });

  it('leaves out vehicles beyond those it may hold', () => {
    const history = new DriveHistory({ vehicles: 2 });
    for (const id of ['a', 'b', 'c']) history.add([sample(1000, { id })]);
    assert.deepEqual(
      history.vehicles.map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('has no time of an acknowledgement for messages that were only heard', () => {
    const history = new DriveHistory();
    const { ackMs, ...heard } = sample(1000);
    assert.equal(typeof ackMs, 'number');
    history.add([heard]);
    assert.ok(!('ack' in history.vehicles[0]!.columns));
  });

  it('holds no more columns than it may, whatever payloads have', () => {
    const history = new DriveHistory({ signals: 3 });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`signal${i}`, i]));
    history.add([sample(1000, { payload: JSON.stringify(many) })]);
    assert.ok(Object.keys(history.vehicles[0]!.columns).length <= 3 + 8);
    assert.deepEqual(history.vehicles[0]?.columns.speed, [1]);
  });

  it('can be kept as JSON', () => {
    const history = new DriveHistory();
    history.add([sample(1000), sample(2000, { payload: '{"__proto__":{"x":1},"y":2}' })]);
    const read = vehicleHistorySchema.array().parse(JSON.parse(JSON.stringify(history.vehicles)));
    assert.deepEqual(read[0]?.columns.y, [null, 2]);
  });

  it('has no columns for what no message said', () => {
    const history = new DriveHistory();
    history.add([{ vin: 'A', time: 1, place: { latitude: 47.5, longitude: -122.3 } }]);
    assert.deepEqual(Object.keys(history.vehicles[0]?.columns ?? {}), ['latitude', 'longitude']);
  });
});
