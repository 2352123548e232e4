import assert from 'node:assert/strict';
import fc from 'fast-check';
import geographiclib from 'geographiclib-geodesic';
import { geodesic, travel } from '../../../../src/telemetry/drive/geodesy.ts';
import { roughDistance, wrapLongitude } from '../../../../src/telemetry/drive/position.ts';

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
  it('measures as surveyors do', () => {
    // Geoscience Australia, Geodetic Calculations, from Flinders Peak to Buninyong.
    const flinders = { latitude: -37.95103341666667, longitude: 144.42486788888888 };
    const buninyong = { latitude: -37.65282113888889, longitude: 143.92649552777777 };
    const way = geodesic(flinders, buninyong)!;
    assert.ok(Math.abs(way.distance - 54_972.271) < 0.001);
    assert.ok(Math.abs(way.heading - 306.86815833) < 1e-6);
    const end = travel(flinders, way.heading, way.distance);
    assert.ok(Math.abs(end.latitude - buninyong.latitude) < 1e-9);
    assert.ok(Math.abs(end.longitude - buninyong.longitude) < 1e-9);
    assert.ok(Math.abs(end.heading - 307.17363056) < 1e-6);
  });

  it('goes from one place to the other when it sets out with the heading it found', () => {
    fc.assert(
      fc.property(anywhere, ([from, to]) => {
        const way = geodesic(from, to);
        fc.pre(way !== undefined && way.distance < 19_000_000);
        assert.ok(way.heading >= 0 && way.heading < 360);
        const end = travel(from, way.heading, way.distance);
        assert.ok(end.heading >= 0 && end.heading < 360);
        assert.ok(Math.abs(end.longitude) <= 180);
        const missed = geodesic(end, to)!.distance;
        assert.ok(missed < 0.001, `${missed} m beside the goal`);
      }),
    );
  });

  it('measures the short legs of recordings as GeographicLib does, within a hundredth of a millimeter', () => {
    const { WGS84 } = geographiclib.Geodesic;
    const part = fc.double({ min: -0.003, max: 0.003, noNaN: true });
    fc.assert(
      fc.property(place, part, part, (from, north, east) => {
        const to = { latitude: from.latitude + north, longitude: from.longitude + east };
        fc.pre(Math.abs(to.latitude) <= 90 && Math.abs(to.longitude) <= 180);
        const { s12 = NaN, azi1 = NaN } = WGS84.Inverse(
          from.latitude,
          from.longitude,
          to.latitude,
          to.longitude,
        );
        const way = geodesic(from, to)!;
        assert.ok(Math.abs(way.distance - s12) < 1e-5, `${way.distance} m, not ${s12}`);
        // What the heading is off by is as little beside the way.
        const beside = s12 * Math.sin((turnBetween(way.heading, azi1) * Math.PI) / 180);
        assert.ok(beside < 1e-5, `${beside} m beside the way`);
      }),
      { numRuns: 2000 },
    );
  });

  it('is measured roughly on a sphere, within 0.6 %', () => {
    fc.assert(
      fc.property(anywhere, ([from, to]) => {
        const way = geodesic(from, to);
        fc.pre(way !== undefined);
        assert.ok(Math.abs(roughDistance(from, to) - way.distance) <= 0.006 * way.distance + 0.001);
      }),
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
