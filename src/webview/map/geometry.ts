/** Longitude, latitude. */
export type Point = readonly [number, number];

/** West, south, east, north. East is greater than 180 if the box crosses the 180th meridian. */
export type Box = readonly [number, number, number, number];

/** The highest latitude of a Mercator map. */
export const MERCATOR_MOST = 85.051;

/** The mean radius of the Earth, in meters (IUGG). */
const EARTH = 6_371_008.8;

/** The length of a line in meters, on a sphere. */
export function lengthOf(line: readonly Point[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distance(line[i - 1], line[i]);
  return sum;
}

function distance([x1, y1]: Point = [0, 0], [x2, y2]: Point = [0, 0]): number {
  const radians = Math.PI / 180;
  const [north, east] = [(y2 - y1) * radians, (x2 - x1) * radians];
  const h =
    Math.sin(north / 2) ** 2 + Math.cos(y1 * radians) * Math.cos(y2 * radians) * Math.sin(east / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function clampLatitude(latitude: number): number {
  return Math.max(-MERCATOR_MOST, Math.min(MERCATOR_MOST, latitude));
}

/**
 * Splits a line into pieces that do not cross the 180th meridian. Points are joined the short way around. Where that
 * crosses the meridian, one piece ends on it and the next one starts on it.
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

/** The smallest box around all points. It leaves out the widest gap between their longitudes. */
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
