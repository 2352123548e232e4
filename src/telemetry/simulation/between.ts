import type { Sample } from '../sample.ts';

export type Moment = Omit<Sample, 'time'>;

/** The moment a share [0, 1] of the way from one to the next; directions and longitudes take the short way round. */
export function between(from: Moment, to: Moment, share: number): Moment {
  if (share <= 0) return from;
  if (share >= 1) return to;
  const mixed = { ...from };
  for (const key of Object.keys(mixed) as (keyof Moment)[]) {
    mixed[key] = from[key] + (to[key] - from[key]) * share;
  }
  mixed.longitude = wrapped(from.longitude + shortWay(to.longitude - from.longitude) * share);
  mixed.heading = (from.heading + shortWay(to.heading - from.heading) * share + 360) % 360;
  return mixed;
}

/** The same turn, between -180 and 180 degrees. */
function shortWay(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

function wrapped(longitude: number): number {
  if (longitude > 180) return longitude - 360;
  return longitude < -180 ? longitude + 360 : longitude;
}
