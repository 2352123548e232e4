import { cancelled, CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { Random } from '../../../core/work.ts';
import type {
  AcknowledgedMessage,
  SimulateOrder,
  SimulationControl,
  SimulationNotice,
  SimulationResult,
  SimulationTotals,
  SimulationUpdate,
  ToldMessage,
  VehicleCommand,
} from '../../../protocol/simulation.ts';
import type { Drive, DriveOptions } from '../../../telemetry/drive.ts';
import { ENCODERS } from '../../../telemetry/simulation/encoder.ts';
import { createMessages, type SimulatedMessage } from '../../../telemetry/simulation/messages.ts';
import { createRateMeter } from '../../../core/rateMeter.ts';
import type { Timers } from '../../../core/timers.ts';
import type { JobListener, Wire } from '../wire.ts';
import { Diagnosis } from './diagnosis.ts';
import { createJobAccess } from './jobAccess.ts';
import { Link } from './link.ts';
import { createPercentiles } from './percentiles.ts';
import type { Ramp } from './ramp.ts';
import { Vehicle } from './vehicle.ts';
import { VehicleJobs } from './vehicleJobs.ts';

export type VehicleOrder = SimulateOrder['vehicles'][number];

export interface SimulatePorts {
  timers: Timers;
  random: Random;
  /** Shared by all simulations of the process: AWS IoT counts connects by account. */
  ramp: Ramp;
  createDrive: (options: DriveOptions) => Drive;
  /** Opens the connection of a vehicle, and takes its jobs to the listener. Throws CmsError. */
  connect: (vehicle: VehicleOrder, signal: AbortSignal, jobs: JobListener) => Promise<Wire>;
  /** Hands an update to the reader; resolves when it was taken, so that a slow one gets fewer and larger ones. */
  emit: (update: SimulationUpdate) => Promise<void>;
}

/** A simulation under way. */
export interface Simulation {
  control(control: SimulationControl): void;
  /** Resolves when every vehicle has ended or failed; rejects with CANCELLED. */
  readonly done: Promise<SimulationResult>;
}

/** Ten updates a second. */
const UPDATE_MS = 100;
/** A reader that does not read makes nobody run out of memory. */
const MOST_MESSAGES = 20_000;
const MOST_COMMANDS = 1000;
/** Messages that wait: an hour of one vehicle at 1 Hz, and for a fleet what fits into about 150 MB. */
const MOST_QUEUED = { vehicle: 3600, fleet: 200_000 };
/** Simulated seconds between two steps of a drive; what is reported in between lies between them. */
const TICK_SECONDS = 0.5;

/** Drives the vehicles of an order, each on its own connection, until all have ended. */
export function simulate(order: SimulateOrder, ports: SimulatePorts, signal: AbortSignal): Simulation {
  const { timers } = ports;
  const running = new Map<string, Vehicle>();
  const changed = new Set<Vehicle>();
  const lag = createPercentiles(timers);
  const acks = createPercentiles(timers);
  const rate = createRateMeter(timers);
  let messages: AcknowledgedMessage[] = [];
  let omitted = 0;
  let told: ToldMessage[] = [];
  let commands: VehicleCommand[] = [];
  let notice: SimulationNotice | undefined;
  let { payloads } = order;
  let emission: Promise<void> | undefined;
  let left = order.vehicles.length;
  let finish: () => void = () => undefined;

  const access = createJobAccess(order.jobs, (it) => (notice = it));
  const routes = order.routes.map(routeOf);
  for (const vehicle of order.vehicles) running.set(vehicle.vin, createVehicle(vehicle));

  function createVehicle(vehicle: VehicleOrder): Vehicle {
    const route = routes[vehicle.route];
    if (route === undefined) {
      throw new CmsError(
        'REQUEST_INVALID',
        l10n.t('There is no route {route} for {vin}.', { route: vehicle.route, vin: vehicle.vin }),
      );
    }
    const { limits, pace, rate: perSecond, speed } = order;
    const drive = ports.createDrive({
      route,
      pace,
      tick: pace === 'points' ? 1 / perSecond : TICK_SECONDS,
      seed: vehicle.seed,
      end: order.end,
      events: order.events.map(given),
      eventRates: given(order.eventRates),
      powertrain: vehicle.powertrain,
      start: given({ odometer: vehicle.odometer, fuel: vehicle.fuel, charge: vehicle.charge }),
    });
    const source = createMessages({
      drive,
      encoder: ENCODERS[order.generation],
      vin: vehicle.vin,
      thingName: vehicle.thingName,
      simulationId: order.simulationId,
      pace,
    });
    if (vehicle.from > 0) source.jumpTo(vehicle.from);
    const suspect = {
      vin: vehicle.vin,
      clientId: vehicle.thingName,
      address: `${order.broker.host}:${order.broker.port}`,
      certificatePem: vehicle.identity.certificatePem,
    };
    const jobs = new VehicleJobs({
      vin: vehicle.vin,
      thingName: vehicle.thingName,
      timers,
      access,
      report(command) {
        if (commands.length < MOST_COMMANDS) commands.push(command);
      },
    });
    const linkPorts = {
      ...ports,
      diagnosis: new Diagnosis(suspect, () => timers.now()),
      connect: (ending: AbortSignal) => ports.connect(vehicle, ending, jobs),
    };
    const queue =
      limits.queue ?? Math.min(MOST_QUEUED.vehicle, Math.ceil(MOST_QUEUED.fleet / order.vehicles.length));
    return new Vehicle(
      {
        vin: vehicle.vin,
        points: route.points.length,
        messages: source,
        link: (events) => new Link(linkPorts, { ...limits, queue }, events),
        timers,
        rate: perSecond,
        speed,
        pace,
        drainTimeoutMs: limits.drainTimeoutMs,
      },
      {
        changed: (it) => changed.add(it),
        sent: (_message, lagMs) => lag.add(lagMs),
        acknowledged(it, message, ackMs) {
          acks.add(ackMs);
          rate.add();
          if (messages.length < MOST_MESSAGES) messages.push(report(it.vin, message, ackMs));
          else omitted += 1;
        },
        over() {
          left -= 1;
          if (left === 0) finish();
        },
      },
    );
  }

  function report(vin: string, message: SimulatedMessage, ackMs: number): AcknowledgedMessage {
    const { serial, topic, type, time, moment, code, payload } = message;
    return {
      vin,
      serial,
      topic,
      type,
      time,
      ackMs,
      ...(moment === undefined ? {} : { place: placeOf(moment) }),
      ...(code === undefined ? {} : { code }),
      ...(payloads ? { payload } : {}),
    };
  }

  function tell({ vin, lastMessage }: Vehicle): void {
    if (lastMessage === undefined) return;
    const { serial, topic, time, payload } = lastMessage;
    told.push({ vin, serial, topic, time, payload });
  }

  function totals(): SimulationTotals {
    const sum = {
      online: 0,
      ended: 0,
      failed: 0,
      acknowledged: 0,
      unacked: 0,
      queued: 0,
      lost: 0,
      resent: 0,
    };
    for (const { state } of running.values()) {
      if (state.link === 'online') sum.online += 1;
      if (state.phase === 'ended') sum.ended += 1;
      if (state.phase === 'failed') sum.failed += 1;
      sum.acknowledged += state.acknowledged;
      sum.unacked += state.unacked;
      sum.queued += state.queued;
      sum.lost += state.lost;
      sum.resent += state.resent;
    }
    return {
      vehicles: running.size,
      ...sum,
      messagesPerSecond: rate.perSecond(),
      lag: lag.read(),
      ack: acks.read(),
    };
  }

  function update(): Promise<void> {
    if (emission !== undefined) return emission;
    const news = changed.size + messages.length + told.length + commands.length;
    if (news === 0 && notice === undefined) return Promise.resolve();
    const vehicles = [...changed].map(({ state }) => state);
    changed.clear();
    const more = {
      ...(told.length === 0 ? {} : { told }),
      ...(commands.length === 0 ? {} : { commands }),
      ...(notice === undefined ? {} : { notice }),
    };
    const batch = { totals: totals(), vehicles, messages, omitted, ...more };
    messages = [];
    omitted = 0;
    told = [];
    commands = [];
    notice = undefined;
    emission = ports.emit(batch).finally(() => (emission = undefined));
    return emission;
  }

  async function run(): Promise<SimulationResult> {
    let cancelBeat: () => void = () => undefined;
    const beat = () => {
      cancelBeat = timers.after(UPDATE_MS, () => {
        void update();
        beat();
      });
    };
    const ended = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const abort = () => {
      for (const vehicle of running.values()) void vehicle.abort();
    };
    signal.addEventListener('abort', abort, { once: true });
    const cancelDuration =
      order.durationMs === undefined
        ? () => undefined
        : timers.after(order.durationMs, () => {
            for (const vehicle of running.values()) vehicle.stop();
          });
    beat();
    if (signal.aborted) abort();
    else for (const vehicle of running.values()) vehicle.start();
    try {
      await ended;
    } finally {
      cancelBeat();
      cancelDuration();
      signal.removeEventListener('abort', abort);
    }
    if (signal.aborted) throw cancelled();
    // The one under way, and what came after it.
    await update();
    await update();
    return { totals: totals(), vehicles: [...running.values()].map(({ state }) => state) };
  }

  return {
    done: run(),
    control(control) {
      if (control.do === 'payloads') {
        payloads = control.on;
        return;
      }
      const named = control.vins?.map((vin) => running.get(vin)) ?? [...running.values()];
      for (const vehicle of named) {
        if (vehicle === undefined) continue;
        if (control.do === 'tell') tell(vehicle);
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

function routeOf({ name, points }: SimulateOrder['routes'][number]): DriveOptions['route'] {
  return { name, points: points.map(given) };
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the properties that are undefined: what came as JSON has none, but its type does not know. */
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as Given<T>;
}

function placeOf(moment: NonNullable<SimulatedMessage['moment']>): AcknowledgedMessage['place'] {
  const { latitude, longitude, heading, speed, odometer, fuel, charge, batteryCapacity } = moment;
  const place = { latitude, longitude, heading, speed, odometer, fuel };
  return batteryCapacity > 0 ? { ...place, charge: charge / batteryCapacity } : place;
}
