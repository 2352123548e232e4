import type { Connection } from '../aws/connection.ts';
import { asCmsError, CmsError, isCancelled } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { problemOf } from '../core/problem.ts';
import type { Work } from '../core/work.ts';
import type { DeviceProcess } from '../device/client/deviceProcess.ts';
import { type DrivingCertificates, simulatedVehicles } from '../device/client/simulatedVehicles.ts';
import { startSimulation } from '../device/client/startSimulation.ts';
import type { Broker } from '../protocol/device.ts';
import type { SimulationRequest, VehicleState } from '../protocol/simulation.ts';
import type { Codec } from '../telemetry/codec.ts';
import type { openChannel } from './channel.ts';
import { ControlClock } from './controlClock.ts';
import { isFinal, leaveNote } from './gaveUp.ts';
import { NO_COUNTS, RETAINED_PER_SECOND, type RunControl, type ShardStatus } from './channelMessages.ts';
import { type Plan, readPlan, readVehicles, resultKey, routesOfPlan } from './plan.ts';
import { brokenResult, shardResult } from './results.ts';
import { connectsOf, emptyResult, partOf } from './shard.ts';
import type { Store } from './store.ts';
import { openWorkerChannel, type WorkerChannel } from './workerChannel.ts';
import { WorkerTotals } from './workerTotals.ts';

export interface WorkerDeps {
  connection: Connection;
  store: Store;
  device: DeviceProcess;
  codecOf(generation: string): Codec;
  /** Where the keys are that the plan names. */
  identities(source: Plan['identities']): DrivingCertificates;
  broker(): Promise<Broker>;
  work: Work;
  /** How the run channel is opened. */
  opening?: typeof openChannel | undefined;
}

export interface WorkerPlace {
  run: string;
  /** From 1. */
  shard: number;
  attempt: number;
}

const STATUS_MS = 1000;
/** Without an acknowledged status for so long, vehicles that are down stay down. */
const LEASE_MS = 3000;
/** A controller lets the workers go at the barrier at the latest. Without one, a worker waits so much longer. */
const WAIT_MS = 600_000;

/**
 * Drives one shard of a run to its end and leaves its result in the store.
 * @throws CmsError SHARD_REPLACED when another attempt has the shard, RUN_NOT_READY when nobody starts the run,
 * STORE_FAILED, of step `result` when the result cannot be written, CANCELLED
 */
