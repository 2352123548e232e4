import { CmsError, throwIfAborted } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { poll, type Retrying, waits } from '../../../core/retry.ts';
import type { Work } from '../../../core/work.ts';
import type { CloudRunState, CloudSimulator, RunHandle, StartedRun } from '../../contract/cloudSimulator.ts';
import type { PasswordNeed } from '../../contract/credentials.ts';
import { unlessDenied } from '../../kit/denied.ts';
import { isNotThere } from '../replies.ts';
import type { Sources } from '../sources.ts';
import type { RemoteRun, SimulationApi } from './api.ts';
import { INTERVAL, isOurs, MOST_LISTED, planRuns, tripsOf } from './plan.ts';
import type { Tasks } from './tasks.ts';
import { createTripCounts } from './tripCounts.ts';

/** Runs under way at a time, each a task that is billed. */
const MOST_RUNS = 5;
/** Vehicles start one second after the other, a task a minute after it was asked for. Milliseconds. */
const APART_MS = 1000;
const GRACE_MS = 120_000;
/** The gateway gives up after 29 seconds: a start that was not answered by then is not under way any more. */
const STARTING_MS = 35_000;
const STOPPING = { attempts: Infinity, withinMs: 120_000, backoff: waits(500, 1000, 3000) };
const APPEARING = { attempts: Infinity, withinMs: STARTING_MS, backoff: waits(1000, 2000) };
/** How often its task is looked at. Milliseconds. */
const TASK_MS = 10_000;
/** ECS may not show a task yet that was just started. Milliseconds. */
const SHOWN_MS = 60_000;
/** The clocks of this machine and of AWS may differ. Milliseconds. */
const SKEW_MS = 5 * 60_000;

/**
 * The remote simulator of the solution as the rest of the product sees it. It never ends a run by itself, and forgets it
 * after a day: the task is what is looked at and ended.
 */
export function createCloudSimulator(
  sources: Sources,
  { api, tasks, needs }: { api: SimulationApi; tasks: Tasks; needs: PasswordNeed },
): CloudSimulator {
  const counts = createTripCounts(sources);
  /** Runs that this process was to start, and has not asked for. */
  const unsent = new Set<string>();
  /** When the task of a run was last seen to run. */
  const looked = new Map<string, number>();

  /** Runs of these vehicles that were asked for about then, whose answer never came. */
  async function unanswered(run: StartedRun, signal: AbortSignal): Promise<RemoteRun[]> {
    const { from, to } = timeOf(run);
    const wanted = keyOf(run.ids);
    return (await api.runs(signal)).filter(
      ({ status, startedAt = NaN, vehicles }) =>
        status === 'running' && startedAt >= from && startedAt <= to && keyOf(vehicles) === wanted,
    );
  }

  async function handlesOf(run: StartedRun, work: Retrying): Promise<readonly RunHandle[]> {
    if (run.handle !== undefined) return [run.handle];
    const handleOf = ({ id, task }: RemoteRun): RunHandle => ({ simulation: id, task });
    const look = async () => {
      const found = await unanswered(run, work.signal);
      return found.length === 0 ? undefined : found.map(handleOf);
    };
    // It may be under way still.
    const isOld = work.clock.now() > run.startedAt + STARTING_MS;
    return (isOld ? await look() : await poll(work, APPEARING, look)) ?? [];
  }

  /**
   * What there is to say of a start that was not answered and is not in the list: that has the first fifty rows, and
   * need not say of which vehicles they are. Undefined when ECS has no task that could be it.
   */
  async function doubtOf(run: StartedRun, signal: AbortSignal): Promise<CmsError | undefined> {
    const begun = await tasks.begun(timeOf(run), signal);
    if (begun === undefined) return mayNotLook(run.id, tasks.cluster);
    if (begun.length === 0) return undefined;
    const wanted = keyOf(run.ids);
    const others = (await api.runs(signal)).filter(
      ({ vehicles }) => vehicles.length > 0 && keyOf(vehicles) !== wanted,
    );
    const left = begun.filter((task) => !others.some((other) => other.task === task));
    return left.length === 0 ? undefined : mayRun(run.id, left);
  }

  async function isRunning(
    { simulation, task }: RunHandle,
    { startedAt }: StartedRun,
    work: Retrying,
  ): Promise<boolean> {
    const seen = task === undefined ? undefined : await tasks.state(task, work.signal);
    const isNew = work.clock.now() < startedAt + SHOWN_MS;
    if (seen !== undefined && !(seen === 'missing' && isNew)) return seen === 'running';
    const found = await api.run(simulation, work.signal);
    if (found === undefined) return false;
    return found.taskStatus === undefined ? found.status === 'running' : found.taskStatus !== 'STOPPED';
  }

  async function endOne(handle: RunHandle, run: StartedRun, work: Work): Promise<void> {
    const { simulation, task } = handle;
    const ended = await poll(work, STOPPING, async () => {
      const isKnown = await api.stop(simulation, work.signal);
      if (!(await isRunning(handle, run, work))) return true;
      // What it has forgotten goes on, and is billed.
      if (!isKnown && task !== undefined) await tasks.stop(task, work.signal);
      return (await isRunning(handle, run, work)) ? undefined : true;
    });
    if (ended === undefined) throw keepsRunning(simulation);
  }

  async function refuseBusy(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (const { status, vehicles, id } of await api.runs(signal)) {
      const busy = status === 'running' ? vehicles.find((vehicle) => ids.includes(vehicle)) : undefined;
      if (busy !== undefined) throw isBusy(busy, id);
    }
  }

  return {
    needs,
    interval: { usual: INTERVAL, isFixed: true },
    caveat: l10n.t(
      'The simulator of the CMS drives made-up routes as these vehicles, with their own certificates, under the client ID <VIN>-sim. Do not simulate the same vehicles from here at the same time. Each run is a task that is billed until it is stopped: at the end, when you cancel, or by the next start after a crash. Whether this machine can connect as a vehicle is not tested.',
    ),
    mostAtOnce: MOST_LISTED * MOST_RUNS,
    plan: (drive, work) => planRuns(drive, work),

    async start(run, work) {
      unsent.add(run.id);
      const { ids = [] } = run;
      await refuseWithoutDrivers(sources, work.signal);
      await refuseBusy(ids, work.signal);
      throwIfAborted(work.signal, 'cloud-drive');
      unsent.delete(run.id);
      // Not by the signal of the work: an answer that nobody reads is a run that nobody can name. HTTP has a limit.
      const { id, task } = await api.start({ vehicles: ids, ...tripsOf(run) }, new AbortController().signal);
      // By the clock of the CMS, which the times of the trips are of.
      const within = AbortSignal.any([work.signal, AbortSignal.timeout(STARTING_MS)]);
      const remote = await api.run(id, within).catch(() => undefined);
      return { simulation: id, task, since: remote?.startedAt };
    },

    async look(run, work): Promise<CloudRunState> {
      const { handle } = run;
      if (handle === undefined) return 'gone';
      const { trips } = tripsOf(run);
      const all = await counts.of(run, work);
      if (all?.every(({ completed }) => completed >= trips) === true) return 'over';
      const now = work.clock.now();
      if (now > endOf(run)) return 'over';
      const before = looked.get(run.id);
      if (before !== undefined && now < before + TASK_MS) return 'running';
      if (!(await isRunning(handle, run, work))) {
        looked.delete(run.id);
        return 'gone';
      }
      looked.set(run.id, now);
      return 'running';
    },

    async progress(run, work) {
      const all = await counts.of(run, work);
      const { trips } = tripsOf(run);
      const done = all?.reduce((sum, { completed }) => sum + Math.min(trips, completed), 0);
      return done === undefined ? undefined : { done, of: trips * run.vins.length };
    },

    async end(run, work) {
      // What a file says is a hint: nothing else is ever ended.
      if (!isOurs(run.id)) throw notOurs(run.id);
      if (run.handle === undefined && unsent.has(run.id)) return undefined;
      const handles = await handlesOf(run, work);
      for (const handle of handles) await endOne(handle, run, work);
      return handles.length > 0 ? undefined : doubtOf(run, work.signal);
    },

    async arrived(run, signal) {
      const all = await counts.now(run, signal);
      return all?.filter(({ begun }) => begun > 0).length;
    },
  };
}

