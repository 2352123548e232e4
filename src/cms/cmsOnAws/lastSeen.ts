import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Connection } from '../../aws/connection.ts';
import type { LiveVehicle } from '../contract/vehicles.ts';
import { decode } from './codec/decode.ts';
import { topicOf } from './codec/encode.ts';
import { newestOn, readStored, type StoredMessage } from './newestObject.ts';

/** What of a vehicle's telemetry is in the store. */
export interface LastSeen {
  /** The newest stored message after a moment (milliseconds since 1970; default: any). */
  newest(vehicle: VehicleRef, signal: AbortSignal, after?: number): Promise<StoredMessage | undefined>;
  read(message: StoredMessage, signal: AbortSignal): Promise<Uint8Array>;
  /** The newest message as a vehicle; undefined until there is one. */
  live(vehicle: VehicleRef, signal: AbortSignal): Promise<LiveVehicle | undefined>;
}

/** Reads the raw objects of the telemetry bucket: GraphQL has no query for the latest message. */
export function createLastSeen(connection: Connection, bucket: string): LastSeen {
  const lastSeen: LastSeen = {
    newest: (vehicle, signal, after = 0) =>
      newestOn(connection, { bucket, topic: topicOf(vehicle) }, after, signal),
    read: (message, signal) => readStored(connection, bucket, message, signal),
    async live(vehicle, signal) {
      const message = await lastSeen.newest(vehicle, signal);
      if (message === undefined) return undefined;
      const reading = decode(topicOf(vehicle), await lastSeen.read(message, signal));
      const place = reading?.place;
      return {
        vin: vehicle.vin,
        ...{ make: '', model: '', modelYear: 0 },
        position: place && {
          ...{ latitude: place.latitude, longitude: place.longitude, headingDegrees: place.heading ?? 0 },
        },
        troubleCodes: reading?.code === undefined ? [] : [reading.code],
        devices: [],
        at: message.time,
      };
    },
  };
  return lastSeen;
}
