import { background } from '../../../core/background.ts';
import { cancelled } from '../../../core/errors.ts';
import type { SimulationControl } from '../../../protocol/control.ts';
import type { SimulateOrder, SimulationResult, SimulationUpdate } from '../../../protocol/simulation.ts';
import { simulatedAt, turned } from '../../../telemetry/simulation/runClock.ts';
import { createVehicle, type Fleet, type VehiclePorts } from './createVehicle.ts';
import { createFleetMeter } from './fleetMeter.ts';
import { createJobAccess } from './jobAccess.ts';
import { createLease } from './lease.ts';
import { UpdateFeed } from './updateFeed.ts';
import type { Vehicle } from './vehicle.ts';

export interface SimulatePorts extends VehiclePorts {
  /**
   * Passes an update to the reader. Resolves when it was received, so that a slow reader gets fewer, larger updates.
   */
  emit: (update: SimulationUpdate) => Promise<void>;
}

/** A running simulation. */
export interface Simulation {
  control(control: SimulationControl): void;
  /** Resolves when every vehicle has ended or failed; rejects with CANCELLED. */
  readonly done: Promise<SimulationResult>;
}

/** Until the first news of the lease, which come once a second: a process that is frozen soon must have none, too. */
const FIRST_LEASE_MS = 3000;
/** Computing where vehicles are takes turns with everything else. */
const AT_A_TIME_MS = 20;
/** The interval of updates. */
const UPDATE_MS = 100;

/** Drives the vehicles of an order, each on its own connection, until all have ended. */
export function simulate(order: SimulateOrder, ports: SimulatePorts, signal: AbortSignal): Simulation {
  const { timers } = ports;
  /** By what their CMS knows them by. */
  const vehicles = new Map<string, Vehicle>();
  const meter = createFleetMeter(timers);
  const totals = () => meter.totals(vehicles.values());
  const feed = new UpdateFeed(
    totals,
    ports.emit,
    order.payloads,
    order.measured ? () => meter.durations() : undefined,
  );
  let clock = order.clock;
  let { speed } = order;
  const lease = order.leased ? createLease(timers, timers.now() + FIRST_LEASE_MS) : undefined;
  let running = order.vehicles.length;
  let stopped = false;
  /** Ends a wait before the start. */
  let hurry: () => void = () => undefined;
  let finish: () => void = () => undefined;
  /** Ends the simulation because of an unexpected error. */
  let crash: (error: unknown) => void = () => undefined;

  const fleet: Fleet = {
    simulated:
      clock === undefined ? undefined : () => (clock === undefined ? 0 : simulatedAt(clock, timers.now())),
    lease: lease && ((ending) => lease.held(ending)),
    order,
    ports,
    routes: order.routes,
    access: createJobAccess(
      order.jobs,
      (notice) => feed.notice(notice),
      ports.codec.commands === undefined ? 'jobs' : 'commands',
    ),
    events: {
      changed: (vehicle) => feed.changed(vehicle),
      sent: (_message, lagMs) => meter.sent(lagMs),
      acknowledged({ ref }, message, ackMs) {
        meter.acknowledged(ackMs);
        feed.acknowledged(ref, message, ackMs);
      },
      command: (command) => feed.command(command),
      over() {
        running -= 1;
        if (running === 0) finish();
      },
      crashed: (error) => crash(error),
    },
  };
  for (const vehicle of order.vehicles) vehicles.set(vehicle.id, createVehicle(fleet, vehicle));

  function abort(): void {
    for (const vehicle of vehicles.values()) background(vehicle.abort(), crash);
  }

  /** Starts the vehicles at their time, those in the midst of their drives where they are by then. */
  async function begin(): Promise<void> {
    if (order.clock !== undefined) {
      let worked = timers.now();
      for (const vehicle of vehicles.values()) {
        vehicle.catchUp();
        if (timers.now() - worked < AT_A_TIME_MS) continue;
        await passed(1);
        worked = timers.now();
      }
    }
    const early = (order.startAt ?? 0) - timers.now();
    if (early > 0 && !signal.aborted && !stopped) await passed(early);
    if (signal.aborted) abort();
    else for (const vehicle of vehicles.values()) vehicle.start();
  }

  /** Waits; no longer than until it is stopped. */
  function passed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        cancel();
        signal.removeEventListener('abort', go);
        resolve();
      };
      const cancel = timers.after(ms, go);
      hurry = go;
      signal.addEventListener('abort', go, { once: true });
    });
  }

  async function run(): Promise<SimulationResult> {
    const ended = new Promise<void>((resolve, reject) => {
      finish = resolve;
      crash = reject;
    });
    let cancelBeat: () => void = () => undefined;
    const beat = () => {
      cancelBeat = timers.after(UPDATE_MS, () => {
        background(feed.flush(), crash);
        beat();
      });
    };
    signal.addEventListener('abort', abort, { once: true });
    const cancelDuration =
      order.durationMs === undefined
        ? () => undefined
        : timers.after(order.durationMs, () => {
            for (const vehicle of vehicles.values()) vehicle.stop();
          });
    beat();
    try {
      await begin();
      await ended;
    } catch (error) {
      abort();
      throw error;
    } finally {
      cancelBeat();
      cancelDuration();
      signal.removeEventListener('abort', abort);
    }
    if (signal.aborted) throw cancelled();
    // The first waits for the update that the reader is still receiving, the second emits the rest.
    await feed.flush();
    await feed.flush();
    return {
      totals: totals(),
      vehicles: [...vehicles.values()].map(({ state }) => state),
      durations: meter.durations(),
    };
  }

  /** Keeps the clock for vehicles that have not begun. */
  function turn(control: SimulationControl): void {
    if (control.do === 'stop') {
      stopped = true;
      hurry();
    }
    if (clock === undefined) return;
    if (control.do === 'pause') clock = turned(clock, timers.now(), 0);
    else if (control.do === 'resume') clock = turned(clock, timers.now(), speed);
    else if (control.do === 'speed') {
      speed = control.factor;
      if (clock.factor > 0) clock = turned(clock, timers.now(), speed);
    }
  }

  return {
    done: run(),
    control(control) {
      if (control.do === 'payloads') {
        feed.payloads = control.on;
        return;
      }
      if (control.do === 'lease') {
        lease?.extend(control.until);
        return;
      }
      if (control.ids === undefined) turn(control);
      const chosen = control.ids?.map((id) => vehicles.get(id)) ?? [...vehicles.values()];
      for (const vehicle of chosen) {
        if (vehicle === undefined) continue;
        if (control.do === 'tell') feed.lastMessage(vehicle);
        else steer(vehicle, control);
      }
    },
  };
}

function steer(
  vehicle: Vehicle,
  control: Exclude<SimulationControl, { do: 'tell' | 'payloads' | 'lease' }>,
): void {
  switch (control.do) {
    case 'pause':
      vehicle.pause();
      break;
    case 'resume':
      vehicle.resume();
      break;
    case 'speed':
      vehicle.setSpeed(control.factor);
      break;
    case 'jump':
      vehicle.jumpTo(control.to);
      break;
    case 'dtc':
      vehicle.reportTrouble(control.code);
      break;
    case 'stop':
      vehicle.stop();
  }
}
