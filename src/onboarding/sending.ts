import type { SendingVehicle, Telemetry } from '../cms/contract/telemetry.ts';

/** What a simulation asks of the telemetry of a deployment before its vehicles send. */
export function sendingOf(telemetry: Telemetry, signal: AbortSignal) {
  return {
    codec: telemetry.codec,
    mayNotSend: async (some: readonly SendingVehicle[]) => telemetry.mayNotSend?.(some, signal) ?? [],
    topics: async (some: readonly SendingVehicle[]) => telemetry.topics?.(some, signal),
  };
}
