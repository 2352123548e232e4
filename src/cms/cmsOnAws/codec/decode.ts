import * as z from 'zod';
import { parseJson } from '../../../core/json.ts';
import type { Reading } from '../../../telemetry/codec.ts';

/** The solution's own simulator puts a segment before its names. */
const TOPIC = /^cms\/data\/(?:simulated\/)?([^/]+)(?:\/|$)/;

/** Anything may be published: what is not as it should be is left out, never guessed. */
const number = z.number().catch(0);
const bodySchema = z.object({
  vehicleidentification: z.object({ vin: z.string().max(128) }).optional().catch(undefined),
  currentlocation: z
    .object({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      heading: number,
      timestamp: z.string().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  speed: number,
  traveleddistance: number,
  powertrain: z
    .object({
      type: z.string().optional().catch(undefined),
      fuelsystem: z.object({ absolutelevel: number }).optional().catch(undefined),
      tractionbattery: z
        .object({ stateofcharge: z.object({ current: z.number().min(0).max(100) }) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  obd: z.object({ dtclist: z.string().max(256) }).optional().catch(undefined),
}); // prettier-ignore

/** Telemetry of CMS on AWS. Undefined for another topic, or a payload that is no JSON object. */
export function decode(topic: string, payload: Uint8Array): Reading | undefined {
  const [, thingName] = TOPIC.exec(topic) ?? [];
  if (thingName === undefined) return undefined;
  const read = parseJson(bodySchema, Buffer.from(payload).toString('utf8'));
  if (!read.ok) return undefined;
  const { vehicleidentification, currentlocation, speed, traveleddistance, powertrain, obd } = read.value;
  const time = Date.parse(currentlocation?.timestamp ?? '');
  const charge = powertrain?.tractionbattery?.stateofcharge.current;
  const code = obd?.dtclist;
  return {
    thingName,
    type: 'vss',
    vin: vehicleidentification?.vin,
    serial: undefined,
    time: Number.isNaN(time) ? undefined : time,
    tripId: undefined,
    place: currentlocation && {
      latitude: currentlocation.latitude,
      longitude: currentlocation.longitude,
      heading: currentlocation.heading,
      speed: speed / 3.6,
      odometer: traveleddistance * 1000,
      fuel: powertrain?.fuelsystem?.absolutelevel ?? 0,
      ...(powertrain?.type === 'ELECTRIC' && charge !== undefined ? { charge: charge / 100 } : {}),
    },
    code: code === '' ? undefined : code,
  };
}
