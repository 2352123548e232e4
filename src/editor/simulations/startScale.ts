import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection.ts';
import { CmsError, throwIfAborted } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import { english } from '../../core/wording.ts';
import { type Progress, systemClock, type Work } from '../../core/work.ts';
import type { Engine } from '../../scale/engines/engine.ts';
import { STACK } from '../../scale/stack/names.ts';
import { logError } from '../base/log.ts';
import { say, sayPlural } from '../base/say.ts';
import { SANDBOX_ID } from '../sandbox/sandboxController.ts';
import { notify } from '../base/shown.ts';
import type { KnownVehicle } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { DrivePlan } from './driveWizard.ts';
import { engineName, type ScalePlan } from './scalePlan.ts';
import type { ScaleEngine, ScaleRun } from './scaleRun.ts';
import type { KeptScaleRun } from './scaleRecords.ts';
import type { ScaleRuns } from './scaleRuns.ts';

/** What runs of several workers are started and followed with. */
export interface ScaleSources {
  access: Pick<VehicleAccess, 'backend' | 'connections' | 'sessions' | 'certificates' | 'placeWords'>;
  scaleRuns: ScaleRuns;
  /** The command line that comes with the extension; nodes of Slurm see it in the same place. */
  cli: string;
}

/** Milliseconds. */
const BARRIER_MS = 300_000;
/** A worker that dies is started again so often. */
const ATTEMPTS = 5;

/** Says what it costs, asks, and lets several workers drive; undefined when the person doesn't want that. */
export async function startScaled(
  tasks: Tasks,
  sources: ScaleSources,
  plan: DrivePlan & { scale: ScalePlan },
  { vehicles, title }: { vehicles: readonly VehicleRef[]; title: string },
): Promise<ScaleRun | undefined> {
  const { access, scaleRuns } = sources;
  const { ref, scale } = plan;
  access.certificates.requireTrust();
  if (scale.on === 'slurm' && ref.connectionId === SANDBOX_ID) {
    // They would need its CA and its keys, which only this window knows.
    throw new CmsError('REQUEST_INVALID', l10n.t('Nodes of Slurm do not reach the local sandbox.'), {
      remedy: l10n.t('Drive on AWS Batch, or on this computer.'),
    });
  }
  // Nodes read the certificates where they are.
  if (scale.on === 'slurm' && scale.identities === undefined) await access.certificates.forWriting();
  const checked = await tasks.run(
    { title: vscode.l10n.t('Checking what the run needs'), quiet: true },
    async ({ signal }) => ({
      ...(await check(access, plan, vehicles.length, signal)),
      where: await access.placeWords(ref, signal),
    }),
  );
  if (checked === undefined) return undefined;
  const start = vscode.l10n.t('Start');
  const engine = engineName(scale.on);
  const question = sayPlural(
    scale.shards,
    l10n.t('Start 1 worker on {engine}?', { engine }),
    l10n.t('Start {count} workers on {engine}?', { count: scale.shards, engine }),
  );
  // Workers wait for a start, and give up after a while: the window gives it.
  const open = vscode.l10n.t(
    'Keep this window open until the vehicles drive: workers that nobody starts give up. After that they drive on without it.',
  );
  const notes = [...checked.warnings, ...checked.notes].map(say);
  const detail = [checked.where, '', ...notes, open].join('\n');
  if ((await notify.warn(question, { modal: true, detail }, start)) !== start) return undefined;
  return tasks.run({ title: vscode.l10n.t('Starting the simulation'), quiet: true }, async ({ signal }) => {
    const { newSimulationId, planRun, storeAt, workerArgs } = access.backend();
    const { store, identities, connectsPerSecond } = checked;
    const connection = await access.connections.open(ref.connectionId);
    const { generation } = await access.sessions.open(ref, signal);
    const run = newSimulationId(systemClock.now());
    const runs = storeAt(store, connection);
    // Slurm writes the output of workers there, and makes no folders.
    if (scale.on === 'slurm') await runs.put('logs/.keep', '');
    const wish = {
      ...{ run, generation, vehicles, routes: plan.routes, drive: plan.drive, from: 0 },
      ...{ shards: scale.shards, seed: plan.seed, spread: plan.spread, powertrain: plan.powertrain },
      ...{ connectsPerSecond, barrierMs: BARRIER_MS, identities },
      certificates: access.certificates.forReading().folder,
    };
    await planRun(runs, wish, signal);
    const { profile } = access.connections.list().find(({ id }) => id === ref.connectionId) ?? {};
    const port = vscode.workspace.getConfiguration('cmsEnablement.mqtt').get<number>('port', 0);
    const words = { profile, endpoint: connection.endpoint, mqttPort: port === 0 ? undefined : port };
    const args = workerArgs(scale.on, { run }, store, words, connection.region);
    const job = { run, shards: scale.shards, attempts: ATTEMPTS, args };
    const kept: KeptScaleRun = {
      ...{ id: run, title, ref, shards: scale.shards, vehicles: vehicles.length, on: scale.on, store },
      startedAt: systemClock.now(),
    };
    throwIfAborted(signal);
    return scaleRuns.start(
      kept,
      followerOf(tasks, sources, kept, (it) => it.submit(job)),
      vehicles,
    );
  });
}

