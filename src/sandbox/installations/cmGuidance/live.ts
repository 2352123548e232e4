import type { Clock } from '../../kernel/clock.ts';
import type { Json } from '../../kit/json.ts';
import type { Store } from '../../kernel/store.ts';

/** What Redis holds of one vehicle. */
export interface LiveState {
  /** The fields that the signal catalogue knows, with the time of the message each came with, ms. */
  readonly signals: Readonly<Record<string, { readonly value: unknown; readonly timestamp: number }>>;
  /** ms; when it was written. */
  readonly lastSeenAt: number;
  readonly tripId: string | undefined;
  readonly driverId: string | undefined;
  readonly source: string;
  /** The place on the map; undefined with the engine off. */
  readonly location: { readonly lat: number; readonly lng: number; readonly at: number } | undefined;
}

/** The cache of live states. What is not touched for five minutes is gone. */
export interface Live {
  get(vehicleId: string): LiveState | undefined;
  put(vehicleId: string, state: LiveState): void;
  remove(vehicleId: string): void;
  /** All that is alive. */
  entries(): [vehicleId: string, state: LiveState][];
}

export const LIVE_MS = 5 * 60_000;

export function createLive(store: Store, clock: Clock, stage: string): Live {
  const table = store.table<LiveState>(`cm-guidance.live/${stage}`);
  const isAlive = ({ lastSeenAt }: LiveState): boolean => clock.now() - lastSeenAt < LIVE_MS;
  return {
    get(vehicleId) {
      const found = table.get(vehicleId);
      return found !== undefined && isAlive(found) ? found : undefined;
    },
    put(vehicleId, state) {
      table.set(vehicleId, state);
    },
    remove: (vehicleId) => void table.delete(vehicleId),
    entries: () => [...table.entries()].filter(([, state]) => isAlive(state)),
  };
}

/** The newest values alone, flat. */
export function valuesOf({ signals }: LiveState): Json {
  return Object.fromEntries(Object.entries(signals).map(([field, { value }]) => [field, value]));
}

/** The time of the newest message, ms. */
export function newestOf({ signals }: LiveState): number {
  return Math.max(0, ...Object.values(signals).map(({ timestamp }) => timestamp));
}
