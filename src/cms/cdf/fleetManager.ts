import * as z from 'zod';
import { l10n } from '../../core/message.ts';
import type { LiveVehicle } from '../contract/vehicles.ts';
import type { Rest } from '../kit/rest.ts';
import { segment } from './paths.ts';
import { bodyOf } from './replies.ts';

export const FLEET_MANAGER_MEDIA_TYPE = 'application/json';

/** A vehicle as `GET /vehicles/{vin}` of the fleet manager gives it; make and model are '' until enriched. */
const vehicleSchema = z.looseObject({
  vin: z.string(),
  make: z.string().nullish(),
  model: z.string().nullish(),
  modelYear: z.number().nullish(),
  geoLocation: z
    .looseObject({ heading: z.number().nullish(), coordinates: z.tuple([z.number(), z.number()]) })
    .nullish(),
  devices: z.array(z.looseObject({ deviceId: z.string() })).nullish(),
  troubleCodes: z.array(z.string()).nullish(),
});

/** The backend of the CMS v1 web UI. It knows vehicles by their telemetry, not by the asset library. */
export interface FleetManager {
  /** Undefined until telemetry of this VIN (case counts) was accepted. */
  vehicle(vin: string, signal: AbortSignal): Promise<LiveVehicle | undefined>;
}

export function createFleetManager(rest: Rest): FleetManager {
  return {
    async vehicle(vin, signal) {
      const reply = await rest.send({ method: 'GET', path: `/vehicles/${segment(vin)}`, signal });
      if (reply.status === 404) return undefined;
      const vehicle = bodyOf(
        vehicleSchema,
        rest,
        reply,
        l10n.t('reading vehicle {vin} of the fleet manager', { vin }),
      );
      const [longitude, latitude] = vehicle.geoLocation?.coordinates ?? [];
      return {
        vin: vehicle.vin,
        make: vehicle.make ?? '',
        model: vehicle.model ?? '',
        modelYear: vehicle.modelYear ?? 0,
        position:
          longitude === undefined || latitude === undefined
            ? undefined
            : { latitude, longitude, headingDegrees: vehicle.geoLocation?.heading ?? 0 },
        troubleCodes: vehicle.troubleCodes ?? [],
        devices: (vehicle.devices ?? []).map((device) => device.deviceId),
      };
    },
  };
}
