import { defined } from '../../core/defined.ts';
import type { VehicleHistory } from '../../protocol/driveHistory.ts';
import type { MapPlace } from '../../protocol/map.ts';

/** Where a vehicle was, by its history; rows without coordinates are left out. */
export function* placesOf({ times, columns }: VehicleHistory): Generator<MapPlace> {
  for (const [row, time] of times.entries()) {
    const place = placeIn(columns, row);
    if (place !== undefined) yield { ...place, time };
  }
}

/** A row of a history; undefined without coordinates. */
function placeIn(columns: VehicleHistory['columns'], row: number): Omit<MapPlace, 'time'> | undefined {
  const at = (name: string): number | undefined => columns[name]?.[row] ?? undefined;
  const [latitude, longitude] = [at('latitude'), at('longitude')];
  if (latitude === undefined || longitude === undefined) return undefined;
  const gauges = { heading: at('heading'), speed: at('speed'), odometer: at('odometer') };
  return { latitude, longitude, ...defined({ ...gauges, fuel: at('fuel'), charge: at('charge') }) };
}
