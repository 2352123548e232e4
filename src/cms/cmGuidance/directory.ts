import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Reading } from '../../telemetry/codec.ts';
import { everyItem } from '../contract/pages.ts';
import type { Sources } from './sources.ts';
import { refOf } from './vehicles.ts';

/** The names of vehicles by the id that telemetry has. */
export interface Directory {
  refresh(signal: AbortSignal): Promise<void>;
  /** The reading with all names of its vehicle; undefined for one that is not watched. */
  name(reading: Reading): Reading | undefined;
  /** Undefined for one that is not known. */
  vinOf(vehicleId: string): string | undefined;
}

/** @param only those that are watched; undefined for all */
export function createDirectory(
  { api }: Pick<Sources, 'api'>,
  only: readonly VehicleRef[] | undefined,
): Directory {
  const byId = new Map<string, VehicleRef>((only ?? []).map((vehicle) => [vehicle.id, vehicle]));
  return {
    async refresh(signal) {
      if (only !== undefined) return;
      const doing = l10n.t('listing the vehicles');
      const all = everyItem((page) => api.vehicles(page, signal), doing, 1000);
      for await (const row of all) byId.set(row.vehicleId, refOf(row));
    },
    vinOf: (vehicleId) => byId.get(vehicleId)?.vin,
    name(reading) {
      const { id = reading.thingName } = reading;
      const known = byId.get(id);
      if (known !== undefined) return { ...reading, id, vin: known.vin, thingName: known.thingName };
      // One that came meanwhile is called by its id.
      return only === undefined ? { ...reading, id } : undefined;
    },
  };
}
