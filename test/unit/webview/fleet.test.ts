import assert from 'node:assert/strict';
import { vehicleFeatures } from '../../../src/webview/map/vehicleLayers.ts';
import { Fleet } from '../../../src/webview/fleet/fleet.ts';
import { findVehicles } from '../../../src/webview/fleet/findVehicles.ts';
import { SpeedHistory } from '../../../src/webview/fleet/speedHistory.ts';
import { conditionOf } from '../../../src/webview/fleet/vehicle.ts';
import { speedStep, unitsOf } from '../../../src/webview/base/units.ts';
import { trailFeatures } from '../../../src/webview/map/lineLayers.ts';
import { columnsFor, sorted } from '../../../src/webview/ui/columns.ts';
import { fleet as vehicles, frame, vehicle } from '../../webview/scenes.ts';

const at = (seconds: number, speed: number) => ({ time: 1_000_000 + seconds * 1000, speed });

describe('Fleet', () => {
  it('has the speeds of a drive again after a page was hidden and is told everything', () => {
    const fleet = new Fleet();
    const time = Date.UTC(2026, 0, 1);
    const trail = [0, 1, 2, 3].map((i) => ({
      ...{ longitude: 11 + i / 100, latitude: 48 },
      ...{ speed: 10 * i, time: time + i * 1000 },
    }));
    const told = vehicle('A', 11.03, 48, { trail, place: { speed: 30, time: time + 3000 } });
    fleet.apply(frame([told], { reset: true }));
    assert.deepEqual(
      fleet.speeds.of('A').map(({ speed }) => speed),
      [0, 10, 20, 30],
    );
  });

  it('keeps trails together, the newest points of them, and forgets all with a reset', () => {
    const fleet = new Fleet();
    const trail = (from: number) =>
      Array.from({ length: 3000 }, (_, i) => ({ longitude: 0, latitude: 0, speed: from + i }));
    fleet.apply(frame([vehicle('A', 0, 0, { trail: trail(0) })]));
    fleet.apply(frame([vehicle('A', 0, 0, { trail: trail(3000) })]));
    fleet.apply(frame([vehicle('A', 0, 0, { trail: trail(6000) })]));
    const kept = fleet.get('A')?.trail ?? [];
    assert.ok(kept.length <= 6250, String(kept.length));
    assert.equal(kept.at(-1)?.speed, 8999);
    fleet.apply(frame([], { reset: true }));
    assert.equal(fleet.vehicles.length, 0);
    assert.equal(fleet.get('A'), undefined);
  });

  it('tells vehicles with one VIN apart, and selects by what tells them apart', () => {
    const fleet = new Fleet();
    fleet.apply(frame([vehicle('A', 0, 0, { id: '1' }), vehicle('A', 1, 1, { id: '2' })]));
    fleet.select('2');
    assert.deepEqual(
      [fleet.vehicles.length, fleet.selected?.vin, fleet.selected?.now.place?.longitude],
      [2, 'A', 1],
    );
    assert.deepEqual([fleet.speeds.of('1').length, fleet.speeds.of('2').length], [1, 1]);
  });

  it('keeps the selection of a vehicle that has not appeared yet', () => {
    const fleet = new Fleet();
    fleet.select('A');
    const before = fleet.selected;
    assert.equal(before, undefined);
    fleet.apply(frame([vehicle('A', 0, 0)]));
    assert.equal(fleet.selected?.vin, 'A');
  });

  it('remembers the speeds of all in a small fleet, and of the selected one in a large one', () => {
    const small = new Fleet();
    small.apply(frame(vehicles(10)));
    small.apply(frame(vehicles(10, 1)));
    assert.equal(small.speeds.of('CMS00000000000004').length, 2);
    const large = new Fleet();
    large.apply(frame(vehicles(2000)));
    large.select('CMS00000000001999');
    large.apply(frame(vehicles(2000, 1)));
    assert.equal(large.speeds.of('CMS00000000001000').length, 0);
    assert.equal(large.speeds.of('CMS00000000001999').length, 1);
  });
});

describe('SpeedHistory', () => {
  it('has the last five minutes', () => {
    const history = new SpeedHistory();
    for (let i = 0; i < 1000; i++) history.add('A', at(i, i));
    const kept = history.of('A');
    assert.equal(kept.length, 301);
    assert.deepEqual(kept.at(-1), at(999, 999));
  });

  it('stays small however often a vehicle sends', () => {
    const history = new SpeedHistory();
    for (let i = 0; i < 80 * 400; i++) history.add('A', at(i / 80, i));
    assert.ok(history.of('A').length <= 1300, String(history.of('A').length));
    assert.equal(history.of('A').at(-1)?.speed, 80 * 400 - 1);
  });

  it('begins again when time goes back', () => {
    const history = new SpeedHistory();
    history.add('A', at(100, 1));
    history.add('A', at(101, 2));
    history.add('A', at(5, 3));
    assert.deepEqual(history.of('A'), [at(5, 3)]);
  });
});

