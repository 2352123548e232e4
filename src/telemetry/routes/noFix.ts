import { roughDistance } from '../drive/position.ts';
import type { ReadPoint } from './readPoint.ts';

/** Meters. Nothing drives within so much of 0/0, which lies in the Gulf of Guinea. */
const FAR = 500_000;

/**
 * Whether devices write such numbers where they have no position: 91 and 181 (AIS), 214.7483647, 255, 999 and all else
 * that is no place on the earth. A latitude up to 180 may be a longitude.
 */
export function isNoPlace(latitude: number, longitude: number): boolean {
  if (latitude === 91 && longitude === 181) return true;
  return !(Math.abs(latitude) <= 180 && Math.abs(longitude) <= 360);
}

/** Points with a coordinate of exactly 0 that lie far from those around them: a device had no position. */
export function withoutFix(points: readonly ReadPoint[]): Set<ReadPoint> {
  const without = new Set<ReadPoint>();
  if (!points.some(isZero)) return without;
  let known = points.find((point) => !isZero(point));
  if (known === undefined) return without;
  for (const point of points) {
    if (!isZero(point)) known = point;
    else if (roughDistance(known, point) > FAR) without.add(point);
    else known = point;
  }
  return without;
}

/** Degrees. Latitudes of one drive do not lie further apart. */
const APART = 5;

/**
 * Points with a latitude beyond 90, if they are few and far from all others: a device had no position (180, 180).
 * Undefined if they are not: then it is the file that is wrong.
 */
export function beyondPoles(points: Iterable<ReadPoint>): Set<ReadPoint> | undefined {
  const beyond = new Set<ReadPoint>();
  let [count, highest, lowest] = [0, 0, Infinity];
  for (const point of points) {
    const latitude = Math.abs(point.latitude);
    count++;
    if (latitude <= 90) highest = Math.max(highest, latitude);
    else {
      beyond.add(point);
      lowest = Math.min(lowest, latitude);
    }
  }
  // Twice the same number is no slip of somebody who typed it.
  const areFew = beyond.size * 10 <= count || [...beyond].every((it) => it.latitude === it.longitude);
  return areFew && lowest - highest > APART ? beyond : undefined;
}

function isZero({ latitude, longitude }: ReadPoint): boolean {
  return latitude === 0 || longitude === 0;
}