export async function runWorker(place: WorkerPlace, deps: WorkerDeps): Promise<void> {
  const { run, shard } = place;
  const { store, work, connection, device } = deps;
  const plan = await readPlan(store, run).catch(async (error: unknown) => {
    await sayUnplanned(place, deps, asCmsError(error));
    throw error;
  });
  const clock = new ControlClock(work);
  const own = new AbortController();
  const signal = AbortSignal.any([own.signal, work.signal]);
  const fence = { replaced: false };
  const channel = await openWorkerChannel(
    connection,
    place,
    {
      control: (control) => clock.hear(control),
      replaced() {
        fence.replaced = true;
        // Its vehicles are somebody else's by now: nothing of this process may speak for them any more.
        device.dispose();
        own.abort();
      },
      offline: (why) => {
        const message = l10n.t('The run channel is down: {reason}', { reason: why.sentence });
        work.progress({ step: 'channel', level: 'warn', message });
      },
    },
    { ...work, signal },
    deps.opening,
  ).catch(async (error: unknown) => {
    if (!isCancelled(error)) await leaveNote(store, place, asCmsError(error));
    throw error;
  });
  const { attempt } = channel;
  const reported = { failure: false };
  try {
    if (fence.replaced) throw replacedError(place);
    await driveShard();
  } catch (error) {
    if (fence.replaced) throw replacedError(place);
    if (!reported.failure && !isCancelled(error)) await sayFailed(channel, work, asCmsError(error));
    throw error;
  } finally {
    await channel.close();
  }

  async function driveShard(): Promise<void> {
    const { before } = channel;
    if (before !== undefined) await keepBroken(before);
    const { vehicles, keyless } = await vehiclesOf(plan, place, deps);
    const totals = new WorkerTotals(keyless);
    let phase: ShardStatus['phase'] = 'ready';
    let startedAt: number | undefined;
    let problem: CmsError | undefined;
    let beat = 0;
    const every = Math.max(1, Math.ceil(plan.shards / RETAINED_PER_SECOND));
    const say = async (retain: boolean): Promise<boolean> => {
      const { counts, durations, problems, sample } = totals;
      const status: ShardStatus = {
        ...{
          attempt,
          time: work.clock.now(),
          phase,
          counts,
          durations,
          problems,
          sample,
          keyless: keyless.length,
        },
        ...(startedAt === undefined ? {} : { startedAt }),
        ...(problem === undefined ? {} : { problem: problemOf(problem), final: isFinal(problem) }),
      };
      return channel.say(status, retain);
    };
    const speaking = new AbortController();
    const speak = async (): Promise<void> => {
      for (;;) {
        // Waits for no acknowledgement: one that does not come holds up no other.
        // Counted from when it was said: a process that was frozen since then has none.
        const until = work.clock.now() + LEASE_MS;
        void say(beat++ % every === 0).then((heard) => {
          if (heard && !fence.replaced) running?.control({ do: 'lease', until });
        });
        await work.clock.sleep(STATUS_MS, speaking.signal);
      }
    };
    let running: ReturnType<typeof startSimulation> | undefined;
    void speak().catch(() => undefined);
    try {
      const control = await clock.first(signal, plan.barrierMs + WAIT_MS);
      const request = await requestOf(control, vehicles);
      if (vehicles.length === 0) {
        await end(emptyResult());
        return;
      }
      startedAt = Math.max(control.began, work.clock.now());
      phase = 'driving';
      running = startSimulation(
        device,
        request,
        { update: (update) => totals.add(update) },
        // Ctrl-C and SIGTERM end the trips; the connections are not cut.
        { ...work, signal: new AbortController().signal },
      );
      clock.steer(running);
      const stop = (): void => running?.stop();
      work.signal.addEventListener('abort', stop, { once: true });
      if (work.signal.aborted) stop();
      await end(await running.ended);
    } catch (error) {
      if (!fence.replaced && !isCancelled(error) && (phase as ShardStatus['phase']) !== 'ended') {
        problem = asCmsError(error);
        phase = 'failed';
        reported.failure = true;
        await say(true);
      }
      throw error;
    } finally {
      speaking.abort();
      clock.close();
    }

    async function end(simulated: ReturnType<typeof emptyResult>): Promise<void> {
      if (fence.replaced) throw replacedError(place);
      const { result, figures } = totals.result(simulated);
      const head = {
        ...{ run, generation: plan.generation, shard: { number: shard, count: plan.shards }, attempt },
        ...{ fleet: plan.fleet, startedAt: startedAt ?? work.clock.now(), endedAt: work.clock.now() },
      };
      // Nothing that is retained follows the result: whoever sees it there takes away what was.
      speaking.abort();
      try {
        await store.put(resultKey(run, shard, attempt), JSON.stringify(shardResult(head, result, figures)));
      } catch (error) {
        const { sentence, remedy } = asCmsError(error);
        problem = new CmsError('STORE_FAILED', sentence, { step: 'result', remedy, cause: error });
      }
      phase = 'ended';
      reported.failure = true;
      await say(problem !== undefined);
      if (problem !== undefined) throw problem;
    }
  }

  async function requestOf(
    control: RunControl,
    vehicles: SimulationRequest['vehicles'],
  ): Promise<SimulationRequest> {
    const { drive, connectsPerSecond } = plan;
    const perSecond = connectsOf({ count: plan.shards }, connectsPerSecond);
    const now = work.clock.now();
    const startAt = control.began + ((shard - 1) * 1000) / connectsPerSecond;
    const { durationMs, ...rest } = drive;
    const late = attempt > 1 || now > startAt;
    return {
      ...rest,
      simulationId: attempt === 1 ? run : `${run}-r${attempt}`,
      generation: plan.generation,
      broker: await deps.broker(),
      routes: routesOfPlan(plan),
      vehicles: vehicles.map((vehicle, j) => ({
        ...vehicle,
        after: (j / perSecond + (shard - 1) / connectsPerSecond) * drive.speed,
      })),
      speed: control.speed,
      ...(durationMs === undefined ? {} : { durationMs: Math.max(1, control.began + durationMs - now) }),
      limits: { connectsPerSecond: perSecond },
      startAt,
      ...(late ? { clock: control.clock } : {}),
      ...{ leased: true, measured: true },
    };
  }

  /** What an earlier attempt said last counts as its result, if it left none itself. The controller keeps it, too. */
  async function keepBroken(status: ShardStatus): Promise<void> {
    if (status.startedAt === undefined) return;
    const key = resultKey(run, shard, status.attempt);
    try {
      if ((await store.get(key)) !== undefined) return;
      await store.put(key, JSON.stringify(brokenResult(plan, shard, status)));
    } catch (error) {
      work.progress({ step: 'store', level: 'warn', message: asCmsError(error).sentence });
    }
  }
}

