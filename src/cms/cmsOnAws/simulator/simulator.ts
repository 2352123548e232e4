import { ListThingsCommand } from '@aws-sdk/client-iot';
import { calling } from '../../../aws/calls.ts';
import type { Connection } from '../../../aws/connection.ts';
import { CmsError, isCmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { poll, type Retrying, waits } from '../../../core/retry.ts';
import type { CloudRunState, CloudSimulator, StartedRun } from '../../contract/cloudSimulator.ts';
import { isDenied } from '../../kit/denied.ts';
import { isAnyStored } from '../newestObject.ts';
import type { Simulation, SimulatorApi } from './api.ts';
import { simulatedTopic, typesOf } from './deviceType.ts';
import { isOurs, MOST_DEVICES, planRuns } from './plan.ts';

/** It makes a thing, a certificate and a secret of each device first, and takes them away at the end. Milliseconds. */
const GRACE_MS = 120_000;
/** A stop walks through all things of the account: the work goes on for a minute after its answer is lost. */
const STOPPING = { attempts: Infinity, withinMs: 120_000, backoff: waits(500, 1000, 2000) };
/** A start whose answer never came may still be on its way to the simulator. Milliseconds. */
const STARTING_MS = 5000;
/** So long after a start the things of its devices are all there. Milliseconds. */
const FIRST_MS = 60_000;
const RUNNING = 'running';

export interface SimulatorSources {
  readonly connection: Connection;
  readonly api: SimulatorApi;
  /** Undefined where the app stores no telemetry. */
  readonly bucket: string | undefined;
}

/** The simulator of the solution as the rest of the product sees it; what it does wrong is kept away here. */
export function createCloudSimulator({ connection, api, bucket }: SimulatorSources): CloudSimulator {
  // One page of a scan: a simulation that is not in it may be there all the same, and run.
  const find = async (id: string, work: Retrying): Promise<Simulation | undefined> =>
    (await api.simulations(work)).find(({ sim_id: each }) => each === id);
  /** What became of the starts of this process. */
  const starts = new Map<string, 'not sent' | 'sent' | 'answered'>();

  async function look(run: StartedRun, work: Retrying): Promise<CloudRunState> {
    const found = await find(run.id, work);
    const ends = endOf(run);
    const now = work.clock.now();
    const late = now > ends + GRACE_MS ? 'failed' : 'running';
    if (found?.stage === RUNNING) return late;
    // The first device that ends puts the whole run to sleep; the others go on.
    const left = await devicesLeft(connection, run.id, work.signal);
    if (left === undefined) return now > ends ? 'over' : 'running';
    if (left > 0) return late;
    if (found !== undefined || now > ends) return 'over';
    return now > run.startedAt + FIRST_MS ? 'gone' : 'running';
  }

  /** False if the simulator refuses it, as it does for what it does not know. */
  async function mayStop(id: string, work: Retrying): Promise<boolean> {
    try {
      await api.stop(id, work);
      return true;
    } catch (error) {
      if (isCmsError(error) && error.code === 'CMS_REQUEST_REFUSED') return false;
      throw error;
    }
  }

  return {
    needs: api.needs,
    caveat: l10n.t(
      'The simulator of CMS sends random values without positions, under the VINs of these vehicles, and they stay in the store. It sends with its own AWS permissions, as things of its own: the certificates and policies of your vehicles, and TLS, are not tested.',
    ),
    interval: { usual: 5, isFixed: false },
    mostAtOnce: MOST_DEVICES,
    plan: (drive, work) => planRuns(drive, work),

    async start(run, work) {
      starts.set(run.id, 'not sent');
      const others = (await api.simulations(work)).filter(
        ({ stage, sim_id: id }) => stage === RUNNING && id !== run.id,
      );
      const wanted = new Set(run.vins);
      for (const { name, devices } of others) {
        const busy = devices.find((device) => wanted.has(device.name));
        if (busy !== undefined) throw isBusy(busy.name, name);
      }
      const types = typesOf(run);
      for (const type of types) await api.putType(type, work);
      await api.putSimulation({ ...run, types }, work);
      starts.set(run.id, 'sent');
      try {
        await api.start(run.id, work);
      } catch (error) {
        // Its answer may have been lost on the way: the stage tells.
        if ((await find(run.id, work))?.stage !== RUNNING) throw error;
      }
      starts.set(run.id, 'answered');
      return undefined;
    },

    look,

    async end(run, work) {
      // What a file says is a hint: nothing else is ever ended.
      if (!isOurs(run.id)) throw notOurs(run.id);
      const start = starts.get(run.id);
      // Nothing of a start that was never sent can come.
      let isTold = start === 'not sent';
      let isUnknown = false;
      if (!isTold && (start !== 'answered' || (await find(run.id, work)) === undefined)) {
        isUnknown = !(await mayStop(run.id, work));
        isTold = true;
        await work.clock.sleep(STARTING_MS, work.signal);
      }
      const isQuiet = async (): Promise<boolean> => {
        const found = await find(run.id, work);
        if (found?.stage === RUNNING) return false;
        const left = await devicesLeft(connection, run.id, work.signal);
        if (left === undefined) return found !== undefined || isTold;
        // What a run left that failed, the simulator takes away only while it knows the simulation.
        const isLost = isUnknown && found === undefined && work.clock.now() > endOf(run) + GRACE_MS;
        return left === 0 || isLost;
      };
      if (!(await isQuiet())) {
        const ended = await poll(work, STOPPING, async () => {
          if (await isQuiet()) return true;
          await api.stop(run.id, work);
          return (await isQuiet()) ? true : undefined;
        });
        if (ended === undefined) throw keepsRunning(run.id);
      }
      // First the simulation: without its types it could not be read any more. What is not there is deleted as well.
      await api.deleteSimulation(run.id, work);
      for (const { type_id: id } of typesOf(run)) await api.deleteType(id, work);
      return undefined;
    },

    async arrived(run, signal) {
      if (bucket === undefined) return undefined;
      try {
        let count = 0;
        for (const vin of run.vins) {
          const shelf = { bucket, topic: simulatedTopic(vin) };
          if (await isAnyStored(connection, shelf, run.startedAt, signal)) count += 1;
        }
        return count;
      } catch (error) {
        if (isDenied(error)) return undefined;
        throw error;
      }
    },
  };
}

/** When a run is to have ended by itself; milliseconds since 1970. */
function endOf({ startedAt, duration, interval }: StartedRun): number {
  return startedAt + (duration + interval) * 1000;
}

/** How many devices of a run there still are; undefined if that may not be looked at. */
async function devicesLeft(
  connection: Connection,
  id: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const iot = await connection.iot();
  const command = new ListThingsCommand({
    ...{ attributeName: 'simulation_id', attributeValue: id, maxResults: MOST_DEVICES },
  });
  try {
    const { things = [] } = await calling(l10n.t('looking for the things of the simulation'), () =>
      iot.send(command, { abortSignal: signal }),
    );
    return things.length;
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

function isBusy(vin: string, simulation: string): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('{vin} is in the simulation {simulation} of CMS, which is running.', { vin, simulation }),
    {
      remedy: l10n.t(
        'Wait for its end or stop it in the console of the simulator: two runs with one name end each other.',
      ),
    },
  );
}

function notOurs(id: string): CmsError {
  return new CmsError('REQUEST_INVALID', l10n.t('{id} is not a simulation of this tool.', { id }), {
    remedy: l10n.t('Stop it in the console of the simulator.'),
  });
}

function keepsRunning(id: string): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The simulator of CMS was told to stop {id}, and still runs it.', { id }),
    { remedy: l10n.t('Try again in a minute, or stop it in the console of the simulator.') },
  );
}
