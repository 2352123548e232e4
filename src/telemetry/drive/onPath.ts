import { at } from './at.ts';
import { geodesic, travel } from './geodesy.ts';
import type { Standing } from './motion.ts';
import type { Path } from './path.ts';

/** Finds places on a path. Keeps the direction of the latest leg, for the next place is mostly on the same one. */
export function placesOn(path: Path): (leg: number, position: number) => Standing {
  const { points, distances, altitudes } = path;
  let line: { leg: number; heading: number } | undefined;
  return (leg, position) => {
    const from = at(points, leg);
    if (line?.leg !== leg) line = { leg, heading: geodesic(from, at(points, leg + 1))?.heading ?? 0 };
    const along = position - at(distances, leg);
    const part = along / (at(distances, leg + 1) - at(distances, leg));
    const altitude = altitudes?.[leg] ?? 0;
    const climb = (altitudes?.[leg + 1] ?? 0) - altitude;
    return { ...travel(from, line.heading, along), altitude: altitude + climb * part };
  };
}

/** The last leg that starts at or before a position. */
export function legAt(distances: ArrayLike<number>, position: number): number {
  let low = 0;
  let high = distances.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(distances, middle) <= position) low = middle;
    else high = middle;
  }
  return low;
}
