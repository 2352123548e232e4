import * as z from 'zod';
import { CmsError, throwIfAborted } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n } from '../core/message.ts';
import { packedPointsSchema } from '../protocol/packedPoints.ts';
import { simulateSchema } from '../protocol/simulation.ts';
import { ENGINES } from './engines/engine.ts';
import type { Store } from './store.ts';

const { rate, speed, pace, end, events, eventRates, jobs, durationMs } = simulateSchema.shape;

/** Where workers find certificates and keys. Neither is ever part of a plan. */
const identitiesSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('folder'), folder: z.string().min(1) }),
  z.object({ kind: z.literal('s3'), bucket: z.string().min(3), prefix: z.string() }),
]);

/** What all workers of a run are told: what `simulate` was asked for, without certificates, keys and credentials. */
export const planSchema = z.object({
  format: z.literal('cms-enablement-plan-1'),
  run: z.string().regex(/^[\w-]{1,100}$/),
  generation: z.string().min(1).max(64),
  shards: z.number().int().min(1),
  /** How many vehicles the fleet has. */
  fleet: z.number().int().min(1),
  /** Base64, as `packed` of `src/protocol/packedPoints.ts` makes it. */
  routes: z.array(z.object({ name: z.string(), points: z.string() })).min(1),
  drive: z.object({ rate, speed, pace, end, events, eventRates, jobs, durationMs }),
  seed: z.number().int(),
  spread: z.boolean(),
  from: z.number().min(0).max(1),
  powertrain: z.enum(['combustion', 'electric']).optional(),
  /** What all workers together open a second. */
  connectsPerSecond: z.number().positive(),
  /** How long the start waits for workers that are not ready. Milliseconds. */
  barrierMs: z.number().min(0),
  identities: identitiesSchema,
});
export type Plan = z.infer<typeof planSchema>;

const vehiclesSchema = z.array(
  z.object({
    vin: z.string().min(1).max(128),
    id: z.string().min(1).max(128),
    thingName: z.string().min(1).max(128),
    fuelType: z.string().max(64).optional(),
  }),
);
export type PlannedVehicle = z.infer<typeof vehiclesSchema>[number];

const planKey = (run: string) => `runs/${run}/plan.json`;
const vehiclesKey = (run: string, shard: number) => `runs/${run}/shards/${shard}/vehicles.json`;
/** Names with the attempt last sort by it. */
export const resultKey = (run: string, shard: number, attempt: number) =>
  `runs/${run}/results/${shard}-${attempt}.json`;
export const resultsPrefix = (run: string) => `runs/${run}/results/`;
export const jobKey = (run: string) => `runs/${run}/job.json`;
const jobSchema = z.object({ engine: z.enum(ENGINES), id: z.string().min(1) });

/** The job that drives a run. @throws CmsError REQUEST_INVALID when the store does not say it */
export async function readJob(store: Store, run: string): Promise<z.infer<typeof jobSchema>> {
  const text = await store.get(jobKey(run));
  const job = text === undefined ? undefined : parseJson(jobSchema, text);
  if (job?.ok === true) return job.value;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('{label} does not say which job drives {run}.', { label: store.label, run }),
    { remedy: l10n.t('Check the name of the run and the place given with --store.') },
  );
}

export async function writePlan(
  store: Store,
  plan: Plan,
  vehiclesOf: (shard: number) => readonly PlannedVehicle[],
  signal?: AbortSignal,
): Promise<void> {
  for (let shard = 1; shard <= plan.shards; shard++) {
    if (signal !== undefined) throwIfAborted(signal, 'plan');
    await store.put(vehiclesKey(plan.run, shard), JSON.stringify(vehiclesOf(shard)));
  }
  if (signal !== undefined) throwIfAborted(signal, 'plan');
  await store.put(planKey(plan.run), JSON.stringify(plan));
}

/** @throws CmsError REQUEST_INVALID for a run that the store does not have, STORE_FAILED for a folder without any run */
export async function readPlan(store: Store, run: string): Promise<Plan> {
  const text = await store.get(planKey(run));
  const read = text === undefined ? undefined : parseJson(planSchema, text);
  if (read?.ok === true) return read.value;
  const { label } = store;
  if (read === undefined && (await store.isEmpty?.()) === true) {
    throw new CmsError('STORE_FAILED', l10n.t('{label} holds no run, or isn’t mounted.', { label }), {
      remedy: l10n.t('Mount the folder, or check the place given with --store.'),
    });
  }
  throw new CmsError(
    'REQUEST_INVALID',
    read === undefined
      ? l10n.t('{label} has no run {run}.', { label, run })
      : l10n.t('The plan of {run} in {label} cannot be read: {problem}.', {
          ...{ label, run, problem: l10n.verbatim(read.problem) },
        }),
    { remedy: l10n.t('Check the name of the run and the place given with --store.') },
  );
}

/** The vehicles of a shard, in the order of the fleet. @throws CmsError REQUEST_INVALID */
export async function readVehicles(store: Store, run: string, shard: number): Promise<PlannedVehicle[]> {
  const text = await store.get(vehiclesKey(run, shard));
  const read = text === undefined ? undefined : parseJson(vehiclesSchema, text);
  if (read?.ok === true) return read.value;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('{label} does not have the vehicles of shard {shard} of {run}.', {
      label: store.label,
      shard,
      run,
    }),
    { remedy: l10n.t('Check the name of the run and the place given with --store.') },
  );
}

/** The routes as a simulation takes them. @throws ZodError for points that are none */
export function routesOfPlan({ routes }: Plan) {
  return routes.map(({ name, points }) => ({ name, points: packedPointsSchema.parse(points) }));
}