/** Of a worker that failed before its vehicles drove. */
async function sayFailed(
  channel: Pick<WorkerChannel, 'attempt' | 'say'>,
  { clock }: Pick<Work, 'clock'>,
  error: CmsError,
  retain = true,
): Promise<void> {
  const { durations } = emptyResult();
  const status: ShardStatus = {
    ...{ attempt: channel.attempt, time: clock.now(), phase: 'failed', counts: NO_COUNTS, durations },
    ...{ problems: [], keyless: 0, problem: problemOf(error), final: isFinal(error) },
  };
  await channel.say(status, retain);
}

/** A store that cannot be read takes no note either; the run channel may be there. */
async function sayUnplanned(place: WorkerPlace, deps: WorkerDeps, error: CmsError): Promise<void> {
  if (error.code !== 'STORE_FAILED') return;
  const ignore = (): void => undefined;
  const events = { control: ignore, replaced: ignore, offline: ignore };
  const channel = await openWorkerChannel(deps.connection, place, events, deps.work, deps.opening).catch(
    () => undefined,
  );
  if (channel === undefined) return;
  // What an attempt before said last is nowhere else.
  await sayFailed(channel, deps.work, error, channel.before?.startedAt === undefined);
  await channel.close();
}

function replacedError({ run, shard, attempt }: WorkerPlace): CmsError {
  return new CmsError(
    'SHARD_REPLACED',
    l10n.t('Another attempt drives shard {shard} of {run}; attempt {attempt} ended.', {
      run,
      shard,
      attempt,
    }),
    { remedy: l10n.t('Nothing to do: the newer attempt continues.') },
  );
}

async function vehiclesOf(
  plan: Plan,
  { run, shard }: WorkerPlace,
  { store, ...deps }: WorkerDeps,
): Promise<{ vehicles: SimulationRequest['vehicles']; keyless: VehicleState[] }> {
  const planned = await readVehicles(store, run, shard);
  const fuelTypes = new Map(planned.map(({ id, fuelType }) => [id, fuelType]));
  const keyless: VehicleState[] = [];
  const { from: offset } = partOf({ number: shard, count: plan.shards }, plan.fleet);
  const vehicles = await simulatedVehicles(planned, {
    codec: deps.codecOf(plan.generation),
    certificates: deps.identities(plan.identities),
    ...{ seed: plan.seed, routes: plan.routes.length, spread: plan.spread, from: plan.from },
    powertrain: plan.powertrain,
    part: { offset, total: plan.fleet },
    fuelTypeOf: ({ id }) => fuelTypes.get(id),
    unusable: ({ vin, id }, error) => keyless.push(keylessState(vin, id, error)),
  });
  return { vehicles, keyless };
}

function keylessState(vin: string, id: string, error: CmsError): VehicleState {
  return {
    ...{ vin, id, phase: 'failed', link: 'offline', point: 0, points: 0, fraction: 0, metres: 0, trip: 0 },
    ...{ serial: 0, acknowledged: 0, unacked: 0, queued: 0, lost: 0, resent: 0, connects: 0 },
    problem: problemOf(error),
  };
}
