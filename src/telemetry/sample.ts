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
  /** Litres in the tank, tank size and used on this trip. */
  fuel: number;
  tankCapacity: number;
  tripFuel: number;
  /** Degrees Celsius. */
  oilTemperature: number;
}

/** Which vehicle and trip a message belongs to. */
export interface MessageContext {
  vin: string;
  /** Thing name, used as topic segment and client id. */
  thingName: string;
  tripId: string;
  simulationId: string;
  /** Counts the messages of one run, so that loss, order and delay can be measured. */
  serial: number;
}

export interface EncodedMessage {
  topic: string;
  payload: string;
}
