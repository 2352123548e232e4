import * as z from 'zod';
import { controlSchema } from './control.ts';
import { meterStateSchema, vehicleHistorySchema } from './driveHistory.ts';
import { problemSchema } from './message.ts';
import {
  packedRequest,
  type RunRequest,
  simulatedVehicleSchema,
  simulateSchema,
  simulationResultSchema,
  simulationUpdateSchema,
  totalsSchema,
  vehicleStateSchema,
} from './simulation.ts';

/**
 * Simulations that outlive their window. The device process goes on with them, writes a record by which later windows
 * find it, and listens on a local socket, where each line is one JSON message. No key of a vehicle is in any of this.
 *
 * On the socket: `challenge` → `proof` → `attached`, then updates, `control`s the other way, and `done` or `failed`.
 * Both ends prove that they know the token of the record; the token itself does not cross.
 */

/** What a run is, for windows that did not start it. */
export const runFactsSchema = z.object({
  /** For people: who drives where. */
  title: z.string(),
  ref: z.object({ connectionId: z.string(), stack: z.string() }),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** URI of the workspace that keeps its result; empty for a window without one. */
  workspace: z.string(),
  request: simulateSchema
    .omit({ id: true, kind: true, broker: true, vehicles: true })
    .extend({ vehicles: z.array(simulatedVehicleSchema.omit({ identity: true })).min(1) }),
});
export type RunFacts = Omit<z.output<typeof runFactsSchema>, 'request'> & { request: RunRequest };

/** The file of a run: how it is reached. */
export const runRecordSchema = z.object({
  version: z.literal(1),
  /** Of a socket, or of a named pipe on Windows. */
  socket: z.string(),
  /** Worth nothing once the run is over. */
  token: z.string().min(32),
  facts: runFactsSchema,
});
export type RunRecord = z.output<typeof runRecordSchema>;

/** What a run came to while no window was there. */
export const runResultSchema = z.object({
  version: z.literal(1),
  endedAt: z.number(),
  totals: totalsSchema.optional(),
  vehicles: z.array(vehicleStateSchema),
  meter: meterStateSchema,
  history: z.array(vehicleHistorySchema),
  /** Why it failed. */
  problem: problemSchema.optional(),
});
export type RunResult = z.output<typeof runResultSchema>;

/** What has happened so far. */
export const runSoFarSchema = z.object({
  totals: totalsSchema.optional(),
  vehicles: z.array(vehicleStateSchema),
  meter: meterStateSchema,
  history: z.array(vehicleHistorySchema),
  speed: z.number(),
});
export type RunSoFar = z.output<typeof runSoFarSchema>;

const base = { id: z.number().int() };
/**
 * A `keep`, with the id of a `simulate`, is answered by `keeping`; from then on what happens is counted in the device
 * process, too. The parent says by `kept` what it had counted until then, and hears by `kept` that the run listens and
 * its record is written, or why that failed.
 */
export const keepRequestSchema = z.discriminatedUnion('kind', [
  z.object({ ...base, kind: z.literal('keep') }),
  z.object({
    ...base,
    kind: z.literal('kept'),
    /** Where the record goes, and at the end the result. */
    file: z.string(),
    resultFile: z.string(),
    /** JSON of `runFactsSchema`. */
    facts: z.string(),
    soFar: runSoFarSchema,
  }),
]);
export type KeepOrder = Omit<Extract<z.output<typeof keepRequestSchema>, { kind: 'kept' }>, 'id' | 'kind'>;
export const keepAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ ...base, kind: z.literal('keeping') }),
  z.object({ ...base, kind: z.literal('kept'), problem: problemSchema.optional() }),
]);

export const fromRunSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('challenge'), nonce: z.string() }),
  z.object({ kind: z.literal('attached'), proof: z.string(), soFar: runSoFarSchema }),
  simulationUpdateSchema.omit({ id: true }),
  z.object({ kind: z.literal('done'), result: simulationResultSchema }),
  z.object({ kind: z.literal('failed'), problem: problemSchema }),
]);
export type FromRun = z.output<typeof fromRunSchema>;

export const toRunSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('proof'), proof: z.string(), nonce: z.string() }),
  z.object({ kind: z.literal('control'), control: controlSchema }),
  /** Ends it without waiting for acknowledgements. */
  z.object({ kind: z.literal('abort') }),
]);
export type ToRun = z.output<typeof toRunSchema>;

/** The facts as text, without the broker, whose proxy may have a password, and without keys. */
export function runFactsText({ request, ...facts }: RunFacts): string {
  const vehicles = request.vehicles.map((vehicle) => ({ ...vehicle, identity: undefined }));
  return JSON.stringify({ ...facts, request: { ...packedRequest(request), broker: undefined, vehicles } });
}