describe('what a symbol shows', () => {
  it('is the most important thing: failed before offline before driving', () => {
    assert.equal(conditionOf(vehicle('A', 0, 0, { phase: 'failed', link: 'offline' })), 'failed');
    assert.equal(conditionOf(vehicle('A', 0, 0, { phase: 'driving', link: 'offline' })), 'offline');
    assert.equal(conditionOf(vehicle('A', 0, 0, { phase: 'ended', link: 'offline' })), 'ended');
    assert.equal(conditionOf(vehicle('A', 0, 0, { phase: 'ending', link: 'online' })), 'driving');
  });

  it('is an arrow only where it is known where the vehicle heads', () => {
    const fleet = new Fleet();
    const unknown = vehicle('B', 11, 48);
    delete unknown.place?.heading;
    fleet.apply(frame([vehicle('A', 11, 48, { place: { heading: 45 } }), unknown]));
    assert.deepEqual(
      vehicleFeatures(fleet.vehicles).features.map(({ properties }) => [
        properties?.turn as unknown,
        properties?.round as unknown,
      ]),
      [
        [45, undefined],
        [0, true],
      ],
    );
  });
});

describe('findVehicles', () => {
  const fleet = new Fleet();
  fleet.apply(frame([vehicle('XA1', 0, 0), vehicle('A1X', 0, 0), vehicle('B2', 0, 0)]));
  const found = (text: string) => findVehicles(fleet.vehicles, text).map(({ vin }) => vin);

  it('finds parts in any case, those that begin with it first', () => {
    assert.deepEqual(found(' a1 '), ['A1X', 'XA1']);
  });

  it('finds all with nothing, none with nonsense', () => {
    assert.equal(found('').length, 3);
    assert.deepEqual(found('[.*'), []);
  });
});

const metric = unitsOf('metric');

describe('trails', () => {
  it('change colour at 20, 50, 80 and 110 km/h', () => {
    assert.deepEqual(
      [0, 19.9, 20, 49, 50, 80, 110, 200].map((kmh) => speedStep(kmh / 3.6, metric)),
      [0, 0, 1, 1, 2, 3, 4, 4],
    );
  });

  it('change colour at 15, 30, 50 and 70 mph in the US', () => {
    // 0.44704 m/s is a mile per hour, exactly.
    assert.deepEqual(
      [14.9, 15, 30, 49.9, 50, 70].map((mph) => speedStep(mph * 0.44704, unitsOf('us'))),
      [0, 1, 2, 2, 3, 4],
    );
  });

  it('are pieces of one colour that touch', () => {
    const trail = [0, 5, 10, 20, 20, 3].map((speed, i) => ({ longitude: i, latitude: 0, speed }));
    const { features } = trailFeatures([trail], metric);
    const pieces = features.map(({ geometry, properties }) => ({
      step: (properties as { step: number }).step,
      x: geometry.type === 'MultiLineString' ? geometry.coordinates.flat().map(([x]) => x) : [],
    }));
    assert.deepEqual(pieces, [
      { step: 0, x: [0, 1] },
      { step: 1, x: [1, 2] },
      { step: 2, x: [2, 3, 4] },
      { step: 0, x: [4, 5] },
    ]);
  });
});

describe('a trail with a jump', () => {
  it('is not joined across it', () => {
    const at = (x: number, apart?: true) => ({
      longitude: x,
      latitude: 0,
      speed: 5,
      ...(apart && { apart }),
    });
    const { features } = trailFeatures([[at(0), at(1), at(5, true), at(6), at(9, true)]], metric);
    const pieces = features.map(({ geometry }) =>
      geometry.type === 'MultiLineString' ? geometry.coordinates.flat().map(([x]) => x) : [],
    );
    assert.deepEqual(pieces, [
      [0, 1],
      [5, 6],
    ]);
  });
});

describe('the order of the table', () => {
  const fleet = new Fleet();
  fleet.apply(
    frame([
      vehicle('B', 0, 0, { place: { speed: 1 } }),
      vehicle('A', 0, 0, { place: { speed: 1 } }),
      vehicle('C', 0, 0, { place: { speed: 9 } }),
    ]),
  );
  const nowhere = vehicle('D', 0, 0);
  delete nowhere.place;
  fleet.apply(frame([nowhere]));
  const speed = columnsFor('simulation').find(({ id }) => id === 'speed')!;
  const vins = (descending: boolean) => sorted(fleet.vehicles, speed, descending).map(({ vin }) => vin);

  it('keeps equal ones by VIN, and those without a value last', () => {
    assert.deepEqual(vins(false), ['A', 'B', 'C', 'D']);
    assert.deepEqual(vins(true), ['C', 'A', 'B', 'D']);
  });

  it('has no columns about connections nobody knows', () => {
    assert.deepEqual(
      columnsFor('simulation')
        .map(({ id }) => id)
        .filter((id) => !columnsFor('watch').some((c) => c.id === id)),
      ['link', 'acknowledged', 'unacked', 'lost'],
    );
  });
});
