import type { Clock } from '../core/work.ts';
import type { Sample } from './sample.ts';

/** A new car with its engine off: what a vehicle reports first, so that the fleet manager has every value it reads. */
export function restingSample(
  position: { latitude: number; longitude: number; altitude?: number; heading?: number },
  clock: Clock,
): Sample {
  return {
    time: clock.now(),
    latitude: position.latitude,
    longitude: position.longitude,
    altitude: position.altitude ?? 0,
    heading: position.heading ?? 0,
    speed: 0,
    maxSpeed: 0,
    averageSpeed: 0,
    odometer: 12_000,
    tripOdometer: 0,
    fuel: 45,
    tankCapacity: 60,
    tripFuel: 0,
    oilTemperature: 20,
  };
}
