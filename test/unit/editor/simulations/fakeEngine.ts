import { CmsError } from '../../../../src/core/errors.ts';
import type { RunningSimulation } from '../../../../src/device/client/startSimulation.ts';
import type { SimulationControl } from '../../../../src/protocol/control.ts';
import type {
  AcknowledgedMessage,
  SimulationRequest,
  SimulationTotals,
  SimulationUpdate,
  VehicleState,
} from '../../../../src/protocol/simulation.ts';
import { SimulationRun } from '../../../../src/editor/simulations/run.ts';
import type { RunEvents, RunPlan, StartEngine } from '../../../../src/editor/simulations/runPlan.ts';
import { l10n } from '../../../../src/core/message.ts';

export function vehicle(vin: string, more: Partial<VehicleState> = {}): VehicleState {
  return {
    vin,
    id: vin,
    phase: 'driving',
    link: 'online',
    point: 12,
    points: 248,
    fraction: 0.05,
    metres: 3100,
    trip: 1,
    serial: 7,
    acknowledged: 7,
    unacked: 0,
    queued: 0,
    lost: 0,
    resent: 0,
    connects: 1,
    ...more,
  };
}

export function totalsOf(vehicles: number, more: Partial<SimulationTotals> = {}): SimulationTotals {
  return {
    vehicles,
    online: vehicles,
    ended: 0,
    failed: 0,
    acknowledged: 7,
    unacked: 0,
    queued: 0,
    lost: 0,
    resent: 0,
    messagesPerSecond: vehicles,
    lag: { p50: 0, p99: 1, max: 1 },
    ack: { p50: 2, p99: 4, max: 4 },
    ...more,
  };
}

export function message(
  vin: string,
  serial: number,
  more: Partial<AcknowledgedMessage> = {},
): AcknowledgedMessage {
  return {
    vin,
    serial,
    topic: `dt/cvra/${vin}/cardata`,
    type: 'sample',
    time: Date.parse('2026-01-05T10:00:00Z') + serial * 1000,
    ackMs: 3,
    ...(more.type === undefined || more.type === 'sample'
      ? { place: { latitude: 48.1, longitude: 11.5, heading: 90, speed: 10, odometer: 1000, fuel: 40 } }
      : {}),
    ...more,
  };
}

export const crash = (): CmsError =>
  new CmsError('DEVICE_PROCESS_FAILED', l10n.verbatim('The device process ended: signal SIGKILL.'));

/** A run on an engine that does what the test says. */
export interface FakeRun {
  run: SimulationRun;
  controls: SimulationControl[];
  /** What was told to the keeper of the run, in order. */
  told: string[];
  signal: AbortSignal;
  update: (vehicles: VehicleState[], more?: Partial<SimulationUpdate>) => void;
  end: (vehicles: VehicleState[], totals?: Partial<SimulationTotals>) => Promise<void>;
  fail: (error: unknown) => Promise<void>;
}

export function fakeRun(
  vins: readonly string[],
  options: { request?: Partial<SimulationRequest>; recording?: RunPlan['recording']; left?: boolean } = {},
): FakeRun {
  const request: SimulationRequest = {
    simulationId: 'run-1',
    generation: 'cdf',
    broker: { host: 'localhost', port: 8883, rootCaPem: 'root' },
    routes: [
      {
        name: 'Ring',
        points: [
          { latitude: 48, longitude: 11 },
          { latitude: 48, longitude: 11.1 },
        ],
      },
    ],
    vehicles: vins.map((vin, seed) => ({
      vin,
      id: vin,
      thingName: vin,
      identity: { certificatePem: 'certificate', privateKeyPem: 'secret-key' },
      seed,
    })),
    ...options.request,
  };
  const told: string[] = [];
  const controls: SimulationControl[] = [];
  let push: (update: SimulationUpdate) => void = () => undefined;
  let resolve: (result: Awaited<RunningSimulation['ended']>) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  let signal = new AbortController().signal;
  const start: StartEngine = (_request, update, given) => {
    push = update;
    signal = given;
    const ended = new Promise<Awaited<RunningSimulation['ended']>>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return {
      ended,
      control: (control: SimulationControl) => void controls.push(control),
      keep: () => Promise.resolve(),
      gauges: () => undefined,
      resumption: () => (options.left === false ? undefined : { ...request, simulationId: 'run-1-r2' }),
    } as unknown as RunningSimulation;
  };
  const events: RunEvents = {
    changed: ({ state }) => void told.push(`changed ${state}`),
    updated: () => void told.push('updated'),
    vehiclesFailed: (_run, vehicles) => void told.push(`failed ${vehicles.map(({ vin }) => vin).join(',')}`),
    kept: () => void told.push('kept'),
    over: ({ state }) => void told.push(`over ${state}`),
    recordingFailed: (_run, problem) => void told.push(`recording ${problem.code}`),
  };
  const ref = { connectionId: 'sandbox', stack: 'cms-dev1' };
  const plan = { title: `${vins.join(',')} · Ring`, ref, request };
  const { recording } = options;
  let now = 0;
  const run = new SimulationRun(
    recording === undefined ? plan : { ...plan, recording },
    events,
    start,
    () => ++now,
  );
  return {
    run,
    controls,
    told,
    get signal() {
      return signal;
    },
    update: (vehicles, more = {}) =>
      push({ totals: totalsOf(vins.length), vehicles, messages: [], omitted: 0, ...more }),
    end: async (vehicles, totals = {}) => {
      const durations = { lag: { buckets: [], max: 0 }, ack: { buckets: [], max: 0 } };
      resolve({ totals: totalsOf(vins.length, totals), vehicles, durations });
      await run.finished;
    },
    fail: async (error) => {
      reject(error);
      await run.finished;
    },
  };
}
