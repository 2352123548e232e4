import * as z from 'zod';
import { problemSchema } from '../protocol/message.ts';
import { acknowledgedSchema, runClockSchema, simulationDurationsSchema } from '../protocol/simulation.ts';
import { speedSchema, troubleCodeSchema } from '../protocol/control.ts';

/** What goes over the run channel, AWS IoT itself: no certificate, no key, no vehicle but those with a problem. */

const ROOT = 'cms-enablement/scale';
export const controlTopic = (run: string) => `${ROOT}/${run}/control`;
export const statusTopic = (run: string, shard: number | '+') => `${ROOT}/${run}/shards/${shard}/status`;
export const goneTopic = (run: string, shard: number | '+') => `${ROOT}/${run}/shards/${shard}/gone`;
export const attemptTopic = (run: string, shard: number) => `${ROOT}/${run}/shards/${shard}/attempt`;
/** The shard that a topic is of. */
export function shardOf(topic: string): number | undefined {
  const number = /\/shards\/(\d+)\/\w+$/.exec(topic)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** AWS IoT keeps 50 retained messages a second of an account as small as they come; all of a run share this. */
export const RETAINED_PER_SECOND = 25;
/** What a run of so many shards keeps in AWS IoT: status and attempt of each, and the control message. */
export const retainedOf = (shards: number) => 2 * shards + 1;

export const clientIdOf = (run: string, who: string) => `scale-${run}-${who}`;

/** What all workers are told, retained: whoever comes later needs only the last one. */
export const controlSchema = z.object({
  /** Each message of any controller has a higher one. */
  seq: z.number().int().min(1),
  /** Who said it. Of two controllers that say the same number at a time, the first counts. */
  by: z.string().max(64).optional(),
  clock: runClockSchema,
  /** The speed that a pause ends with. */
  speed: speedSchema,
  /** When the run began; milliseconds since 1970. */
  began: z.number(),
  /** Trouble codes as points in time. */
  troubles: z.array(z.object({ at: z.number(), code: troubleCodeSchema })).max(1000),
  /** All trips end at this moment. */
  stopAt: z.number().optional(),
});
export type RunControl = z.infer<typeof controlSchema>;

const count = z.number().int().min(0);
export const countsSchema = z.object({
  vehicles: count,
  online: count,
  ended: count,
  failed: count,
  acknowledged: count,
  unacked: count,
  queued: count,
  lost: count,
  resent: count,
  messagesPerSecond: z.number().min(0),
});
export type Counts = z.infer<typeof countsSchema>;

/** Of a shard. With all of them a status stays below the 5 KB that AWS IoT charges as one message. */
export const MOST_SAMPLED = 12;
const sampleSchema = acknowledgedSchema
  .pick({ vin: true, serial: true, time: true })
  .extend({ id: z.string(), place: acknowledgedSchema.shape.place.unwrap() });
export type SampledVehicle = z.infer<typeof sampleSchema>;

/** Once a second from each worker. */
export const statusSchema = z.object({
  attempt: z.number().int().min(1),
  /** By the worker's clock; milliseconds since 1970. */
  time: z.number(),
  phase: z.enum(['starting', 'ready', 'driving', 'ended', 'failed']),
  /** When the vehicles of this attempt began. */
  startedAt: z.number().optional(),
  counts: countsSchema,
  /** Of the attempt so far: a status that is lost is made up for by the next. */
  durations: simulationDurationsSchema,
  /** The worst ten. */
  problems: z.array(z.object({ vin: z.string(), problem: problemSchema })).max(10),
  /** Vehicles without a certificate or key. */
  keyless: count,
  /** Where some of its vehicles are: a sample for a map, small enough for one message. */
  sample: z.array(sampleSchema).max(MOST_SAMPLED).optional(),
  /** Of the shard itself. */
  problem: problemSchema.optional(),
  /** The shard failed in a way that another attempt does not mend. */
  final: z.boolean().optional(),
});
export type ShardStatus = z.infer<typeof statusSchema>;

/** Who drives a shard: retained, and the will of a worker. Two processes of one attempt differ by the token. */
export const attemptSchema = z.object({ attempt: z.number().int().min(1), token: z.string().max(64) });
export type AttemptRecord = z.infer<typeof attemptSchema>;

export const NO_COUNTS: Counts = {
  ...{ vehicles: 0, online: 0, ended: 0, failed: 0, acknowledged: 0, unacked: 0, queued: 0, lost: 0 },
  ...{ resent: 0, messagesPerSecond: 0 },
};
