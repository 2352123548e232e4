import type { MapRoute } from '../../protocol/map.ts';

interface Place {
  latitude: number;
  longitude: number;
}

/** More points than that nobody sees on a screen, and all would have to cross to the map as one message. */
const MOST_POINTS = 50_000;

/**
 * Routes as a map draws them: all together at most `most` points (two of each route at least), those that matter
 * for the shape.
 */
export function mapRoutes(
  routes: readonly { name: string; points: readonly Place[] }[],
  most = MOST_POINTS,
): MapRoute[] {
  const all = routes.reduce((sum, { points }) => sum + points.length, 0);
  return routes.map(({ name, points }) => {
    const share = all <= most ? points.length : Math.max(2, Math.floor((points.length / all) * most));
    return {
      name,
      points: thinned(points, share).map(({ longitude, latitude }): [number, number] => [
        longitude,
        latitude,
      ]),
    };
  });
}

/**
 * So many of the points, both ends among them: of each stretch the one that stands out most, by the area of the triangle
 * it makes with the point kept before it and the middle of the stretch after it (largest triangle, three buckets;
 * Steinarsson 2013).
 */
function thinned(points: readonly Place[], most: number): readonly Place[] {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length <= most || first === undefined || last === undefined) return points;
  const kept = [first];
  const stretches = most - 2;
  const bound = (stretch: number) => 1 + Math.floor((stretch * (points.length - 2)) / stretches);
  let before = first;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const [from, to] = [bound(stretch), bound(stretch + 1)];
    const after = stretch === stretches - 1 ? last : middle(points, to, bound(stretch + 2));
    let best = before;
    let largest = -1;
    for (let index = from; index < to; index++) {
      const point = points[index] ?? before;
      const area = Math.abs(
        (before.longitude - after.longitude) * (point.latitude - before.latitude) -
          (before.longitude - point.longitude) * (after.latitude - before.latitude),
      );
      if (area > largest) [best, largest] = [point, area];
    }
    kept.push(best);
    before = best;
  }
  kept.push(last);
  return kept;
}

function middle(points: readonly Place[], from: number, to: number): Place {
  let [latitude, longitude] = [0, 0];
  for (let index = from; index < to; index++) {
    latitude += points[index]?.latitude ?? 0;
    longitude += points[index]?.longitude ?? 0;
  }
  return { latitude: latitude / (to - from), longitude: longitude / (to - from) };
}
