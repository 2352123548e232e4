import { BOUNDS, TooManyPoints } from './bounds.ts';

/** Points of an encoded line: latitude, longitude and, if there is a third dimension, its value. */
export type Encoded = [latitude: number, longitude: number, third?: number][];

/**
 * Google's encoded polyline, also with heights between (GraphHopper). Own code, because libraries make points of
 * anything and know two dimensions only. Source: developers.google.com/maps/documentation/utilities/polylinealgorithm.
 * @param precision decimals: 5 of Google and OSRM, 6 of Valhalla and `polyline6`
 * @param most points; one that has more throws TooManyPoints
 * @returns undefined if the text is no such line, or one that leads off the earth
 */
export function decodePolyline(
  text: string,
  precision: number,
  dimensions: 2 | 3 = 2,
  most: number = BOUNDS.points,
): Encoded | undefined {
  const factor = 10 ** precision;
  const points: Encoded = [];
  const sums = [0, 0, 0];
  let at = 0;
  while (at < text.length) {
    for (let dimension = 0; dimension < dimensions; dimension++) {
      let value = 0;
      let unit = 1;
      for (;;) {
        const chunk = text.charCodeAt(at++) - 63;
        if (!(chunk >= 0 && chunk < 64)) return undefined;
        value += (chunk & 31) * unit;
        unit *= 32;
        if (chunk < 32) break;
        if (unit > 2 ** 40) return undefined;
      }
      sums[dimension] = (sums[dimension] ?? 0) + zigzag(value);
    }
    const [latitude = 0, longitude = 0, third = 0] = sums;
    const point: Encoded[number] = [latitude / factor, longitude / factor];
    if (!isPlace(point)) return undefined;
    if (points.length >= most) throw new TooManyPoints();
    // Heights are in hundredths of a meter, whatever the precision.
    points.push(dimensions === 3 ? [point[0], point[1], third / 100] : point);
  }
  return points;
}

const FLEXIBLE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Kinds of a third dimension that are heights: level (a floor) is none. */
const HEIGHTS = new Set([2, 3]);

/**
 * HERE's flexible polyline. Source: github.com/heremaps/flexible-polyline, version 1 of the format.
 * @param most points; one that has more throws TooManyPoints
 */
export function decodeFlexiblePolyline(text: string, most: number = BOUNDS.points): Encoded | undefined {
  let at = 0;
  const next = (): number => {
    let value = 0;
    let unit = 1;
    for (;;) {
      const chunk = FLEXIBLE.indexOf(text.charAt(at++) || ' ');
      if (chunk < 0 || unit > 2 ** 45) return NaN;
      value += (chunk & 31) * unit;
      unit *= 32;
      if (chunk < 32) return value;
    }
  };
  const version = next();
  const header = next();
  if (version !== 1 || Number.isNaN(header)) return undefined;
  const factor = 10 ** (header & 15);
  const kind = (header >> 4) & 7;
  const thirdFactor = 10 ** ((header >> 7) & 15);
  const points: Encoded = [];
  const sums = [0, 0, 0];
  while (at < text.length) {
    for (let dimension = 0; dimension < (kind === 0 ? 2 : 3); dimension++)
      sums[dimension] = (sums[dimension] ?? 0) + zigzag(next());
    const [latitude = NaN, longitude = NaN, third = NaN] = sums;
    const point: Encoded[number] = [latitude / factor, longitude / factor];
    if (!isPlace(point) || Number.isNaN(third)) return undefined;
    if (points.length >= most) throw new TooManyPoints();
    points.push(HEIGHTS.has(kind) ? [point[0], point[1], third / thirdFactor] : point);
  }
  return points;
}

/** The sign stands in the lowest bit. */
function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function isPlace([latitude, longitude]: Encoded[number]): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}
