import type { Store } from '../../../kernel/store.ts';

/** One position of a trip. */
export interface RoutePoint {
  /** Milliseconds since 1970, from `creationtimestamp`; NaN when there was none. */
  at: number;
  longitude: number;
  latitude: number;
}

export interface RoutePoints {
  add(vin: string, tripId: string, point: RoutePoint): void;
  /** At most 10,000 points from `from` to `to` (milliseconds since 1970, inclusive), oldest first. */
  between(vin: string, tripId: string, from: number, to: number): RoutePoint[];
  reload(): void;
}

/** How many points are kept in total. The oldest trips are dropped first. */
const MOST_POINTS = 500_000;
const MOST_READ = 10_000;

/** The part of index `cardata` that routes need. Not saved to the state file, because it is most of the telemetry. */
export function createRoutePoints(store: Store, most = MOST_POINTS): RoutePoints {
  const trips = store.table<RoutePoint[]>('cms/fleet/points', { volatile: true });
  let total = 0;
  const keyOf = (vin: string, tripId: string): string => JSON.stringify([vin, tripId]);

  return {
    add(vin, tripId, point) {
      const key = keyOf(vin, tripId);
      const points = trips.get(key) ?? [];
      points.push(point);
      trips.set(key, points);
      total++;
      for (const [oldest, dropped] of trips.entries()) {
        if (total <= most || trips.size === 1) break;
        trips.delete(oldest);
        total -= dropped.length;
      }
    },
    between: (vin, tripId, from, to) =>
      (trips.get(keyOf(vin, tripId)) ?? [])
        .filter((point) => point.at >= from && point.at <= to)
        .sort((a, b) => a.at - b.at)
        .slice(0, MOST_READ),
    reload() {
      total = 0;
      for (const points of trips.values()) total += points.length;
    },
  };
}
