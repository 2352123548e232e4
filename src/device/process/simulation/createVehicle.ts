import { defined } from '../../../core/defined.ts';
import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { Timers } from '../../../core/timers.ts';
import { vehicleRefOf } from '../../../core/vehicleRef.ts';
import type { Random } from '../../../core/work.ts';
import type { SimulateOrder, VehicleCommand } from '../../../protocol/simulation.ts';
import type { Drive, DriveOptions, Route } from '../../../telemetry/drive.ts';
import type { Codec } from '../../../telemetry/codec.ts';
import { createMessages, type Messages } from '../../../telemetry/simulation/messages.ts';
import type { JobListener, Wire } from '../wire.ts';
import { Diagnosis, type Comparison } from './diagnosis.ts';
import type { JobAccess } from './jobAccess.ts';
import { Link, type LinkPorts } from './link.ts';
import type { Ramp } from './ramp.ts';
import { Vehicle, type VehicleEvents } from './vehicle.ts';
import { VehicleCommands } from './vehicleCommands.ts';
import { VehicleJobs } from './vehicleJobs.ts';

export type VehicleOrder = SimulateOrder['vehicles'][number];

export interface VehiclePorts {
  /** Of the generation whose vehicles they are. */
  codec: Codec;
  timers: Timers;
  random: Random;
  /** Shared by all simulations of the process, because AWS IoT limits connects per account. */
  ramp: Ramp;
  createDrive: (options: DriveOptions) => Drive;
  /** Opens the connection of a vehicle and passes its jobs to the listener. Throws CmsError. */
  connect: (vehicle: VehicleOrder, clientId: string, signal: AbortSignal, jobs: JobListener) => Promise<Wire>;
  /** Opens one on which nothing is said, for so many milliseconds. Throws CmsError. */
  compare?: (
    vehicle: VehicleOrder,
    clientId: string,
    forMs: number,
    signal: AbortSignal,
  ) => Promise<Comparison>;
}

/** Everything that the vehicles of a simulation share. */
export interface Fleet {
  order: SimulateOrder;
  routes: readonly Route[];
  ports: VehiclePorts;
  access: JobAccess;
  events: VehicleEvents & { command(command: VehicleCommand): void };
  /** Simulated seconds of the run by now; undefined where each vehicle begins at its start. */
  simulated?: (() => number) | undefined;
  /** Resolves while the vehicles are this process's. */
  lease?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** How many messages are kept while offline: an hour of one vehicle at 1 Hz; about 150 MB for a fleet. */
const MOST_QUEUED = { vehicle: 3600, fleet: 200_000 };
/** Simulated seconds between two steps of a drive; samples in between are interpolated. */
const TICK_SECONDS = 0.5;

/** @throws CmsError REQUEST_INVALID when the vehicle's route does not exist */
export function createVehicle(fleet: Fleet, vehicle: VehicleOrder): Vehicle {
  const { order, ports, events } = fleet;
  const { limits } = order;
  const route = fleet.routes[vehicle.route];
  if (route === undefined) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('There is no route {route} for {vin}.', { route: vehicle.route, vin: vehicle.vin }),
    );
  }
  const messages = messagesOf(fleet, vehicle, route);
  const linkPorts = linkPortsOf(fleet, vehicle);
  const { simulated } = fleet;
  const queue =
    limits.queue ?? Math.min(MOST_QUEUED.vehicle, Math.ceil(MOST_QUEUED.fleet / order.vehicles.length));
  return new Vehicle(
    {
      ref: vehicleRefOf(vehicle),
      points: route.points.length,
      messages,
      link: (linkEvents) => new Link(linkPorts, { ...limits, queue }, linkEvents),
      timers: ports.timers,
      rate: order.rate,
      speed: order.speed,
      pace: order.pace,
      drainTimeoutMs: limits.drainTimeoutMs,
      reached: simulated && (() => Math.max(0, simulated() - vehicle.after)),
    },
    events,
  );
}

function messagesOf({ order, ports }: Fleet, vehicle: VehicleOrder, route: Route): Messages {
  const { pace, rate } = order;
  const { odometer, fuel, charge } = vehicle;
  const drive = ports.createDrive({
    route,
    pace,
    tick: pace === 'points' ? 1 / rate : TICK_SECONDS,
    seed: vehicle.seed,
    end: order.end,
    events: order.events.map((event) => defined(event)),
    eventRates: defined(order.eventRates),
    powertrain: vehicle.powertrain,
    start: defined({ odometer, fuel, charge }),
  });
  const messages = createMessages({
    drive,
    codec: ports.codec,
    vehicle: vehicleRefOf(vehicle),
    topic: vehicle.topic,
    simulationId: order.simulationId,
    pace,
  });
  if (vehicle.from > 0) messages.jumpTo(vehicle.from);
  return messages;
}

function linkPortsOf({ order, ports, access, events, lease }: Fleet, vehicle: VehicleOrder): LinkPorts {
  const { timers, random, codec, compare } = ports;
  const ramp = lease === undefined ? ports.ramp : leased(ports.ramp, lease);
  const { vin } = vehicle;
  const clientId = codec.clientId(vehicle);
  const suspect = {
    vin,
    clientId,
    address: `${order.broker.host}:${order.broker.port}`,
    certificatePem: vehicle.identity.certificatePem,
  };
  const shared = {
    ...{ vehicle: vehicleRefOf(vehicle), timers, access },
    report: (command: VehicleCommand) => events.command(command),
    crashed: (error: unknown) => events.crashed(error),
  };
  // A generation has one of the two.
  const jobs =
    codec.commands === undefined
      ? new VehicleJobs({ ...shared, codec: codec.jobs, random })
      : new VehicleCommands({ ...shared, codec: codec.commands });
  return {
    timers,
    random,
    ramp,
    diagnosis: new Diagnosis(suspect, () => timers.now()),
    connect: (signal) => ports.connect(vehicle, clientId, signal, jobs),
    ...(compare === undefined
      ? {}
      : { compare: (forMs, signal) => compare(vehicle, clientId, forMs, signal) }),
  };
}

/** Nobody's turn comes while it is not known whether the vehicles are this process's. */
function leased(ramp: Ramp, lease: (signal: AbortSignal) => Promise<void>): Ramp {
  return {
    async enter(signal) {
      await lease(signal);
      return ramp.enter(signal);
    },
  };
}
