import { roughDistance } from '../drive/position.ts';
import type { ReadPoint } from './readPoint.ts';

/** Meters. Nothing drives within so much of 0/0, which lies in the Gulf of Guinea. */
const FAR = 500_000;

/**
 * Numbers that devices write where they have no position and that are no place on the earth: 91 and 181 (AIS), or
 * nines only.
 */
export function isNoPlace(latitude: number, longitude: number): boolean {
  if (latitude === 91 && longitude === 181) return true;
  const nines = (value: number) => Math.abs(value) > 90 && /^-?9{2,}(?:\.9+)?$/.test(String(value));
  return nines(latitude) && nines(longitude);
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

function isZero({ latitude, longitude }: ReadPoint): boolean {
  return latitude === 0 || longitude === 0;
}
