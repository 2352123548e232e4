/** A vehicle's instrument readings. */
export interface Gauges {
  /** Meters. */
  odometer: number;
  tripOdometer: number;
  /** Liters. */
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
  /** [0, 1], over the last stretch. */
  throttle: number;
  maxThrottle: number;
  /** Meters per second squared, over the last stretch. */
  acceleration: number;
  lateralAcceleration: number;
}
