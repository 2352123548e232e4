import * as z from 'zod';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n } from '../core/message.ts';
import { problemSchema } from '../protocol/message.ts';
import {
  type SimulationResult,
  simulationDurationsSchema,
  vehicleStateSchema,
  type VehicleState,
} from '../protocol/simulation.ts';
import type { DriveFigures } from '../text/driveSummary.ts';
import type { ShardStatus } from './channelMessages.ts';
import type { Plan } from './plan.ts';
import type { Shard } from './shard.ts';

const count = z.number().int().min(0);

/** What became of a vehicle in one attempt. */
const drivenSchema = z.object({
  vin: z.string().max(128),
  id: z.string().max(128),
  phase: vehicleStateSchema.shape.phase,
  metres: z.number(),
  trips: count,
  /** Messages made; the last serial. */
  made: count,
  acknowledged: count,
  lost: count,
  resent: count,
  connects: count,
  problem: problemSchema.optional(),
});
export type Driven = z.infer<typeof drivenSchema>;

const figuresSchema = z.object({
  /** Of simulated driving; absent before two positions came. */
  seconds: z.number().optional(),
  /** Meters per second. */
  topSpeed: z.number().optional(),
  /** Liters, and whole batteries. */
  fuel: z.number(),
  charge: z.number(),
  omitted: count,
  troubleCodes: z.array(z.string().max(16)),
});

/** What one attempt of one shard came to: a file of `simulate --results`. Milliseconds since 1970. */
export const shardResultSchema = z.object({
  format: z.literal('cms-enablement-results-1'),
  run: z.string().min(1).max(128),
  generation: z.string().max(64),
  shard: z.object({ number: z.number().int().min(1), count: z.number().int().min(1) }),
  attempt: z.number().int().min(1),
  /** Of the whole fleet, with all its shards. */
  fleet: count,
  startedAt: z.number(),
  /** When its last news came, for an attempt that did not live to write its result itself. */
  endedAt: z.number(),
  /** It did not live to its end: another attempt takes over. */
  broken: z.boolean().default(false),
  vehicles: z.array(drivenSchema),
  /** Of an attempt whose vehicles are not known one by one: what its last status said. */
  counts: z.object({ vehicles: count, acknowledged: count, lost: count, resent: count }).optional(),
  durations: simulationDurationsSchema,
  drive: figuresSchema,
});
export type ShardResult = z.infer<typeof shardResultSchema>;

export interface ResultHead {
  run: string;
  generation: string;
  shard: Shard;
  attempt: number;
  fleet: number;
  startedAt: number;
  endedAt: number;
}

/** The result of an attempt that came to its end. */
export function shardResult(
  head: ResultHead,
  { vehicles, durations }: Pick<SimulationResult, 'vehicles' | 'durations'>,
  figures: DriveFigures,
): ShardResult {
  const { seconds, topSpeed, fuel, charge, omitted, troubleCodes } = figures;
  return {
    format: 'cms-enablement-results-1',
    ...head,
    broken: false,
    vehicles: vehicles.map(drivenOf),
    durations,
    drive: { ...defined({ seconds, topSpeed }), fuel, charge, omitted, troubleCodes },
  };
}

export function drivenOf(state: VehicleState): Driven {
  const { vin, id, phase, metres, trip, serial, acknowledged, lost, resent, connects, problem } = state;
  return {
    ...{ vin, id, phase, metres, trips: trip, made: serial, acknowledged, lost, resent, connects },
    ...defined({ problem }),
  };
}

/** The result of an attempt that left none: what it said last. */
export function brokenResult(
  { run, generation, shards, fleet }: Pick<Plan, 'run' | 'generation' | 'shards' | 'fleet'>,
  shard: number,
  { attempt, startedAt, time, counts, durations }: ShardStatus,
): ShardResult {
  const { vehicles, acknowledged, lost, resent } = counts;
  return {
    format: 'cms-enablement-results-1',
    ...{ run, generation, shard: { number: shard, count: shards }, attempt, fleet },
    ...{ startedAt: startedAt ?? time, endedAt: time, broken: true, vehicles: [] },
    counts: { vehicles, acknowledged, lost, resent },
    durations,
    drive: { fuel: 0, charge: 0, omitted: acknowledged, troubleCodes: [] },
  };
}

/** Reads a file of results. @throws CmsError REQUEST_INVALID, which names it */
export function readResult(text: string, name: string): ShardResult {
  const read = parseJson(shardResultSchema, text);
  if (read.ok) return read.value;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('{file} does not hold the results of a simulation: {problem}.', {
      file: name,
      problem: l10n.verbatim(read.problem),
    }),
    { remedy: l10n.t('Choose files that "simulate --results" has written.') },
  );
}
