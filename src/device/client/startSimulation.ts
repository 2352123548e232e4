import { defined } from '../../core/defined.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import type {
  AcknowledgedMessage,
  SimulationRequest,
  SimulationResult,
  SimulationTotals,
  SimulationUpdate,
  VehicleState,
} from '../../protocol/simulation.ts';
import type { DeviceProcess, Keep } from './deviceProcess.ts';

export interface SimulationHandlers {
  /** Called up to ten times a second. */
  update?(update: SimulationUpdate): void;
}

/** Odometer in meters, fuel in liters, charge of an electric car as a fraction [0, 1]. */
export type VehicleGauges = Pick<NonNullable<AcknowledgedMessage['place']>, 'odometer' | 'fuel' | 'charge'>;

/** A running simulation, as a front end sees it. Methods apply to the vehicles with these ids, or to all. */
export interface RunningSimulation {
  readonly simulationId: string;
  /** The last state of each vehicle, by its id. */
  readonly vehicles: ReadonlyMap<string, VehicleState>;
  /** Undefined before the first update. */
  readonly totals: SimulationTotals | undefined;
  /** The gauges last reported by the vehicle, for resuming its drive; undefined before its first report. */
  gauges(id: string): VehicleGauges | undefined;
  pause(ids?: string[]): void;
  resume(ids?: string[]): void;
  /** Sets the time lapse: 0.1 to 20 times as fast as real time. */
  setSpeed(factor: number, ids?: string[]): void;
  /** Jumps to a fraction [0, 1] of the route. */
  jumpTo(fraction: number, ids?: string[]): void;
  /** Reports a trouble code such as P0217 now. */
  reportTrouble(code: string, ids?: string[]): void;
  /** Sends any control. The methods above are shortcuts for the common ones. */
  control(control: SimulationControl): void;
  /** Ends the trips of these vehicles with their summaries. Without ids, ends the simulation. */
  stop(ids?: string[]): void;
  /** Lets it go on when this program ends. Throws CmsError when it is over, or cannot. */
  keep: Keep;
  /**
   * Resolves when every vehicle has ended or failed. Throws CmsError CANCELLED, or DEVICE_PROCESS_FAILED when the
   * process died: `resumption` then returns a request for continuing.
   */
  readonly ended: Promise<SimulationResult>;
  /**
   * A request that continues from the last known state, as a new run with new trips, without the vehicles that had
   * ended. Undefined if all had ended.
   */
  resumption(): SimulationRequest | undefined;
}

/** Starts a simulation in the device process, which is started if necessary. */
export function startSimulation(
  device: DeviceProcess,
  request: SimulationRequest,
  handlers: SimulationHandlers,
  work: Work,
): RunningSimulation {
  return runningSimulation(
    request.simulationId,
    (told) => device.simulate(request, told, work),
    handlers,
    work,
    request,
  );
}

type Told = Parameters<DeviceProcess['simulate']>[1];

/**
 * A simulation, whoever runs it.
 * @param whole with which it can be continued after a crash, if that is known
 */
export function runningSimulation(
  simulationId: string,
  simulate: (told: Told) => Promise<SimulationResult>,
  handlers: SimulationHandlers,
  work: Pick<Work, 'clock'>,
  whole?: SimulationRequest,
): RunningSimulation {
  const vehicles = new Map<string, VehicleState>();
  const gauges = new Map<string, VehicleGauges>();
  const startedAt = work.clock.now();
  let totals: SimulationTotals | undefined;
  let send: (control: SimulationControl) => void = () => undefined;
  let keep: Keep = () =>
    Promise.reject(new CmsError('REQUEST_INVALID', l10n.t('This simulation cannot be kept.')));

  const ended = simulate({
    update(update) {
      totals = update.totals;
      for (const state of update.vehicles) vehicles.set(state.id, state);
      for (const { vin, id = vin, place } of update.messages) {
        if (place === undefined) continue;
        const { odometer, fuel, charge } = place;
        gauges.set(id, defined({ odometer, fuel, charge }));
      }
      handlers.update?.(update);
    },
    steer: (steer) => (send = steer),
    keeper: (keeper) => (keep = keeper),
  }).then((result) => {
    totals = result.totals;
    for (const state of result.vehicles) vehicles.set(state.id, state);
    return result;
  });

  function resumption(): SimulationRequest | undefined {
    if (whole === undefined) return undefined;
    const request = whole;
    const left = request.vehicles.flatMap((vehicle) => {
      const state = vehicles.get(vehicle.id);
      if (state?.phase === 'ended' || state?.phase === 'failed') return [];
      if (state === undefined) return [vehicle];
      return [{ ...vehicle, from: state.fraction, ...gauges.get(vehicle.id) }];
    });
    if (left.length === 0) return undefined;
    const { durationMs } = request;
    const remaining =
      durationMs === undefined ? undefined : Math.max(1, durationMs - (work.clock.now() - startedAt));
    return {
      ...request,
      vehicles: left,
      simulationId: nextId(request.simulationId),
      ...defined({ durationMs: remaining }),
    };
  }

  const endedWithRemedy = ended.catch((error: unknown) => {
    throw withRemedy(error);
  });
  // Callers that do not await `ended` need not handle its failure.
  endedWithRemedy.catch(() => undefined);
  return {
    simulationId,
    vehicles,
    get totals() {
      return totals;
    },
    gauges: (id) => gauges.get(id),
    pause: (ids) => send({ do: 'pause', ...defined({ ids }) }),
    resume: (ids) => send({ do: 'resume', ...defined({ ids }) }),
    setSpeed: (factor, ids) => send({ do: 'speed', factor, ...defined({ ids }) }),
    jumpTo: (to, ids) => send({ do: 'jump', to, ...defined({ ids }) }),
    reportTrouble: (code, ids) => send({ do: 'dtc', code, ...defined({ ids }) }),
    stop: (ids) => send({ do: 'stop', ...defined({ ids }) }),
    control: (control) => send(control),
    keep: (order) => keep(order),
    ended: endedWithRemedy,
    resumption,
  };

  function withRemedy(error: unknown): unknown {
    if (!isCmsError(error) || error.code !== 'DEVICE_PROCESS_FAILED') return error;
    const reached = [...vehicles.values()].map(({ fraction }) => fraction);
    const least = Math.min(1, ...reached);
    const remedy =
      resumption() === undefined
        ? error.remedy
        : l10n.t(
            'What was acknowledged is in the cloud. Run it again from the start, or resume it: it continues, as a new trip, where each vehicle was last seen.',
          );
    return new CmsError('DEVICE_PROCESS_FAILED', error.sentence, {
      step: 'simulate',
      ...defined({ remedy }),
      details: { ...error.details, reached: reached.length === 0 ? 0 : Math.floor(least * 1000) / 1000 },
      cause: error,
    });
  }
}

/** Creates the id of a run. Each run needs its own, because its serials start at 1. */
export function newSimulationId(now: number): string {
  return `run-${new Date(now).toISOString().replaceAll(/[-:.]/g, '')}`;
}

/** `run` → `run-r2` → `run-r3`: a new id, because the serials start at 1 again. */
function nextId(id: string): string {
  const [, name = id, number = '1'] = /^(.*?)(?:-r(\d+))?$/.exec(id) ?? [];
  return `${name}-r${Number(number) + 1}`;
}
