/** A box of the map: west, south, east, north in degrees. */
export type Box = [left: number, bottom: number, right: number, top: number];

/** Web Mercator ends here. */
const MAX_LATITUDE = 85.0511287798066;

/** Elasticsearch's geotile key of a position, `zoom/x/y`. */
export function tileOf([longitude, latitude]: [number, number], zoom: number): string {
  const tiles = 2 ** zoom;
  const clamp = (value: number): number => Math.min(tiles - 1, Math.max(0, Math.floor(value)));
  const sine = Math.sin((Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude)) * Math.PI) / 180);
  const x = clamp(((longitude + 180) / 360) * tiles);
  const y = clamp((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * tiles);
  return `${zoom}/${x}/${y}`;
}

/** The box of a geotile key. */
export function boxOf(key: string): Box {
  const [zoom = 0, x = 0, y = 0] = key.split('/').map(Number);
  const tiles = 2 ** zoom;
  const longitude = (at: number): number => (at / tiles) * 360 - 180;
  const latitude = (at: number): number =>
    (Math.atan(Math.sinh(Math.PI * (1 - (2 * at) / tiles))) * 180) / Math.PI;
  return [longitude(x), latitude(y + 1), longitude(x + 1), latitude(y)];
}

/** The part of a box that lies within another. */
export function cropped(box: Box, to: Box): Box {
  return [Math.max(box[0], to[0]), Math.max(box[1], to[1]), Math.min(box[2], to[2]), Math.min(box[3], to[3])];
}

/** Borders count as inside; a box whose left is east of its right crosses the date line. */
export function contains([left, bottom, right, top]: Box, [longitude, latitude]: [number, number]): boolean {
  if (latitude < bottom || latitude > top) return false;
  return left <= right ? longitude >= left && longitude <= right : longitude >= left || longitude <= right;
}
