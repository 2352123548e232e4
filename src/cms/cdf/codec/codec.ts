import type { Codec } from '../../../telemetry/codec.ts';
import { decode } from './decode.ts';
import { encodeCarData, encodeDtc, encodeEvent, encodeTrip } from './encode.ts';
import { jobs } from './jobs.ts';

/** Telemetry of CMS v1, the CDF generation. A thing may connect as itself only. */
export const codec: Codec = {
  clientId: ({ thingName }) => thingName,
  topics: (vehicle) => [`dt/cvra/${vehicle?.thingName ?? '+'}/#`],
  // Plug-in hybrids drive on gasoline here.
  powertrain: (fuelType) => (fuelType === 'EV' ? 'electric' : 'combustion'),
  sample: encodeCarData,
  trip: encodeTrip,
  trouble: encodeDtc,
  event: encodeEvent,
  jobs,
  decode,
};
