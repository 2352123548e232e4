/** Longitude, latitude. */
export type Point = readonly [number, number];

/** West, south, east, north; the east is beyond 180 where the box goes across the 180th meridian. */
export type Box = readonly [number, number, number, number];

/** As far north and south as a Mercator map goes. */
export const MERCATOR_MOST = 85.051;

export function clampLatitude(latitude: number): number {
  return Math.max(-MERCATOR_MOST, Math.min(MERCATOR_MOST, latitude));
}

/**
 * A line as pieces, none of which goes across the 180th meridian: two points are joined the short way round, and
 * where that crosses it, one piece ends on it and the next begins on it.
 */
export function cutAtAntimeridian(line: readonly Point[]): [number, number][][] {
  const pieces: [number, number][][] = [];
  let piece: [number, number][] = [];
  let before: Point | undefined;
  for (const [longitude, latitude] of line) {
    if (before && Math.abs(longitude - before[0]) > 180) {
      const edge = before[0] > 0 ? 180 : -180;
      const toEdge = edge - before[0];
      const beyond = longitude + edge;
      const whole = toEdge + beyond;
      const part = whole === 0 ? 0 : toEdge / whole;
      const crossing = before[1] + (latitude - before[1]) * part;
      piece.push([edge, crossing]);
      pieces.push(piece);
      piece = [[-edge, crossing]];
    }
    piece.push([longitude, latitude]);
    before = [longitude, latitude];
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces.filter(({ length }) => length > 1);
}

/** The smallest box around all points: the widest gap between their longitudes stays outside. */
export function boxAround(points: readonly Point[]): Box | undefined {
  if (points.length === 0) return undefined;
  const longitudes = points.map(([longitude]) => longitude).sort((a, b) => a - b);
  let south = 90;
  let north = -90;
  for (const [, latitude] of points) {
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  const first = longitudes[0] ?? 0;
  let west = first;
  let gap = first + 360 - (longitudes.at(-1) ?? 0);
  for (let i = 1; i < longitudes.length; i++) {
    const here = longitudes[i] ?? 0;
    const wide = here - (longitudes[i - 1] ?? 0);
    if (wide > gap) {
      gap = wide;
      west = here;
    }
  }
  return [west, clampLatitude(south), Math.max(west, west + 360 - gap), clampLatitude(north)];
}
