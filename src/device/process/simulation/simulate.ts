import { background } from '../../../core/background.ts';
import { cancelled } from '../../../core/errors.ts';
import type { SimulationControl } from '../../../protocol/control.ts';
import type { SimulateOrder, SimulationResult, SimulationUpdate } from '../../../protocol/simulation.ts';
import { createVehicle, type Fleet, type VehiclePorts } from './createVehicle.ts';
import { createFleetMeter } from './fleetMeter.ts';
import { createJobAccess } from './jobAccess.ts';
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

/** The interval of updates. */
const UPDATE_MS = 100;

/** Drives the vehicles of an order, each on its own connection, until all have ended. */
export function simulate(order: SimulateOrder, ports: SimulatePorts, signal: AbortSignal): Simulation {
  const { timers } = ports;
  /** By what their CMS knows them by. */
  const vehicles = new Map<string, Vehicle>();
  const meter = createFleetMeter(timers);
  const totals = () => meter.totals(vehicles.values());
  const feed = new UpdateFeed(totals, ports.emit, order.payloads);
  let running = order.vehicles.length;
  let finish: () => void = () => undefined;
  /** Ends the simulation because of an unexpected error. */
  let crash: (error: unknown) => void = () => undefined;

  const fleet: Fleet = {
    order,
    ports,
    routes: order.routes,
    access: createJobAccess(order.jobs, (notice) => feed.notice(notice)),
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
    if (signal.aborted) abort();
    else for (const vehicle of vehicles.values()) vehicle.start();
    try {
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

  return {
    done: run(),
    control(control) {
      if (control.do === 'payloads') {
        feed.payloads = control.on;
        return;
      }
      const chosen = control.ids?.map((id) => vehicles.get(id)) ?? [...vehicles.values()];
      for (const vehicle of chosen) {
        if (vehicle === undefined) continue;
        if (control.do === 'tell') feed.lastMessage(vehicle);
        else steer(vehicle, control);
      }
    },
  };
}

function steer(vehicle: Vehicle, control: Exclude<SimulationControl, { do: 'tell' | 'payloads' }>): void {
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
