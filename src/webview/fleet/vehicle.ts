import type { MapVehicle } from '../../protocol/map.ts';

export type TrailPoint = MapVehicle['trail'][number];

/** One vehicle as it was heard of last, and what is remembered of it. */
export interface Vehicle {
  /** In the order of appearance; also its id on the map. */
  readonly index: number;
  readonly vin: string;
  now: MapVehicle;
  /** Oldest first. */
  trail: TrailPoint[];
  /** Grows with every change of the trail. */
  trailVersion: number;
}

/** What a vehicle's symbol shows: the most important thing to know about it. */
export const conditions = ['driving', 'watched', 'paused', 'waiting', 'ended', 'offline', 'failed'] as const;
export type Condition = (typeof conditions)[number];

export function conditionOf({ phase, link }: MapVehicle): Condition {
  if (phase === 'failed' || phase === 'ended') return phase;
  if (link === 'offline') return 'offline';
  return phase === 'ending' ? 'driving' : phase;
}
