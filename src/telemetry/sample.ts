import type { VehicleRef } from '../core/vehicleRef.ts';

/** One moment of a drive, in SI units and free of any CMS generation. */
export interface Sample {
  /** Milliseconds since 1970, UTC. */
  time: number;
  /** Degrees, WGS 84. */
  latitude: number;
  longitude: number;
  /** Metres above sea level. */
  altitude: number;
  /** Degrees clockwise from north, [0, 360). */
  heading: number;
  /** Metres per second. */
  speed: number;
  maxSpeed: number;
  averageSpeed: number;
  /** Metres. */
  odometer: number;
  tripOdometer: number;
  /** Litres in the tank, tank size and used on this trip; zeros without a tank. */
  fuel: number;
  tankCapacity: number;
  tripFuel: number;
  /** Joules in the traction battery, its size and taken from it on this trip; zeros without such a battery. */
  charge: number;
  batteryCapacity: number;
  tripEnergy: number;
  /** Degrees Celsius; of the coolant, and of the engine's or drive unit's oil. */
  engineTemperature: number;
  oilTemperature: number;
  /** How far the pedal is down, [0, 1]: the mean and the most since the sample before. */
  throttle: number;
  maxThrottle: number;
  /** Metres per second squared, the strongest since the sample before; forwards and to the right are positive. */
  acceleration: number;
  lateralAcceleration: number;
}

export interface Place {
  /** Degrees, WGS 84. */
  latitude: number;
  longitude: number;
  /** Meters above sea level. */
  altitude: number;
}

/** Which vehicle and trip a message belongs to. */
export interface MessageContext extends VehicleRef {
  tripId: string;
  simulationId: string;
  /** Counts the messages of one run, so that loss, order and delay can be measured. */
  serial: number;
  /** The code that the vehicle has now, for a CMS whose samples carry it. */
  troubleCode?: string | undefined;
  /** Where the message goes, for a CMS whose topics do not follow from the names of the vehicle. */
  topic?: string | undefined;
  /** The message is the first sample of its trip. */
  begins?: boolean | undefined;
}

export interface EncodedMessage {
  topic: string;
  payload: Uint8Array;
}
