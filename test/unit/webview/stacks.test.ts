import assert from 'node:assert/strict';
import { Fleet } from '../../../src/webview/fleet/fleet.ts';
import { stacksOf } from '../../../src/webview/map/stacks.ts';
import { frame, vehicle } from '../../webview/scenes.ts';

/** At zoom 10 a pixel is 360 / (512 · 2¹⁰) degrees of longitude. */
const PIXEL = 360 / (512 * 1024);

function stacks(zoom: number, ...places: [string, number, number][]): string[] {
  const fleet = new Fleet();
  fleet.apply(frame(places.map(([vin, x, y]) => vehicle(vin, x, y))));
  return stacksOf(fleet.vehicles, zoom).map(({ first, rest }) =>
    [first, ...rest].map(({ vin }) => vin).join('+'),
  );
}

describe('vehicles that lie on each other', () => {
  it('are one stack, and those farther away another', () => {
    assert.deepEqual(stacks(10, ['A', 10, 0], ['B', 10 + 5 * PIXEL, 0], ['C', 10 + 30 * PIXEL, 0]), [
      'A+B',
      'C',
    ]);
  });

  it('come apart when the map is nearer', () => {
    assert.deepEqual(stacks(12, ['A', 10, 0], ['B', 10 + 5 * PIXEL, 0]), ['A', 'B']);
  });

  it('count by their distance on the map, where a degree of latitude is longer in the north', () => {
    // A degree of latitude is 1 / cos(60°) = 2 degrees of longitude on a Mercator map.
    assert.deepEqual(stacks(10, ['A', 10, 60], ['B', 10, 60 + 4 * PIXEL]), ['A+B']);
    assert.deepEqual(stacks(10, ['A', 10, 60], ['B', 10, 60 + 5 * PIXEL]), ['A', 'B']);
  });

  it('are not those without a position', () => {
    const fleet = new Fleet();
    const waiting = vehicle('A', 0, 0);
    delete waiting.place;
    fleet.apply(frame([waiting]));
    assert.deepEqual(stacksOf(fleet.vehicles, 3), []);
  });
});
