import type { MapVehicle } from '../../protocol/map.ts';

export type TrailPoint = MapVehicle['trail'][number];

/** The last known state of a vehicle, and its history. */
export interface Vehicle {
  /** Its position in order of appearance; also its id in the layers of the map. */
  readonly index: number;
  /** Tells it from the others, whatever their VINs are. */
  readonly id: string;
  readonly vin: string;
  now: MapVehicle;
  /** Oldest first. */
  trail: TrailPoint[];
  /** Increases with every change of the trail. */
  trailVersion: number;
}

/** Where it is now; undefined while only a place from before is known. */
export function placeNow({ place, earlier }: MapVehicle): MapVehicle['place'] {
  return earlier === undefined ? place : undefined;
}

const HOUR_MS = 3_600_000;

/** How faint a place from before is drawn: the older, the fainter. 1 for what is known now. */
export function opacityOf({ earlier }: MapVehicle, now: number): number {
  if (earlier === undefined) return 1;
  const age = now - (earlier.at ?? -Infinity);
  if (age < HOUR_MS) return 0.9;
  return age < 24 * HOUR_MS ? 0.75 : 0.55;
}

/** The conditions of vehicles, each with its own symbol. */
export const conditions = [
  'driving', 'watched', 'earlier', 'paused', 'waiting', 'ended', 'offline', 'failed',
] as const; // prettier-ignore
export type Condition = (typeof conditions)[number];

export function conditionOf({ phase, link, earlier }: MapVehicle): Condition {
  if (earlier !== undefined) return 'earlier';
  if (phase === 'failed' || phase === 'ended') return phase;
  if (link === 'offline') return 'offline';
  return phase === 'ending' ? 'driving' : phase;
}