interface Checked {
  notes: Parameters<typeof say>[0][];
  warnings: Parameters<typeof say>[0][];
  connectsPerSecond: number;
  store: string;
  identities: string | undefined;
}

/** What the run costs and needs, and where its plan and its keys are. Throws CmsError. */
async function check(
  access: ScaleSources['access'],
  { ref, drive, scale }: DrivePlan & { scale: ScalePlan },
  vehicles: number,
  signal: AbortSignal,
): Promise<Checked> {
  const { batchPlaces, capacityOfSetup, preflight } = access.backend();
  const connection = await access.connections.open(ref.connectionId);
  const onBatch = scale.on === 'batch';
  const { store, identities } = onBatch ? await batchPlaces(scale, connection, signal) : scale;
  if (store === undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('Workers need a place for plan and results.'), {
      remedy: l10n.t('Make a bucket with {command}, or name one for plan and results before the start.', {
        command: 'cms-enablement scale setup',
      }),
    });
  }
  const { durationMs, rate = 1 } = drive;
  const seconds = durationMs === undefined ? undefined : durationMs / 1000;
  const capacity = onBatch ? await capacityOfSetup(connection, signal) : undefined;
  const size = { vehicles, shards: scale.shards, rate, seconds };
  const found = await preflight(connection, size, scale.on, signal, capacity);
  return { ...found, store, identities };
}

/** Follows a run again that an earlier window of this workspace started. */
export function engineOfEarlier(tasks: Tasks, sources: ScaleSources, kept: KeptScaleRun): ScaleEngine {
  return followerOf(tasks, sources, kept);
}

/** @param submit starts its job, the first time; without it the job runs already */
function followerOf(
  tasks: Tasks,
  { access, cli }: Pick<ScaleSources, 'access' | 'cli'>,
  kept: KeptScaleRun,
  submit?: (engine: Engine) => Promise<string>,
): ScaleEngine {
  let first = submit;
  const submitOnce = (start: NonNullable<typeof submit>, engine: Engine) => (): Promise<string> => {
    first = undefined;
    return start(engine);
  };
  return async ({ view, opened, named }, stop, signal) => {
    const { conduct, readJob, readPlan, routesOfPlan, storeAt } = access.backend();
    const connection = await access.connections.open(kept.ref.connectionId);
    const store = storeAt(kept.store, connection);
    const progress = ({ level, step, message }: Progress): void => {
      tasks.log[level](`[${kept.id}] [${step}] ${english(message)}`);
      if (level === 'warn') void notify.warn(`${kept.title}: ${say(message)}`);
    };
    const work: Work = { signal, clock: systemClock, random: Math.random, progress };
    const engine = programOf(access, kept, connection, cli);
    const plan = await readPlan(store, kept.id);
    if (submit === undefined) void nameVehicles();
    const job = first === undefined ? (await readJob(store, kept.id)).id : submitOnce(first, engine);
    return conduct({
      ...{ plan, connection, store, engine, job, barrierMs: plan.barrierMs, work, stop, update: view },
      opened: (channel) => opened(channel, routesOfPlan(plan)),
    });

    /** The run is followed all the same when its vehicles cannot be read. */
    async function nameVehicles(): Promise<void> {
      const { readVehicles } = access.backend();
      const vehicles: KnownVehicle[] = [];
      try {
        for (let shard = 1; shard <= plan.shards && !signal.aborted; shard++) {
          for (const { vin, id } of await readVehicles(store, kept.id, shard)) vehicles.push({ vin, id });
        }
        if (!signal.aborted) named(vehicles);
      } catch (error) {
        logError(tasks.log, error);
      }
    }
  };
}

function programOf(
  access: ScaleSources['access'],
  { on, store }: KeptScaleRun,
  connection: Connection,
  cli: string,
): Engine {
  const { batchEngine, slurmEngine } = access.backend();
  return on === 'batch'
    ? batchEngine({ connection, queue: STACK, definition: STACK, vcpus: 1 })
    : slurmEngine({ program: ['node', cli], logs: `${store}/logs` });
}
