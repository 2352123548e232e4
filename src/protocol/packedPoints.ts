import * as z from 'zod';

/** A point of a route, as both processes have it: degrees, meters, milliseconds since 1970. */
export interface PointOfRoute {
  latitude: number;
  longitude: number;
  altitude?: number;
  time?: number;
  until?: number;
}

/** Latitude, longitude, altitude, time, until. */
const NUMBERS = 5;

/**
 * Points as the numbers that they are, in base64: half a million of them as JSON take the reader a second. NaN stands
 * for a number that a point lacks.
 */
export function packed(points: readonly PointOfRoute[]): string {
  const numbers = new Float64Array(points.length * NUMBERS);
  let at = 0;
  for (const { latitude, longitude, altitude = NaN, time = NaN, until = NaN } of points) {
    numbers[at] = latitude;
    numbers[at + 1] = longitude;
    numbers[at + 2] = altitude;
    numbers[at + 3] = time;
    numbers[at + 4] = until;
    at += NUMBERS;
  }
  return Buffer.from(numbers.buffer).toString('base64');
}

/** At least two points, each on the earth. */
export const packedPointsSchema = z.string().transform((text, context): readonly PointOfRoute[] => {
  const points = unpacked(text);
  if (points !== undefined) return points;
  context.addIssue({ code: 'custom', message: 'packed points' });
  return z.NEVER;
});

function unpacked(text: string): PointOfRoute[] | undefined {
  const bytes = Buffer.from(text, 'base64');
  const size = NUMBERS * Float64Array.BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0 || bytes.length < 2 * size) return undefined;
  // A buffer of its own, for one from the pool need not begin where a number may.
  const numbers = new Float64Array(new Uint8Array(bytes).buffer);
  const points: PointOfRoute[] = [];
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    const latitude = numbers[at] ?? NaN;
    const longitude = numbers[at + 1] ?? NaN;
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
    const altitude = numbers[at + 2] ?? NaN;
    const time = numbers[at + 3] ?? NaN;
    const until = numbers[at + 4] ?? NaN;
    if (isInfinite(altitude) || isInfinite(time) || isInfinite(until)) return undefined;
    const point: PointOfRoute = { latitude, longitude };
    if (!Number.isNaN(altitude)) point.altitude = altitude;
    if (!Number.isNaN(time)) point.time = time;
    if (!Number.isNaN(until)) point.until = until;
    points.push(point);
  }
  return points;
}

function isInfinite(number: number): boolean {
  return Math.abs(number) === Infinity;
}
