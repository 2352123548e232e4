import type { Route } from '../drive.ts';
import { createDrive } from './createDrive.ts';

/** Longer ones would hold up whoever waits for their picture. */
const MOST_POINTS = 200_000;

/** What a trip along a route is: meters, and milliseconds as a driver takes. */
export interface RouteFigures {
  length: number;
  duration: number;
}

/** Undefined for a route that cannot be driven, or that has too many points to be looked at on the fly. */
export function routeFigures(route: Route): RouteFigures | undefined {
  if (route.points.length > MOST_POINTS) return undefined;
  try {
    const drive = createDrive({ route, pace: 'drive', tick: 1, seed: 1, end: 'stop' });
    // The first sample is at the start, the others a second apart.
    return { length: drive.length, duration: Math.max(0, drive.samplesPerTrip - 1) * 1000 };
  } catch {
    return undefined;
  }
}
