import { roughDistance } from '../drive/position.ts';
import { BOUNDS } from './bounds.ts';
import { decodeFlexiblePolyline, decodePolyline, type Encoded } from './polyline.ts';

/** How a polyline may be encoded. */
export type Encoding = readonly [precision: number, dimensions?: 2 | 3];

/** What an answer says of a line besides its text. */
export interface Truth {
  /** Longitude and latitude, if it is a list of them. */
  start?: unknown;
  meters: number | undefined;
}

/** The encoded lines of one file, which together have no more points than a file may have: TooManyPoints. */
export class EncodedLines {
  #left: number = BOUNDS.points;

  google(text: string, ...[precision, dimensions]: Encoding): Encoded | undefined {
    return this.#counted(decodePolyline(text, precision, dimensions, this.#left));
  }

  here(text: string): Encoded | undefined {
    return this.#counted(decodeFlexiblePolyline(text, this.#left));
  }

  /** Of several encodings the one in which the line begins, or is as long, as the answer says. */
  closest(text: string, encodings: readonly Encoding[], truth: Truth): Encoded | undefined {
    let best: { points: Encoded; error: number } | undefined;
    for (const [precision, dimensions] of encodings) {
      const points = decodePolyline(text, precision, dimensions, this.#left);
      if (points === undefined) continue;
      const error = errorOf(points, truth);
      if (best === undefined || error < best.error) best = { points, error };
    }
    return this.#counted(best?.points);
  }

  #counted(points: Encoded | undefined): Encoded | undefined {
    this.#left -= points?.length ?? 0;
    return points;
  }
}

function errorOf(points: Encoded, { start, meters }: Truth): number {
  const [longitude, latitude] = Array.isArray(start) ? (start as unknown[]) : [];
  const [first] = points;
  if (typeof latitude === 'number' && typeof longitude === 'number' && first !== undefined)
    return roughDistance(placeOf(first), { latitude, longitude });
  if (meters === undefined) return 0;
  let length = 0;
  let last = first;
  for (const point of points) {
    length += roughDistance(placeOf(last ?? point), placeOf(point));
    last = point;
  }
  return Math.abs(Math.log(Math.max(1, length) / Math.max(1, meters)));
}

function placeOf([latitude, longitude]: Encoded[number]): { latitude: number; longitude: number } {
  return { latitude, longitude };
}
