import type { Codec } from '../../../telemetry/codec.ts';
import { decode } from './decode.ts';
import { encodeSample, topicOf } from './encode.ts';

/** Telemetry of CMS on AWS: samples, which carry the trouble code; there are no trips and no events of their own. */
export const codec: Codec = {
  // The device policy lets a thing connect as itself only.
  clientId: ({ thingName }) => thingName,
  topics: (vehicle) => [vehicle === undefined ? 'cms/data/#' : topicOf(vehicle)],
  powertrain: (fuelType) => (fuelType === 'EV' ? 'electric' : 'combustion'),
  sample: encodeSample,
  trip: () => undefined,
  trouble: () => undefined,
  event: () => undefined,
  decode,
};
