import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boxAround, cutAtAntimeridian, type Point } from '../../../src/webview/map/geometry.ts';

const point = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.double({ min: -85, max: 85, noNaN: true }),
);

describe('cutAtAntimeridian', () => {
  it('leaves a line alone that does not cross', () => {
    assert.deepEqual(
      cutAtAntimeridian([
        [10, 0],
        [20, 5],
      ]),
      [
        [
          [10, 0],
          [20, 5],
        ],
      ],
    );
  });

  it('ends one piece on the meridian and begins the next there, at the same latitude', () => {
    assert.deepEqual(
      cutAtAntimeridian([
        [179, 0],
        [-179, 2],
      ]),
      [
        [
          [179, 0],
          [180, 1],
        ],
        [
          [-180, 1],
          [-179, 2],
        ],
      ],
    );
  });

  it('never leaves a segment across half the world, and loses no point', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 30 }), (line) => {
        const pieces = cutAtAntimeridian(line);
        for (const piece of pieces) {
          for (let i = 1; i < piece.length; i++) {
            assert.ok(Math.abs(piece[i]![0] - piece[i - 1]![0]) <= 180);
          }
        }
        const drawn = new Set(pieces.flat().map(String));
        for (const [longitude, latitude] of line) assert.ok(drawn.has(String([longitude, latitude])));
      }),
    );
  });
});

describe('boxAround', () => {
  it('is small around points on both sides of the 180th meridian', () => {
    assert.deepEqual(
      boxAround([
        [178, -17],
        [-176, -20],
      ]),
      [178, -20, 184, -17],
    );
  });

  it('has every point, is as wide as the world at most, and stays on the map', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), (points: Point[]) => {
        const [west, south, east, north] = boxAround(points)!;
        assert.ok(east - west <= 360 && east >= west && south >= -86 && north <= 86);
        for (const [longitude, latitude] of points) {
          const from = (((longitude - west) % 360) + 360) % 360;
          assert.ok(from <= east - west + 1e-9 || from >= 360 - 1e-9, `${longitude} in ${west}…${east}`);
          assert.ok(latitude >= south - 1e-9 && latitude <= north + 1e-9);
        }
      }),
    );
  });

  it('is nothing around no points', () => {
    assert.equal(boxAround([]), undefined);
  });
});
