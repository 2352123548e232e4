import * as z from 'zod';
import { parseJson } from '../../../core/json.ts';
import type { Reading } from '../../../telemetry/codec.ts';

const TOPIC = /^dt\/cvra\/([^/]+)\/(.+)$/;

/** Anything may be published: what is not as it should be is left out, never guessed. */
const bodySchema = z.object({
  VIN: z.string().max(128).optional().catch(undefined),
  MessageId: z.string().optional().catch(undefined),
  CreationTimeStamp: z.string().optional().catch(undefined),
  TripId: z.string().max(256).optional().catch(undefined),
  GeoLocation: z
    .object({
      Latitude: z.number().min(-90).max(90),
      Longitude: z.number().min(-180).max(180),
      Heading: z.number().catch(0),
      Speed: z.number().catch(0),
    })
    .optional()
    .catch(undefined),
  Odometer: z
    .object({ Metres: z.number().catch(0) })
    .optional()
    .catch(undefined),
  Fuel: z.number().catch(0),
  StateOfCharge: z.number().min(0).max(100).optional().catch(undefined),
  DTC: z
    .object({ Code: z.string().max(32) })
    .optional()
    .catch(undefined),
});

/** Telemetry of CMS v1. Undefined for another topic, or a payload that is no JSON object. */
export function decode(topic: string, payload: Uint8Array): Reading | undefined {
  const [, thingName, type] = TOPIC.exec(topic) ?? [];
  if (thingName === undefined || type === undefined) return undefined;
  const read = parseJson(bodySchema, Buffer.from(payload).toString('utf8'));
  if (!read.ok) return undefined;
  const { VIN, MessageId, CreationTimeStamp, TripId, GeoLocation, Odometer, Fuel, StateOfCharge, DTC } =
    read.value;
  const [, serial] = /#(\d{1,15})$/.exec(MessageId ?? '') ?? [];
  const time = Date.parse(CreationTimeStamp ?? '');
  return {
    thingName,
    type,
    vin: VIN ?? thingName,
    serial: serial === undefined ? undefined : Number(serial),
    time: Number.isNaN(time) ? undefined : time,
    tripId: TripId,
    // CMS v1 sends km/h, and kilometres whatever the name says.
    place: GeoLocation && {
      latitude: GeoLocation.Latitude,
      longitude: GeoLocation.Longitude,
      heading: GeoLocation.Heading,
      speed: GeoLocation.Speed / 3.6,
      odometer: (Odometer?.Metres ?? 0) * 1000,
      fuel: Fuel,
      ...(StateOfCharge === undefined ? {} : { charge: StateOfCharge / 100 }),
    },
    code: DTC?.Code,
  };
}
