import type {
  CloudDrive,
  CloudRun,
  CloudRunState,
  CloudSimulator,
  StartedRun,
} from '../cms/contract/cloudSimulator.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import { CmsError, isCancelled, sentenceOf, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { CloudJournal, SimulatorPlace } from './cloudJournal.ts';
import { notPossible } from './onboard.ts';

/** What there is to say of a run while it is under way, and what became of it. */
export interface CloudRunReport {
  readonly run: CloudRun;
  readonly state: 'waiting' | 'running' | 'ending' | 'over' | 'stopped' | 'failed';
  /** Of its vehicles, those whose telemetry the CMS has; undefined before its end, and where nobody may look. */
  readonly arrived: number | undefined;
  readonly problem: unknown;
  /** Trips that are done, of those asked for; undefined where that is not known. */
  readonly progress?: { readonly done: number; readonly of: number } | undefined;
}

export interface CloudDriveDeps {
  readonly deployment: Deployment;
  readonly place: SimulatorPlace;
  readonly journal: CloudJournal;
  /** Hears of every change, with all runs. */
  readonly told?: (runs: readonly CloudRunReport[]) => void;
}

/** How often the simulator is asked. Milliseconds. */
const LOOK_MS = 2000;
/** So long a run may take to be ended when the work was cancelled. */
const END_MS = 180_000;

/** @throws CmsError REQUEST_INVALID if the CMS brings none, or its stack is not deployed */
export function simulatorOf(deployment: Deployment): CloudSimulator {
  const { cloudSimulator } = deployment;
  if (cloudSimulator === undefined) throw notPossible(deployment, 'cloudDrive');
  return cloudSimulator;
}

/**
 * Ends the runs that an earlier process started and did not live to end. One of which nobody can tell whether it began
 * is said, stays noted, and keeps nobody from driving.
 * @returns how many were ended, and of how many that is not known
 */
export async function endLeftRuns(
  { deployment, place, journal }: CloudDriveDeps,
  work: Work,
): Promise<{ ended: number; unknown: number }> {
  const simulator = simulatorOf(deployment);
  let unknown = 0;
  const left = await journal.left(place);
  for (const run of left) {
    const message = l10n.t('Ending the simulation {id} of CMS, which an earlier run left behind', {
      id: run.id,
    });
    work.progress({ step: 'cloud-drive', level: 'warn', message });
    const doubt = await simulator.end(run, work);
    if (doubt === undefined) {
      await journal.forget(run.id);
      continue;
    }
    unknown += 1;
    work.progress({ step: 'cloud-drive', level: 'warn', message: doubt.sentence });
  }
  return { ended: left.length - unknown, unknown };
}

/**
 * Has the simulator of a CMS send for vehicles, in as many runs as its limits make necessary, and stays until the last
 * has ended. Whatever was started is ended: at the end, when the work is cancelled or fails, and by whoever comes next
 * after a crash.
 * @throws CmsError of the first call that failed, after the runs were ended; CANCELLED likewise
 */
export async function driveInCloud(
  drive: CloudDrive,
  deps: CloudDriveDeps,
  work: Work,
): Promise<readonly CloudRunReport[]> {
  const { deployment, place, journal, told } = deps;
  const simulator = simulatorOf(deployment);
  const reports = new Map<string, CloudRunReport>();
  const say = (run: CloudRun, change: Partial<CloudRunReport>): void => {
    const before = reports.get(run.id) ?? { run, state: 'waiting', arrived: undefined, problem: undefined };
    reports.set(run.id, { ...before, ...change });
    told?.([...reports.values()]);
  };
  const waiting = [...simulator.plan(drive, work)];
  for (const run of waiting) say(run, {});
  // A wrong password is found before anything is noted or started.
  await deployment.signIn(simulator.needs, work.signal);
  await endLeftRuns(deps, work);
  const running: StartedRun[] = [];
  const underWay = (): number => running.reduce((sum, { vins }) => sum + vins.length, 0);

  async function startNext(): Promise<void> {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (running.length > 0 && underWay() + next.vins.length > simulator.mostAtOnce) return;
      waiting.shift();
      const run: StartedRun = { ...next, startedAt: work.clock.now() };
      running.push(run);
      await journal.note(place, run);
      const handle = await simulator.start(run, work);
      if (handle !== undefined) {
        const named = { ...run, handle };
        running[running.indexOf(run)] = named;
        await journal.note(place, named);
      }
      say(next, { state: 'running' });
    }
  }

  async function finish(run: StartedRun, state: 'over' | 'stopped' | 'failed', ending: Work): Promise<void> {
    say(run, { state: 'ending' });
    const doubt = await simulator.end(run, ending);
    if (doubt !== undefined) throw doubt;
    await journal.forget(run.id);
    running.splice(running.indexOf(run), 1);
    say(run, { state });
  }

  try {
    while (waiting.length + running.length > 0) {
      await startNext();
      await work.clock.sleep(LOOK_MS, work.signal);
      for (const run of [...running]) {
        const state = await simulator.look(run, work);
        if (state === 'running') {
          const progress = await simulator.progress?.(run, work);
          if (progress?.done !== reports.get(run.id)?.progress?.done) say(run, { progress });
          continue;
        }
        const arrived = await simulator.arrived(run, work.signal);
        say(run, { arrived });
        await finish(run, endOf(state), work);
      }
    }
    return [...reports.values()];
  } catch (error) {
    for (const run of [...running]) {
      // The work may have been cancelled: each ending has a bound of its own.
      const ending = { ...work, signal: AbortSignal.timeout(END_MS) };
      try {
        await finish(run, isCancelled(error) ? 'stopped' : 'failed', ending);
      } catch (problem) {
        say(run, { state: 'failed', problem });
        const problems = [problem];
        await journal.giveUp(place, run).catch((unwritten: unknown) => problems.push(unwritten));
        const left = l10n.t('The simulation {id} of CMS could not be ended; the next start tries again.', {
          id: run.id,
        });
        const message = l10n.list([left, ...problems.map(sentenceOf)], 'sentences');
        work.progress({ step: 'cloud-drive', level: 'warn', message });
      }
    }
    throwIfAborted(work.signal, 'cloud-drive');
    throw error;
  }
}

function endOf(state: Exclude<CloudRunState, 'running'>): 'over' | 'stopped' | 'failed' {
  switch (state) {
    case 'over':
      return 'over';
    case 'failed':
      return 'failed';
    case 'gone':
      // Somebody deleted it in the console.
      return 'stopped';
  }
}

/** The error of a drive of which nothing, or not everything, came to its end. */
export function failedRuns(reports: readonly CloudRunReport[]): CmsError | undefined {
  const failed = reports.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return undefined;
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.plural(
      failed.length,
      l10n.t('A run of the simulator of CMS did not end on its own, and was stopped.'),
      l10n.t('{count} runs of the simulator of CMS did not end on their own, and were stopped.', {
        count: failed.length,
      }),
    ),
    {
      step: 'cloud-drive',
      remedy: l10n.t('Try fewer vehicles, a longer interval or a shorter time.'),
    },
  );
}
