import type { Retrying } from '../../../core/retry.ts';
import type { StartedRun } from '../../contract/cloudSimulator.ts';
import { isDenied } from '../../kit/denied.ts';
import { isAbsent } from '../replies.ts';
import type { Sources } from '../sources.ts';
import { countTrips, type TripCount } from '../trips.ts';

/** What a run has come to, by the trips of its vehicles: the simulator's own figures tell nothing. */
export interface TripCounts {
  /** As of a while ago at most. Undefined where they may not be looked at. */
  of(run: StartedRun, work: Retrying): Promise<readonly TripCount[] | undefined>;
  now(run: StartedRun, signal: AbortSignal): Promise<readonly TripCount[] | undefined>;
}

/** A vehicle sends every fifteen seconds. Milliseconds. */
const EVERY_MS = 15_000;
/** A run has fewer: the simulator forgets it after a day. */
const MOST_TRIPS = 100;

export function createTripCounts({ store, api }: Pick<Sources, 'store' | 'api'>): TripCounts {
  const kept = new Map<string, { at: number; counts: readonly TripCount[] | undefined }>();

  async function ofVehicle(id: string, since: number, signal: AbortSignal): Promise<TripCount> {
    try {
      return await store.tripsSince(id, since, signal);
    } catch (error) {
      if (!isDenied(error)) throw error;
    }
    // Newest first, and times in whole seconds.
    const trips = await api.trips(id, signal, MOST_TRIPS);
    return countTrips(
      trips.map(({ startTime, endTime, duration }) => {
        const start = startTime === undefined ? undefined : startTime * 1000;
        const seen = start === undefined || duration === undefined ? start : start + duration * 60_000;
        return { start, end: endTime === undefined || endTime <= 0 ? undefined : endTime * 1000, seen };
      }),
      Math.floor(since / 1000) * 1000,
    );
  }

  async function now(
    { ids = [], handle, startedAt }: StartedRun,
    signal: AbortSignal,
  ): Promise<readonly TripCount[] | undefined> {
    const counts: TripCount[] = [];
    const since = handle?.since ?? startedAt;
    try {
      for (const id of ids) counts.push(await ofVehicle(id, since, signal));
      return counts;
    } catch (error) {
      if (isDenied(error) || isAbsent(error)) return undefined;
      throw error;
    }
  }

  return {
    now,
    async of(run, { clock, signal }) {
      const before = kept.get(run.id);
      if (before !== undefined && clock.now() < before.at + EVERY_MS) return before.counts;
      const counts = await now(run, signal);
      kept.set(run.id, { at: clock.now(), counts });
      return counts;
    },
  };
}
