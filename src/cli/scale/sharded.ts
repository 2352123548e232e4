import { resolve } from 'node:path';
import { counted } from '../format.ts';
import type { Connection } from '../../aws/connection.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import { defined } from '../../core/defined.ts';
import { cancelled, CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { ArrayJob } from '../../scale/engines/engine.ts';
import { kubernetesManifest } from '../../scale/engines/kubernetes.ts';
import { jobKey, type Plan } from '../../scale/plan.ts';
import { planRun } from '../../scale/planRun.ts';
import type { Store } from '../../scale/store.ts';
import { preflight } from '../../scale/preflight.ts';
import { batchPlaces } from '../../scale/stack/batchPlaces.ts';
import { STACK } from '../../scale/stack/names.ts';
import { capacityOfSetup } from '../../scale/stack/scaleStack.ts';
import { workerArgs } from '../../scale/workerArgs.ts';
import type { Route } from '../../telemetry/drive.ts';
import type { ConnectionFlags } from '../options.ts';
import { confirmed } from '../password.ts';
import type { Session } from '../session.ts';
import { type DriveFlags, driveOf, isSpread } from '../simulationOptions.ts';
import { EXIT } from '../exitCodes.ts';
import { engineOf } from './engines.ts';
import { follow } from './follow.ts';
import { type ScaleFlags, storeOf } from './options.ts';

/** A worker that dies is started again so often. */
const ATTEMPTS = 5;

export type ShardedFlags = ScaleFlags &
  DriveFlags &
  ConnectionFlags & { certs: string; record?: string; export?: string; results?: string; junit?: string };

export interface ShardedFleet {
  run: string;
  deployment: Pick<Deployment, 'generation'>;
  connection: Connection;
  vehicles: readonly VehicleRef[];
  routes: readonly Route[];
  fuelTypeOf: (vehicle: VehicleRef) => string | undefined;
}

/** @throws CmsError REQUEST_INVALID for options that do not go together */
export function refuseUnsharded(flags: ShardedFlags): void {
  const { shards, on, attach, shard, record, export: exported, results } = flags;
  const refused =
    (shards === undefined) !== (on === undefined) && attach === undefined
      ? l10n.t('--shards and --on belong together.')
      : shards !== undefined && shard !== undefined
        ? l10n.t('--shard is one part of a fleet, --shards lets workers drive all of them.')
        : (shards ?? attach) !== undefined && (record ?? exported ?? results) !== undefined
          ? l10n.t('Workers keep no messages: --record, --export and --results are for one process.')
          : undefined;
  if (refused === undefined) return;
  throw new CmsError('REQUEST_INVALID', refused, { remedy: l10n.t('Leave one of them out.') });
}

/** Writes the plan, submits the array job and follows the run to its end. */
export async function simulateSharded(
  fleet: ShardedFleet,
  given: ShardedFlags & Required<Pick<ScaleFlags, 'shards' | 'on'>>,
  session: Session,
): Promise<number> {
  const { connection, vehicles } = fleet;
  const { shards, on } = given;
  const flags = {
    ...given,
    ...(on === 'batch' ? defined(await batchPlaces(given, connection, session.work.signal)) : {}),
  };
  const store = storeOf(flags.store, connection);
  const engine = engineOf(on, flags, connection);
  const checked = await preflight(
    connection,
    { vehicles: vehicles.length, shards, rate: flags.rate, seconds: flags.duration },
    on,
    session.work.signal,
    // A queue of one's own has what it has.
    on === 'batch' && flags.jobQueue === STACK
      ? await capacityOfSetup(connection, session.work.signal)
      : undefined,
  );
  for (const [level, messages] of [
    ['info', checked.notes],
    ['warn', checked.warnings],
  ] as const) {
    for (const message of messages) session.work.progress({ step: 'preflight', level, message });
  }
  if (
    flags.yes !== true &&
    !(await confirmed(`Start ${counted(shards, 'worker')} on ${on}?`, session.work.signal))
  ) {
    throw cancelled('preflight');
  }
  const { seed, from = 0, powertrain } = flags;
  const spread = isSpread(flags, fleet.vehicles.length);
  const plan = await planRun(store, {
    ...{ run: fleet.run, generation: fleet.deployment.generation, vehicles, routes: fleet.routes },
    ...{ shards, seed, spread, from, powertrain, fuelTypeOf: fleet.fuelTypeOf, drive: driveOf(flags) },
    ...{ connectsPerSecond: checked.connectsPerSecond, barrierMs: flags.barrier * 1000 },
    ...{ identities: flags.identities, certificates: flags.certs },
  });
  // Slurm writes the output of workers there, and makes no folders.
  if (on === 'slurm') await store.put('logs/.keep', '');
  const args = workerArgs(on, plan, flags.store ?? '', flags, connection.region);
  const job = { run: plan.run, shards, attempts: ATTEMPTS, args };
  if (on === 'kubernetes') return writeManifest(job, plan, store, flags, session);
  const submit = async (): Promise<string> => {
    const id = await engine.submit(job);
    session.output.result(
      'submitted',
      { simulationId: plan.run, engine: on, job: id, shards },
      `Run ${plan.run}: job ${id} on ${on}, ${counted(shards, 'shard')}. Follow it from elsewhere with --attach ${plan.run}.`,
    );
    return id;
  };
  return follow({ plan, engine, job: submit, store, connection }, flags, session);
}

/** Kubernetes is given its job by kubectl: what is applied can be read before, and who may apply it decides. */
async function writeManifest(
  job: ArrayJob,
  plan: Plan,
  store: Store,
  { image, store: place = '', certs }: ShardedFlags,
  { output }: Session,
): Promise<number> {
  if (image === undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('Kubernetes needs the image of the workers.'), {
      remedy: l10n.t('Say with --image which image a registry has of the Dockerfile.'),
    });
  }
  const inS3 = place.startsWith('s3://');
  const manifest = kubernetesManifest(job, {
    ...{ image, certificates: 'cms-certificates', store: inS3 ? undefined : 'cms-runs' },
    folders: { certificates: resolve(certs), store: resolve(place) },
  });
  await store.put(jobKey(plan.run), JSON.stringify({ engine: 'kubernetes', id: manifest.metadata.name }));
  output.result('manifest', { ...manifest }, JSON.stringify(manifest, null, 2));
  output.note(`Apply it with kubectl, then follow the run: simulate --attach ${plan.run} --store ${place}`);
  return EXIT.ok;
}
