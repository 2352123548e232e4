import type { Message } from '../../core/message.ts';
import { sentenceOf } from '../../core/errors.ts';
import { unlessAborted } from '../../core/shared.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { SimulationSummary, ToolSimulations } from '../../automation/host.ts';
import type { DeviceProcess } from '../../device/client/deviceProcess.ts';
import { type RunningSimulation, startSimulation } from '../../device/client/startSimulation.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import { type DriveFigures, DriveMeter } from '../../text/driveSummary.ts';

interface Run {
  where: Message;
  /** What the CMS knows its vehicles by. */
  ids: ReadonlySet<string>;
  running: RunningSimulation;
  state: SimulationSummary['state'];
  drive: DriveFigures | undefined;
  problem: Message | undefined;
  /** Called with each update. */
  heard: Set<() => void>;
  /** Never rejects. */
  over: Promise<void>;
}

/** Simulations of one server: they end with it. */
export class Runs implements ToolSimulations {
  readonly #runs: Run[] = [];
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  start(request: SimulationRequest, device: DeviceProcess, { where }: { where: Message }): Promise<void> {
    const meter = new DriveMeter();
    const heard = new Set<() => void>();
    const update: Parameters<typeof startSimulation>[2]['update'] = (news) => {
      meter.add(news);
      for (const look of heard) look();
    };
    // A signal would cut connections: `close` ends the trips instead, so that the last messages still arrive.
    const work = { ...this.#work, signal: new AbortController().signal, progress: () => undefined };
    const running = startSimulation(device, request, { update }, work);
    const run: Run = {
      ...{ where, running, heard, state: 'running', drive: undefined, problem: undefined },
      ids: new Set(request.vehicles.map(({ id }) => id)),
      over: running.ended.then(
        ({ totals, vehicles }) => {
          run.drive = meter.figures(totals, vehicles);
          run.state = totals.failed === totals.vehicles ? 'failed' : 'ended';
        },
        (error: unknown) => {
          run.problem = sentenceOf(error);
          run.state = 'failed';
        },
      ),
    };
    this.#runs.push(run);
    return Promise.resolve();
  }

  isDriving({ id }: VehicleRef): boolean {
    return this.#runs.some(({ state, ids }) => state === 'running' && ids.has(id));
  }

  list(): SimulationSummary[] {
    return this.#runs.map(({ where, running, state, drive, problem }) => ({
      ...{ simulationId: running.simulationId, where, state, drive, problem },
      ...{ vehicles: [...running.vehicles.values()], totals: running.totals },
    }));
  }

  async stop(simulationId: string, signal: AbortSignal): Promise<void> {
    const run = this.#runs.find(({ running }) => running.simulationId === simulationId);
    run?.running.stop();
    await unlessAborted(run?.over ?? Promise.resolve(), signal);
  }

  async endTrips({ id }: VehicleRef, _place: unknown, signal: AbortSignal): Promise<void> {
    const busy = this.#runs.filter(({ state, ids }) => state === 'running' && ids.has(id));
    await unlessAborted(Promise.all(busy.map((run) => endTrip(run, id))), signal);
  }

  /** Ends all trips and waits for their last messages. */
  async close(): Promise<void> {
    const active = this.#runs.filter(({ state }) => state === 'running');
    for (const { running } of active) running.stop();
    await Promise.all(active.map(({ over }) => over));
  }
}

/** Ends the trip of one vehicle and waits for its last message. */
async function endTrip({ running, heard, over }: Run, id: string): Promise<void> {
  const isOver = (): boolean => ['ended', 'failed'].includes(running.vehicles.get(id)?.phase ?? '');
  if (isOver()) return;
  let look = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    look = () => {
      if (isOver()) resolve();
    };
    heard.add(look);
  });
  running.stop([id]);
  await Promise.race([ended, over]);
  heard.delete(look);
}
