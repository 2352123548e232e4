import { codecOf } from '../../../cms/codecs.ts';
import type { SimulateOrder, SimulationUpdate } from '../../../protocol/simulation.ts';
import { l10n } from '../../../core/message.ts';
import { createDrive } from '../../../telemetry/drive/createDrive.ts';
import { systemTimers } from '../../../core/timers.ts';
import { holdWire, openWire, type WireRequest } from '../wire.ts';
import { AT_ONCE, BURST, createRamp, type Ramp } from './ramp.ts';
import type { VehicleOrder } from './createVehicle.ts';
import { simulate, type Simulation } from './simulate.ts';

/** Ramps by rate. Simulations with the same rate share one, because AWS IoT limits connects per account. */
const ramps = new Map<number, Ramp>();

/** Starts a simulation with real connections and real time. */
export function startEngine(
  order: SimulateOrder,
  emit: (update: SimulationUpdate) => Promise<void>,
  signal: AbortSignal,
): Simulation {
  const { connectsPerSecond } = order.limits;
  // A shard of many has a small rate: bursts of all of them at once would exceed the account's.
  const burst = Math.max(1, Math.min(BURST, Math.floor(connectsPerSecond / 10)));
  const ramp = ramps.get(connectsPerSecond) ?? createRamp(systemTimers, connectsPerSecond, AT_ONCE, burst);
  ramps.set(connectsPerSecond, ramp);
  return simulate(
    order,
    {
      timers: systemTimers,
      random: Math.random,
      ramp,
      createDrive,
      codec: codecOf(order.generation),
      connect: (vehicle, clientId, ending, jobs) =>
        openWire(wireRequest(order, vehicle, clientId), ending, jobs),
      compare: (vehicle, clientId, forMs, ending) =>
        holdWire(wireRequest(order, vehicle, clientId), forMs, ending),
      emit,
    },
    signal,
  );
}

/** The vehicle's connection, with its production certificate. */
function wireRequest(
  { broker, limits }: SimulateOrder,
  vehicle: VehicleOrder,
  clientId: string,
): WireRequest {
  return {
    broker,
    identity: vehicle.identity,
    clientId,
    what: l10n.t('production certificate of {vin}', { vin: vehicle.vin }),
    connectTimeoutMs: limits.connectTimeoutMs,
  };
}
