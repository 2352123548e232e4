import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Powertrain } from './drive.ts';
import type { EncodedMessage, MessageContext, Place, Sample } from './sample.ts';

/** What a vehicle says, whatever its CMS calls it: a sample of a drive, a trip that ended, a trouble code, an event. */
export type MessageKind = 'sample' | 'trip' | 'trouble' | 'event';

/**
 * What the vehicles of one CMS generation say, and how. Pure and without any SDK: the device process loads codecs, too.
 * What cannot be said in a message is a CmsError REQUEST_INVALID.
 */
export interface Codec {
  /** MQTT client id of a vehicle. */
  clientId(vehicle: VehicleRef): string;
  /** Topic filters for the telemetry of one vehicle, or of all. */
  topics(vehicle?: VehicleRef): readonly string[];
  /** What moves a vehicle whose engine the CMS calls this. */
  powertrain(fuelType: string | undefined): Powertrain;
  sample(sample: Sample, context: MessageContext): EncodedMessage;
  /** Undefined where trips, codes or events are no messages; a code is in the samples then, by their context. */
  trip(trip: TripSummary, context: MessageContext): EncodedMessage | undefined;
  trouble(trouble: TroubleCode, context: MessageContext): EncodedMessage | undefined;
  event(event: VideoEvent, context: MessageContext): EncodedMessage | undefined;
  /** The jobs that vehicles of this generation understand; absent if they take none. */
  readonly jobs?: JobCodec;
  /** Where commands come as messages of the CMS; absent if they do not. */
  readonly commands?: CommandCodec;
  /** What a payload holds that is wrapped; absent where payloads can be read as they are. Undefined for another one. */
  readonly inside?: (payload: Uint8Array) => string | undefined;
  /** Undefined for what is no telemetry of this generation. Anything may be published: it never throws. */
  readonly decode: (topic: string, payload: Uint8Array) => Reading | undefined;
}

/** A finished trip; sent once, after its last sample. */
export interface TripSummary {
  /** Milliseconds since 1970, UTC; `endTime` is not before the last sample of the trip. */
  startTime: number;
  endTime: number;
  /** Milliseconds. Default: from start to end. Differs in time lapse, where simulated time is faster than real time. */
  duration?: number;
  /** Meters. */
  distance: number;
  /** Liters used. */
  fuel: number;
  /** Joules taken from a traction battery. */
  energy?: number;
  start: Place;
  end: Place;
}

export interface TroubleCode {
  /** Such as `P1734`; replaces the vehicle's previous code. */
  code: string;
  /** Milliseconds since 1970, UTC. */
  time: number;
}

/** An event recorded by a dash camera. */
export interface VideoEvent {
  /** Such as `Braking`. */
  name: string;
  source: string;
  /** An integer. */
  id: number;
  /** Milliseconds since 1970, UTC. */
  time: number;
  place: Pick<Place, 'latitude' | 'longitude'>;
  data?: Record<string, string | number>;
}

/** What a job asks of a vehicle. */
export interface VehicleJob {
  operation: string;
  desiredVersion: string;
}

export interface JobCodec {
  /** The document that asks for the software of this version. */
  updateTo(version: string): object;
  /** What a document asks for, or, as text, why a vehicle cannot do it. */
  read(document: unknown): VehicleJob | string;
  /** How far the vehicle is, as a message to the CMS. */
  update(
    job: VehicleJob & { jobId: string; vehicle: VehicleRef },
    status: 'queued' | 'inProgress' | 'success',
    time: number,
  ): EncodedMessage;
}

/** Commands that a CMS publishes for a vehicle, and what a simulated one answers. */
export interface CommandCodec {
  /** The topic that the vehicle listens to. */
  filter(vehicle: VehicleRef): string;
  /**
   * The answer to a message there. Undefined for what is no command: anything may be published.
   * @param time milliseconds since 1970
   */
  answer(
    vehicle: VehicleRef,
    payload: Uint8Array,
    time: number,
  ):
    | { id: string; name: string; status: string; reason: string | undefined; message: EncodedMessage }
    | undefined;
}

/** A telemetry message, read from its topic and payload; in SI units. */
export interface Reading {
  /** Of the vehicle, as the topic names it. */
  thingName: string;
  /** What the topic calls the message, such as `cardata`. */
  type: string;
  /** The other names of the vehicle, as far as the payload has them. */
  vin: string | undefined;
  id?: string | undefined;
  /** As our own simulations count. */
  serial: number | undefined;
  /** When it was made; milliseconds since 1970. */
  time: number | undefined;
  tripId: string | undefined;
  /**
   * Of a sample: degrees, meters per second, meters, liters; of a battery car of ours the fraction charged. Where a CMS
   * tells how full the tank is and not how large, `fuelLevel` is that fraction. Where a CMS
   * says only where a vehicle is, the rest is not known.
   */
  place:
    | {
        latitude: number;
        longitude: number;
        heading?: number | undefined;
        speed?: number | undefined;
        odometer?: number | undefined;
        fuel?: number | undefined;
        fuelLevel?: number | undefined;
        charge?: number | undefined;
      }
    | undefined;
  /** Of a trouble code. */
  code: string | undefined;
}
