import fc from 'fast-check';
import { createDrive } from '../../../../src/telemetry/drive/createDrive.ts';
import { travel } from '../../../../src/telemetry/drive/geodesy.ts';
import type { Position } from '../../../../src/telemetry/drive/position.ts';
import type { Drive, DriveOptions, DriveStep, Route } from '../../../../src/telemetry/drive.ts';

export type SampleStep = Extract<DriveStep, { kind: 'sample' }>;

export function drive(options: Partial<DriveOptions> & Pick<DriveOptions, 'route'>): Drive {
  return createDrive({ pace: 'drive', tick: 1, seed: 1, end: 'stop', ...options });
}

/** The steps up to the end of the drive, or as many as asked for. */
export function stepsOf(of: Drive, most = 200_000): DriveStep[] {
  const steps: DriveStep[] = [];
  while (steps.length < most) {
    const step = of.next();
    if (step === undefined) break;
    steps.push(step);
  }
  return steps;
}

export function samplesOf(steps: readonly DriveStep[]): SampleStep[] {
  return steps.filter((step) => step.kind === 'sample');
}

/** A route of legs, each with a turn in degrees to the right and its metres. */
export function walk(start: Position, legs: readonly (readonly [turn: number, metres: number])[]): Route {
  const points = [{ latitude: start.latitude, longitude: start.longitude }];
  let heading = 0;
  let here: Position = start;
  for (const [turn, metres] of legs) {
    const next = travel(here, heading + turn, metres);
    heading = next.heading;
    here = next;
    points.push({ latitude: next.latitude, longitude: next.longitude });
  }
  return { name: 'walk', points };
}

const MUNICH = { latitude: 48.137, longitude: 11.575 };

/** From a city, from the antimeridian, and from beside both poles. */
const starts = fc.constantFrom<Position>(
  MUNICH,
  { latitude: -16.5, longitude: 179.999 },
  { latitude: 89.995, longitude: 20 },
  { latitude: -89.995, longitude: -100 },
);
const turns = fc.oneof(
  fc.double({ min: -20, max: 20, noNaN: true }),
  fc.double({ min: -180, max: 180, noNaN: true }),
);
const metres = fc.oneof(
  fc.double({ min: 0.01, max: 30, noNaN: true }),
  fc.double({ min: 1, max: 1500, noNaN: true }),
);

export const anyRoute: fc.Arbitrary<Route> = fc
  .tuple(starts, fc.array(fc.tuple(turns, metres), { minLength: 1, maxLength: 40 }))
  .map(([start, legs]) => walk(start, legs));

/** A street a kilometre long, the same again to the right, and again. */
export const blocks = walk(MUNICH, [
  [0, 1000],
  [90, 1000],
  [90, 1000],
]);
export const straight = walk(MUNICH, [[0, 5000]]);
