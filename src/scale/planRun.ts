import { resolve } from 'node:path';
import type * as z from 'zod';
import { defined } from '../core/defined.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { packed } from '../protocol/packedPoints.ts';
import type { Powertrain, Route } from '../telemetry/drive.ts';
import { type Plan, planSchema, writePlan } from './plan.ts';
import { partOf } from './shard.ts';
import type { Store } from './store.ts';
import { needS3 } from './stores/place.ts';

/** What a front end wants to have driven by several workers. */
export interface RunWish extends Pick<
  Plan,
  'run' | 'generation' | 'shards' | 'seed' | 'spread' | 'from' | 'connectsPerSecond' | 'barrierMs'
> {
  /** What is absent is as a simulation has it. */
  drive: z.input<typeof planSchema>['drive'];
  vehicles: readonly VehicleRef[];
  routes: readonly Route[];
  powertrain?: Powertrain | undefined;
  fuelTypeOf?: ((vehicle: VehicleRef) => string | undefined) | undefined;
  /** `s3://bucket/prefix` of pushed ones; without it the certificate folder, as every machine sees it. */
  identities: string | undefined;
  certificates: string;
}

/** Writes the plan and the vehicles of each shard. @throws CmsError STORE_FAILED, REQUEST_INVALID, CANCELLED */
export async function planRun(store: Store, wish: RunWish, signal?: AbortSignal): Promise<Plan> {
  const { vehicles, routes, powertrain, fuelTypeOf, identities, certificates, ...rest } = wish;
  const plan = planSchema.parse({
    format: 'cms-enablement-plan-1',
    ...rest,
    fleet: vehicles.length,
    routes: routes.map(({ name, points }) => ({ name, points: packed(points) })),
    ...defined({ powertrain }),
    identities:
      identities === undefined
        ? { kind: 'folder', folder: resolve(certificates) }
        : { kind: 's3', ...needS3(identities) },
  });
  const vehiclesOf = (number: number) => {
    const { from, to } = partOf({ number, count: plan.shards }, vehicles.length);
    return vehicles.slice(from, to).map((vehicle) => {
      const { vin, id, thingName } = vehicle;
      return { vin, id, thingName, ...defined({ fuelType: fuelTypeOf?.(vehicle) }) };
    });
  };
  await writePlan(store, plan, vehiclesOf, signal);
  return plan;
}
