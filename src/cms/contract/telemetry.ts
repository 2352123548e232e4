import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Retrying } from '../../core/retry.ts';
import type { Message } from '../../core/message.ts';
import type { CmsError } from '../../core/errors.ts';
import type { Codec, Reading } from '../../telemetry/codec.ts';

/** How vehicles of a deployment speak, and where it can be heard. */
export interface Telemetry {
  /** As `src/cms/codecs.ts` has it for the generation. */
  readonly codec: Codec;
  /** Where the product may listen: the topics of the codec in AWS IoT, a feed of the CMS itself, or nothing yet. */
  readonly live: 'mqtt' | Feed | undefined;
  /**
   * Says where each vehicle sends its telemetry, where its topic does not follow from its names (`MessageContext.topic`).
   * @param some of the vehicles, by which the policies are looked at; a fleet is onboarded alike
   * @throws CmsError REQUEST_INVALID where their policies let them send nowhere
   */
  topics?(some: readonly SendingVehicle[], signal: AbortSignal): Promise<(vehicle: VehicleRef) => string>;
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

/** What a feed hands on. */
export interface FeedHandlers {
  reading(reading: Reading, text: string): void;
  /** `offline` is followed by another attempt; `note` says how else it goes on meanwhile. */
  state?(state: 'online' | 'offline', why?: CmsError, note?: Message): void;
}

/** Telemetry as the CMS itself hands it on, where the topics of AWS IoT cannot be listened to. */
export interface Feed {
  /** What it is, for people: "the WebSocket of the CMS". */
  readonly source: Message;
  /** Never resolves: ends with CANCELLED, or with why it cannot begin. Nothing said: all vehicles. */
  follow(vehicles: readonly VehicleRef[] | undefined, handlers: FeedHandlers, work: Retrying): Promise<never>;
}
