import type { EncodedLines } from './encodedLines.ts';
import type { Json } from './jsonValues.ts';
import type { Encoded } from './polyline.ts';

/** A line that JSON other than GeoJSON holds. */
export interface JsonLine {
  /** What carries it: an encoded line, a GeoJSON geometry, or positions. */
  geometry: Encoded | Json;
  /** Where it stands, such as `routes[0].geometry`. */
  element: string;
  times?: readonly unknown[];
}

/** Lines that belong to one route. */
export interface JsonRoute {
  name: string | undefined;
  lines: JsonLine[];
}

/** What reads one format; nothing, or no lines, where it is not that. */
export type ReadFormat = (value: Json, encoded: EncodedLines) => JsonRoute[] | undefined;
