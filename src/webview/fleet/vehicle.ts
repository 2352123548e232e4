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

/** The conditions of vehicles, each with its own symbol. */
export const conditions = ['driving', 'watched', 'paused', 'waiting', 'ended', 'offline', 'failed'] as const;
export type Condition = (typeof conditions)[number];

export function conditionOf({ phase, link }: MapVehicle): Condition {
  if (phase === 'failed' || phase === 'ended') return phase;
  if (link === 'offline') return 'offline';
  return phase === 'ending' ? 'driving' : phase;
}
