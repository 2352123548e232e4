import type { Vehicle } from '../fleet/vehicle.ts';
import { clampLatitude } from './geometry.ts';

/** Symbols nearer than this lie on each other. CSS pixels. */
const NEAR = 9;
/** Width of the world at zoom 0, in CSS pixels. */
const WORLD = 512;

/** Vehicles in one place of the picture; the first stands for them. */
export interface Stack {
  readonly first: Vehicle;
  readonly rest: readonly Vehicle[];
}

/**
 * The vehicles with a position, together with those that lie on them at this zoom. Each belongs to the first stack
 * that is near enough.
 */
export function stacksOf(vehicles: readonly Vehicle[], zoom: number): Stack[] {
  const stacks: { first: Vehicle; rest: Vehicle[]; x: number; y: number }[] = [];
  const size = WORLD * 2 ** zoom;
  for (const vehicle of vehicles) {
    const { place } = vehicle.now;
    if (!place) continue;
    const x = (place.longitude / 360) * size;
    const radians = (clampLatitude(place.latitude) * Math.PI) / 180;
    const y = (Math.log(Math.tan(Math.PI / 4 + radians / 2)) / (2 * Math.PI)) * size;
    const near = stacks.find((stack) => Math.hypot(stack.x - x, stack.y - y) < NEAR);
    if (near) near.rest.push(vehicle);
    else stacks.push({ first: vehicle, rest: [], x, y });
  }
  return stacks;
}