/** When its task can have been asked for, by the clock of the CMS; milliseconds since 1970. */
function timeOf({ startedAt }: StartedRun): { from: number; to: number } {
  return { from: startedAt - SKEW_MS, to: startedAt + STARTING_MS + SKEW_MS };
}

function keyOf(ids: readonly string[] = []): string {
  return [...ids].sort().join();
}

/** When a run is to be ended at the latest; milliseconds since 1970. */
function endOf({ startedAt, duration, vins }: StartedRun): number {
  return startedAt + duration * 1000 + vins.length * APART_MS + GRACE_MS;
}

async function refuseWithoutDrivers({ api, store }: Sources, signal: AbortSignal): Promise<void> {
  let count: number | undefined;
  try {
    count = (await api.drivers({ size: 1 }, signal)).items.length;
  } catch (error) {
    if (!isNotThere(error)) throw error;
    count = await unlessDenied(store.count('drivers', 1, signal));
  }
  if (count !== 0) return;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The CMS has no drivers: its simulator ends each vehicle at the start of its first trip.'),
    { remedy: l10n.t('Seed them in the folder of the solution: make seed-drivers.') },
  );
}

function isBusy(vehicle: string, simulation: string): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('{vehicle} is in the simulation {simulation} of the CMS, which is running.', {
      ...{ vehicle, simulation },
    }),
    { remedy: l10n.t('Stop it first: in the web page of the CMS, or with --end-left if it is from here.') },
  );
}

function notOurs(id: string): CmsError {
  return new CmsError('REQUEST_INVALID', l10n.t('{id} is not a simulation of this tool.', { id }), {
    remedy: l10n.t('Stop it in the web page of the CMS.'),
  });
}

function keepsRunning(id: string): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The simulator of CMS was told to stop {id}, and still runs it.', { id }),
    { remedy: l10n.t('Try again in a minute, or stop its task in ECS: it is billed until then.') },
  );
}

function mayRun(id: string, tasks: readonly string[]): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t(
      'The start of {id} was never answered. If one of these tasks in ECS is yours, stop it, because it is billed until then: {tasks}',
      { id, tasks: tasks.join(', ') },
    ),
  );
}

function mayNotLook(id: string, cluster: string): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t(
      'The start of {id} was never answered, and you may not list the tasks in ECS (ecs:ListTasks). One may be running in the cluster {cluster}: look there, because it is billed until it is stopped.',
      { id, cluster },
    ),
  );
}
