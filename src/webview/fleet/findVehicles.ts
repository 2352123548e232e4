import type { Vehicle } from './vehicle.ts';

/** Vehicles with `text` in their VIN, ignoring case. Those whose VIN starts with it come first. */
export function findVehicles(vehicles: readonly Vehicle[], text: string): Vehicle[] {
  const wanted = text.trim().toUpperCase();
  if (wanted === '') return [...vehicles];
  const begins: Vehicle[] = [];
  const contains: Vehicle[] = [];
  for (const vehicle of vehicles) {
    const at = vehicle.vin.toUpperCase().indexOf(wanted);
    if (at === 0) begins.push(vehicle);
    else if (at > 0) contains.push(vehicle);
  }
  return [...begins, ...contains];
}
