import type { Context } from '../../../kernel/context.ts';
import type { Json } from '../../../kit/json.ts';
import { arnOf } from '../../../kit/partition.ts';
import type { Data } from '../data.ts';
import { textOf } from '../rows.ts';
import { messageOf, type RunConfig } from './drive.ts';

/** One vehicle of a run: a thread of its task. Times in ms. */
export interface RunVehicle {
  readonly vehicleId: string;
  readonly vin: string;
  /** When it does the next thing. */
  readonly nextAt: number;
  /** The trip it is on, from 0, and the point of it; behind the last trip it is present for ever. */
  readonly trip: number;
  readonly point: number;
  readonly driverId?: string;
  readonly isPresent?: boolean;
  readonly presentAt?: number;
  /** Why its thread ended; the run says nothing of it. */
  readonly ended?: string;
}

/** A task of the cluster. */
export interface Run {
  readonly id: string;
  readonly taskArn: string;
  readonly startedAt: number;
  readonly config: RunConfig;
  readonly vehicles: readonly RunVehicle[];
  readonly output: readonly { readonly timestamp: number; readonly message: string }[];
}

/** What the worker of the simulation does with the rest of the deployment. */
export interface Worker {
  /** Whether the vehicle's certificate lets a client of this id connect, and publish to a topic; why not. */
  mayPublish(vehicleId: string, vin: string, clientId: string, topic: string): string | undefined;
  /** Whether it may hear commands. */
  mayHear(vehicleId: string, clientId: string, vin: string): boolean;
  /** Publishes to the rule. */
  publish(rule: string, vehicleId: string, clientId: string, message: Json): void;
  answerCommand(payload: Json): void;
}

export interface Runs {
  start(id: string, config: RunConfig, vehicles: readonly { vehicleId: string; vin: string }[]): Run;
  /** Ends the task. */
  stop(id: string): void;
  /** A task that runs. */
  get(id: string): Run | undefined;
  all(): Run[];
  /** Goes on with what is due. Called every second. */
  tick(): void;
  /** A command for a vehicle. */
  onCommand(command: { commandId: string; commandName: string; vehicleId: string; value?: unknown }): void;
}

/** Vehicles of a run start one after the other. */
const APART_MS = 1000;
const STEP_MS = 15_000;
const PRESENCE_MS = 60_000;
const MOST_OUTPUT = 100;

export function createRuns(context: Context, data: Data, worker: Worker, supported: readonly string[]): Runs {
  const runs = context.store.table<Run>(`cm-guidance.runs/${data.stage}`);

  function say(run: Run, message: string): Run {
    const line = { timestamp: data.now(), message };
    return { ...run, output: [...run.output, line].slice(-MOST_OUTPUT) };
  }

  /** Subscribes, and writes straight into the table of vehicles; only when all it subscribes to is granted. */
  function present(vehicle: RunVehicle): RunVehicle {
    const { vehicleId, vin } = vehicle;
    const isPresent = worker.mayHear(vehicleId, `${vin}-sim`, vin);
    if (isPresent) {
      data
        .storage('vehicles')
        .update({ vehicleId }, { connectionStatus: 'connected', lastSeenAt: data.now() });
    }
    return { ...vehicle, isPresent, presentAt: data.now() };
  }

  function step(run: Run, vehicle: RunVehicle): { vehicle: RunVehicle; line?: string } {
    const { config } = run;
    const { vehicleId, vin, trip, point } = vehicle;
    const clientId = `${vin}-sim`;
    const end = (ended: string) => ({ vehicle: { ...vehicle, ended }, line: `${vin}: ${ended}` });
    const topic = `$aws/rules/${config.rule}/${vehicleId}`;
    const refused = worker.mayPublish(vehicleId, vin, clientId, topic);
    if (refused !== undefined) return end(refused);
    const isDue = data.now() - (vehicle.presentAt ?? 0) >= PRESENCE_MS;
    const there = isDue ? present(vehicle) : vehicle;
    // Behind the last trip it stays, until the task is stopped.
    if (trip >= config.trips) return { vehicle: { ...there, nextAt: data.now() + PRESENCE_MS } };
    let { driverId } = vehicle;
    if (point === 0) {
      const drivers = data.storage('drivers').all();
      if (drivers.length === 0) return end('Drivers table is empty');
      const assigned = drivers.find(({ assignedVehicleId }) => assignedVehicleId === vehicleId);
      driverId = config.driverId ?? textOf((assigned ?? drivers[trip % drivers.length])?.driverId);
    }
    const message = messageOf(config, { vehicleId, trip, point, driverId, now: data.now() });
    worker.publish(config.rule, vehicleId, clientId, message);
    const isLast = point + 1 >= config.points;
    return {
      vehicle: {
        ...there,
        ...(driverId === undefined ? {} : { driverId }),
        trip: isLast ? trip + 1 : trip,
        point: isLast ? 0 : point + 1,
        nextAt: data.now() + STEP_MS,
      },
      ...(isLast ? { line: `${vin}: trip ${trip + 1} of ${config.trips} done` } : {}),
    };
  }

  return {
    get: (id) => runs.get(id),
    all: () => [...runs.values()],
    start(id, config, vehicles) {
      const now = data.now();
      const run: Run = {
        id,
        taskArn: arnOf(context.config, 'ecs', `task/${data.names.prefix}-simulation/${id.repeat(4)}`),
        startedAt: now,
        config,
        vehicles: vehicles.map((each, i) => ({ ...each, nextAt: now + i * APART_MS, trip: 0, point: 0 })),
        output: [{ timestamp: now, message: `Starting ${vehicles.length} vehicles` }],
      };
      runs.set(id, run);
      return run;
    },
    stop: (id) => void runs.delete(id),
    tick() {
      const now = data.now();
      for (const before of [...runs.values()]) {
        let run = before;
        const vehicles = run.vehicles.map((vehicle) => {
          if (vehicle.ended !== undefined || vehicle.nextAt > now) return vehicle;
          const { vehicle: after, line } = step(run, vehicle);
          if (line !== undefined) run = say(run, line);
          return after;
        });
        if (vehicles.some((vehicle, i) => vehicle !== run.vehicles[i]))
          runs.set(run.id, { ...run, vehicles });
      }
    },
    onCommand({ commandId, commandName, vehicleId, value }) {
      for (const { vehicles } of runs.values()) {
        const vehicle = vehicles.find((each) => each.vehicleId === vehicleId);
        if (vehicle?.isPresent !== true || vehicle.ended !== undefined) continue;
        const isKnown = supported.includes(commandName);
        worker.answerCommand({
          ...{ commandId, commandName, vehicleId, status: isKnown ? 'SUCCEEDED' : 'FAILED' },
          reason: isKnown ? '' : `Unsupported command: '${commandName}'`,
          resultValue: isKnown ? (value ?? null) : null,
          respondedAt: `${new Date(data.now()).toISOString().slice(0, 19)}+00:00`,
        });
        return;
      }
    },
  };
}
