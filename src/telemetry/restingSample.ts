import type { Clock } from '../core/work.ts';
import type { Powertrain } from './drive.ts';
import { createVehicle } from './drive/vehicle.ts';
import type { Sample } from './sample.ts';

/** A new car with its engine off: what a vehicle reports first, so that its CMS has every value it reads. */
export function restingSample(
  position: { latitude: number; longitude: number; altitude?: number; heading?: number },
  clock: Clock,
  powertrain: Powertrain = 'combustion',
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
    ...createVehicle({ powertrain }).gauges,
  };
}
