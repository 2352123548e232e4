import { gunzipSync, gzipSync } from 'node:zlib';
import type { Codec } from '../../../../src/telemetry/codec.ts';
import type { EncodedMessage, MessageContext } from '../../../../src/telemetry/sample.ts';

const TOPIC = /^dt\/cvra\/([^/]+)\/blob$/;

function message(type: string, body: object, { id, thingName, serial }: MessageContext): EncodedMessage {
  const payload = gzipSync(JSON.stringify({ type, vehicle: id, serial, ...body }));
  return { topic: `dt/cvra/${thingName}/blob`, payload };
}

/** Telemetry as gzip, which is no text. */
export const codec: Codec = {
  clientId: ({ thingName }) => thingName,
  topics: (vehicle) => [`dt/cvra/${vehicle?.thingName ?? '+'}/blob`],
  powertrain: () => 'electric',
  sample: ({ time, latitude, longitude }, of) => message('sample', { time, latitude, longitude }, of),
  trip: ({ endTime: time, distance }, of) => message('trip', { time, distance }, of),
  trouble: ({ time, code }, of) => message('trouble', { time, code }, of),
  event: ({ time, name }, of) => message('event', { time, name }, of),
  decode(topic, payload) {
    const [, thingName] = TOPIC.exec(topic) ?? [];
    if (thingName === undefined || payload[0] !== 0x1f) return undefined;
    const body = JSON.parse(gunzipSync(payload).toString('utf8')) as Record<'type' | 'vehicle', string> &
      Record<'serial' | 'time' | 'latitude' | 'longitude', number>;
    const { type, vehicle: id, serial, time, latitude, longitude } = body;
    const place =
      type === 'sample' ? { latitude, longitude, heading: 0, speed: 0, odometer: 0, fuel: 0 } : undefined;
    return { thingName, type, vin: undefined, id, serial, time, tripId: undefined, place, code: undefined };
  },
};
