import assert from 'node:assert/strict';
import fc from 'fast-check';
import { packed, packedPointsSchema, type PointOfRoute } from '../../../src/protocol/packedPoints.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const point: fc.Arbitrary<PointOfRoute> = fc.record(
  {
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    altitude: number,
    time: number,
    until: number,
  },
  { requiredKeys: ['latitude', 'longitude'], noNullPrototype: true },
);

describe('The points of a route in a message', () => {
  it('are the same on the other side', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 40 }), (points) => {
        assert.deepEqual(packedPointsSchema.parse(packed(points)), points);
      }),
    );
  });

  it('are refused when they are none', () => {
    const place = { latitude: 1, longitude: 2 };
    for (const points of [
      [],
      [place],
      [place, { latitude: 90.1, longitude: 0 }],
      [place, { latitude: 0, longitude: -180.1 }],
      [place, { latitude: NaN, longitude: 0 }],
      [place, { ...place, time: Infinity }],
    ]) {
      assert.equal(packedPointsSchema.safeParse(packed(points)).success, false, JSON.stringify(points));
    }
    for (const other of [packed([place, place]).slice(4), 'x', [place, place]])
      assert.equal(packedPointsSchema.safeParse(other).success, false);
  });
});
