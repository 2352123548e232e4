import type { Codec } from '../../../telemetry/codec.ts';
import { commands } from './commands.ts';
import { decode } from './decode.ts';
import { encodeEnd, encodeSample } from './encode.ts';
import { unwrap } from './wrap.ts';

/**
 * Telemetry of the Guidance for Connected Mobility: flat samples, which begin and end a trip by the ignition. Codes and
 * events are not sent: the CMS makes them of values beyond a threshold.
 */
export const codec: Codec = {
  // The client id that every policy seen so far allows; `<VIN>-sim` is that of the remote simulator.
  clientId: ({ thingName }) => thingName,
  topics: (vehicle) => [`cms/+/telemetry/${vehicle?.id ?? '+'}`],
  powertrain: (fuelType) => (/^(ev|bev|electric)$/i.test(fuelType ?? '') ? 'electric' : 'combustion'),
  sample: encodeSample,
  trip: encodeEnd,
  trouble: () => undefined,
  event: () => undefined,
  commands,
  inside: unwrap,
  decode,
};
