/** Trips of one vehicle since a run began. */
export interface TripCount {
  /** Those that had telemetry since then. */
  readonly begun: number;
  /** Those that ended since then. */
  readonly completed: number;
}

/** What is known of a trip, whoever says so; milliseconds since 1970. */
export interface Trip {
  readonly start: number | undefined;
  /** When its last telemetry was made; undefined while it is under way. */
  readonly end: number | undefined;
  /** The newest telemetry in it that is known of. */
  readonly seen: number | undefined;
}

/** The stream ends a trip after so long, whatever comes. */
export const LONGEST_TRIP_MS = 30 * 60_000;

/**
 * Counts what belongs to a run: a trip that was open when the run began takes its telemetry in, and began before it. One
 * that ended before, or was only closed since, is none of its.
 */
export function countTrips(trips: readonly Trip[], since: number): TripCount {
  const isSince = (time: number | undefined): boolean => time !== undefined && time >= since;
  const ended = trips.filter(({ end }) => isSince(end));
  const open = trips.filter(({ start, end, seen }) => end === undefined && isSince(seen ?? start));
  return { begun: ended.length + open.length, completed: ended.length };
}
