import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Codec } from '../../telemetry/codec.ts';

/** How vehicles of a deployment speak, and where it can be heard. */
export interface Telemetry {
  /** As `src/cms/codecs.ts` has it for the generation. */
  readonly codec: Codec;
  /** Where the product may listen: topics of AWS IoT, or nothing yet. */
  readonly live: 'mqtt' | undefined;
  /**
   * Those of some vehicles whose policies do not let them send, as far as somebody may look: AWS IoT would end their
   * connection at the first message. Absent where every vehicle may.
   */
  mayNotSend?(vehicles: readonly SendingVehicle[], signal: AbortSignal): Promise<readonly VehicleRef[]>;
}

/** A vehicle with the certificate that it connects with. */
export interface SendingVehicle {
  readonly vehicle: VehicleRef;
  readonly certificateId: string;
}
