import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapRoutes } from '../../../../src/editor/map/mapRoutes.ts';
import { mapRouteSchema } from '../../../../src/protocol/map.ts';

const line = (points: number) =>
  Array.from({ length: points }, (_, index) => ({ latitude: 10, longitude: index / points }));

describe('routes for the map', () => {
  it('have every point of short routes, as longitude and latitude', () => {
    const points = [
      { latitude: 1, longitude: 2, altitude: 3 },
      { latitude: 4, longitude: 5 },
    ];
    assert.deepEqual(mapRoutes([{ name: 'short', points }]), [
      {
        name: 'short',
        points: [
          [2, 1],
          [5, 4],
        ],
      },
    ]);
  });

  it('keep the ends and the corner of a route of a million points @slow', () => {
    const points = line(1_000_000);
    points[654_321] = { latitude: 11, longitude: 0.654321 };
    const [route] = mapRoutes([{ name: 'long', points }]);
    assert.ok(route);
    assert.equal(route.points.length, 50_000);
    assert.deepEqual(route.points[0], [0, 10]);
    assert.deepEqual(route.points.at(-1), [0.999999, 10]);
    assert.ok(route.points.some(([, latitude]) => latitude === 11));
  });

  it('share the bound by length, and leave every route its line', () => {
    const routes = mapRoutes(
      [
        { name: 'long', points: line(10_000) },
        { name: 'short', points: line(3) },
      ],
      100,
    );
    assert.deepEqual(
      routes.map(({ points }) => points.length),
      [99, 2],
    );
  });

  it('are always what the map takes, in the order they are driven', () => {
    const place = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 2, maxLength: 200 }),
        fc.integer({ min: 2, max: 50 }),
        (points, most) => {
          const [route] = mapRoutes([{ name: 'any', points }], most);
          mapRouteSchema.parse(route);
          assert.ok(route && route.points.length <= Math.max(2, most));
          let from = 0;
          for (const [longitude, latitude] of route.points) {
            from = points.findIndex(
              (it, index) => index >= from && it.longitude === longitude && it.latitude === latitude,
            );
            assert.ok(from >= 0);
          }
        },
      ),
    );
  });
});
