import assert from 'node:assert/strict';
import { routeFigures } from '../../../src/telemetry/drive/routeFigures.ts';

describe('the figures of a route', () => {
  it('are its length on the ellipsoid, and as long as a driver takes at most 130 km/h', () => {
    // A degree of latitude at the equator is 110,574 m on WGS 84.
    const points = [0, 1].map((latitude) => ({ latitude, longitude: 10 }));
    const figures = routeFigures({ name: 'North', points });
    assert.ok(figures);
    assert.ok(Math.abs(figures.length - 110_574) < 2);
    const fastest = (figures.length / (130 / 3.6)) * 1000;
    assert.ok(figures.duration > fastest && figures.duration < 3 * fastest, String(figures.duration));
  });

  it('are none of what cannot be driven', () => {
    const points = [0, 0].map((latitude) => ({ latitude, longitude: NaN }));
    assert.equal(routeFigures({ name: 'Nowhere', points }), undefined);
  });
});
