import assert from 'node:assert/strict';
import fc from 'fast-check';
import geographiclib from 'geographiclib-geodesic';
import { geodesic, travel, wrapLongitude } from '../../../../src/telemetry/drive/geodesy.ts';

const WGS84 = geographiclib.Geodesic.WGS84;
const latitude = fc.double({ min: -90, max: 90, noNaN: true });
const longitude = fc.double({ min: -180, max: 180, noNaN: true });
const place = fc.record({ latitude, longitude });
const anywhere = fc.oneof(
  fc.tuple(place, place),
  // Legs of routes are short.
  fc
    .tuple(
      place,
      fc.double({ min: -0.01, max: 0.01, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
    )
    .map(
      ([from, north, east]) =>
        [
          from,
          {
            latitude: Math.max(-90, Math.min(90, from.latitude + north)),
            longitude: wrapLongitude(from.longitude + east),
          },
        ] as [typeof from, typeof from],
    ),
);

function turnBetween(a: number, b: number): number {
  return Math.abs(wrapLongitude(a - b));
}

describe('geodesy', () => {
  it('measures the distance between any two places as GeographicLib does', () => {
    fc.assert(
      fc.property(anywhere, ([from, to]) => {
        const { s12 } = WGS84.Inverse(from.latitude, from.longitude, to.latitude, to.longitude);
        // Within 20 km of the opposite point of the earth the shortest way has no clear direction.
        fc.pre(s12! < 19_900_000);
        assert.ok(Math.abs(geodesic(from, to)!.distance - s12!) < 0.001);
      }),
    );
  });

  it('goes from one place to the other when it sets out with the heading it found', () => {
    fc.assert(
      fc.property(anywhere, ([from, to]) => {
        const way = geodesic(from, to);
        fc.pre(way !== undefined && way.distance < 19_000_000);
        const end = travel(from, way.heading, way.distance);
        const { s12 } = WGS84.Inverse(end.latitude, end.longitude, to.latitude, to.longitude);
        assert.ok(s12! < 0.002, `${s12} m beside the goal`);
      }),
    );
  });

  it('arrives where GeographicLib arrives, with the same heading', () => {
    fc.assert(
      fc.property(
        place,
        fc.double({ min: 0, max: 360, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (from, heading, distance) => {
          const end = travel(from, heading, distance);
          const other = WGS84.Direct(from.latitude, from.longitude, heading, distance);
          const { s12 } = WGS84.Inverse(end.latitude, end.longitude, other.lat2!, other.lon2!);
          assert.ok(s12! < 0.001);
          // Beside a pole a millimetre turns the heading.
          if (Math.abs(end.latitude) < 89.9) assert.ok(turnBetween(end.heading, other.azi2!) < 1e-5);
          assert.ok(end.heading >= 0 && end.heading < 360);
          assert.ok(Math.abs(end.longitude) <= 180);
        },
      ),
    );
  });

  it('crosses the antimeridian on the short side', () => {
    const way = geodesic({ latitude: 0, longitude: 179.9 }, { latitude: 0, longitude: -179.9 })!;
    assert.ok(Math.abs(way.distance - 22_263.898) < 0.01);
    assert.ok(Math.abs(way.heading - 90) < 1e-9);
    assert.ok(travel({ latitude: 0, longitude: 179.9 }, 90, 20_000).longitude < -179.9);
  });

  it('crosses a pole and turns around there', () => {
    const end = travel({ latitude: 89.99, longitude: 10 }, 0, 2 * 1116.9);
    assert.ok(Math.abs(end.longitude - -170) < 1e-6);
    assert.ok(turnBetween(end.heading, 180) < 1e-6);
  });

  it('knows that all longitudes meet at a pole', () => {
    assert.ok(geodesic({ latitude: 90, longitude: 10 }, { latitude: 90, longitude: -120 })!.distance < 1e-6);
  });

  it('has no way to the opposite point of the earth', () => {
    assert.equal(geodesic({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 }), undefined);
    assert.equal(geodesic({ latitude: 0, longitude: 0 }, { latitude: 0.2, longitude: 179.8 }), undefined);
  });
});
