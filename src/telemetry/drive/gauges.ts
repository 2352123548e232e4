/** What the instruments of a vehicle show. */
export interface Gauges {
  /** Metres. */
  odometer: number;
  tripOdometer: number;
  /** Litres. */
  fuel: number;
  tankCapacity: number;
  tripFuel: number;
  /** Joules. */
  charge: number;
  batteryCapacity: number;
  tripEnergy: number;
  /** Degrees Celsius. */
  engineTemperature: number;
  oilTemperature: number;
  /** [0, 1], of the last stretch. */
  throttle: number;
  maxThrottle: number;
  /** Metres per second squared, of the last stretch. */
  acceleration: number;
  lateralAcceleration: number;
}
