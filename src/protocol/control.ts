import * as z from 'zod';

/** How a running simulation is steered, by the page of the map, too: nothing here needs Node. */

const fraction = z.number().min(0).max(1);

/** Speed of the simulated time against the clock on the wall. */
export const speedSchema = z.number().min(0.1).max(20);
/** Messages with a sample, per second per vehicle; AWS IoT takes 100 of all kinds. */
export const rateSchema = z.number().min(0.01).max(80);
/** A diagnostic trouble code: ISO 15031-6 / SAE J2012. */
export const troubleCodeSchema = z.string().regex(/^[PCBU][0-3][0-9A-F]{3}$/, 'such as P0217');

/** By what their CMS knows them by. */
const ids = z.array(z.string()).optional();

/** Steers a running simulation: the named vehicles, or all. */
export const controlSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('pause'), ids }),
  z.object({ do: z.literal('resume'), ids }),
  z.object({ do: z.literal('speed'), factor: speedSchema, ids }),
  /** To a fraction of the route. */
  z.object({ do: z.literal('jump'), to: fraction, ids }),
  z.object({ do: z.literal('dtc'), code: troubleCodeSchema, ids }),
  /** Ends the trip with its summary, waits for the acknowledgements, disconnects. */
  z.object({ do: z.literal('stop'), ids }),
  /** The next update brings the last acknowledged message of each. */
  z.object({ do: z.literal('tell'), ids }),
  /** Whether updates carry the payload of every acknowledged message from now on; of all vehicles. */
  z.object({ do: z.literal('payloads'), on: z.boolean(), ids }),
  /** The vehicles are this process's until then; milliseconds since 1970. */
  z.object({ do: z.literal('lease'), until: z.number(), ids }),
]);
export type SimulationControl = z.infer<typeof controlSchema>;
