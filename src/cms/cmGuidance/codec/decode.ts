import * as z from 'zod';
import { defined } from '../../../core/defined.ts';
import { parseJson } from '../../../core/json.ts';
import type { Reading } from '../../../telemetry/codec.ts';
import { unwrap } from './wrap.ts';

/** Basic Ingest, which nobody can subscribe to, and the topic that the rules listen to. */
const TOPIC = /^(?:\$aws\/rules\/cms_[^/]+_iot_msk_rule|cms\/[^/]+\/telemetry)\/([^/]+)$/;

/** Miles and miles per hour, in meters. */
const MILE = 1609.344;

/** Anything may be published: what is not as it should be is left out, never guessed. */
const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/)
      .transform(Number)
      .pipe(z.number()),
  ])
  .optional()
  .catch(undefined);
const bodySchema = z.object({
  vehicleId: z.string().max(128),
  timestamp: z.number().optional().catch(undefined),
  lat: z.number().min(-90).max(90).optional().catch(undefined),
  lng: z.number().min(-180).max(180).optional().catch(undefined),
  heading: number,
  speed: number,
  odometer: number,
  fuelLevel: number,
  is_ev: z.boolean().optional().catch(undefined),
  soc: z.number().min(0).max(100).optional().catch(undefined),
  tripId: z.string().max(256).optional().catch(undefined),
});

/** A message on one of the topics. Undefined for another topic, or what is no such message. */
export function decode(topic: string, payload: Uint8Array): Reading | undefined {
  const [, vehicleId] = TOPIC.exec(topic) ?? [];
  if (vehicleId === undefined) return undefined;
  const text = unwrap(payload);
  return text === undefined ? undefined : readingOf(text, vehicleId);
}

/**
 * The same of the JSON text alone, as a WebSocket of the CMS pushes it. The stream goes by the `vehicleId` in it, whatever
 * the topic says.
 */
export function readingOf(text: string, topicName?: string): Reading | undefined {
  const read = parseJson(bodySchema, text);
  if (!read.ok) return undefined;
  const { vehicleId, timestamp, lat, lng, heading, speed, odometer, fuelLevel, is_ev, soc, tripId } =
    read.value;
  return {
    thingName: topicName ?? vehicleId,
    type: 'telemetry',
    vin: undefined,
    id: vehicleId,
    serial: undefined,
    time: timestamp,
    tripId,
    place:
      lat === undefined || lng === undefined
        ? undefined
        : {
            latitude: lat,
            longitude: lng,
            ...defined({
              heading,
              speed: speed === undefined ? undefined : (speed * MILE) / 3600,
              odometer: odometer === undefined ? undefined : odometer * MILE,
              // A percentage: the size of the tank is not said.
              fuelLevel: fuelLevel === undefined ? undefined : fuelLevel / 100,
            }),
            ...(is_ev === true && soc !== undefined ? { charge: soc / 100 } : {}),
          },
    code: undefined,
  };
}
