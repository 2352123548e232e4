import type { SimulateOrder, SimulationUpdate } from '../../../protocol/simulation.ts';
import { l10n } from '../../../core/message.ts';
import { createDrive } from '../../../telemetry/drive/createDrive.ts';
import { systemTimers } from '../../../core/timers.ts';
import { openWire, type WireRequest } from '../wire.ts';
import { createRamp, type Ramp } from './ramp.ts';
import type { VehicleOrder } from './createVehicle.ts';
import { simulate, type Simulation } from './simulate.ts';

/** By rate: simulations that ask for the same one share it, because AWS IoT counts connects by account. */
const ramps = new Map<number, Ramp>();

/** A simulation on real connections and real time. */
export function startEngine(
  order: SimulateOrder,
  emit: (update: SimulationUpdate) => Promise<void>,
  signal: AbortSignal,
): Simulation {
  const { connectsPerSecond } = order.limits;
  const ramp = ramps.get(connectsPerSecond) ?? createRamp(systemTimers, connectsPerSecond);
  ramps.set(connectsPerSecond, ramp);
  return simulate(
    order,
    {
      timers: systemTimers,
      random: Math.random,
      ramp,
      createDrive,
      connect: (vehicle, ending, jobs) => openWire(wireRequest(order, vehicle), ending, jobs),
      emit,
    },
    signal,
  );
}

/** With its production certificate, and its thing name as the client id. */
function wireRequest({ broker, limits }: SimulateOrder, vehicle: VehicleOrder): WireRequest {
  return {
    broker,
    identity: vehicle.identity,
    clientId: vehicle.thingName,
    what: l10n.t('production certificate of {vin}', { vin: vehicle.vin }),
    connectTimeoutMs: limits.connectTimeoutMs,
  };
}
