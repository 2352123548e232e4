import type { SendingVehicle, Telemetry } from '../cms/contract/telemetry.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';

/** What a simulation asks of the telemetry of a deployment before its vehicles send. */
export function sendingOf(telemetry: Telemetry, signal: AbortSignal) {
  return {
    codec: telemetry.codec,
    mayNotSend: async (some: readonly SendingVehicle[]) => telemetry.mayNotSend?.(some, signal) ?? [],
    topics: async (some: readonly SendingVehicle[]) => telemetry.topics?.(some, signal),
  };
}

/** Where one vehicle sends its telemetry; undefined where that follows from its names. */
export async function topicOf(
  telemetry: Telemetry,
  vehicle: VehicleRef,
  certificateId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await telemetry.topics?.([{ vehicle, certificateId }], signal))?.(vehicle);
}
