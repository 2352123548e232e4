/** A position on the earth. This module works without a library, for callers that need no exact distances. */
export interface Position {
  /** Degrees, WGS 84. */
  latitude: number;
  longitude: number;
}

const RADIAN = Math.PI / 180;
/** Mean radius of the earth in meters. */
const RADIUS = 6_371_009;

/** The distance between two positions on a sphere, in meters: within 0.6 % of that on the ellipsoid. */
export function roughDistance(from: Position, to: Position): number {
  const north = Math.sin(((to.latitude - from.latitude) * RADIAN) / 2);
  const east = Math.sin(((to.longitude - from.longitude) * RADIAN) / 2);
  const square =
    north * north + Math.cos(from.latitude * RADIAN) * Math.cos(to.latitude * RADIAN) * east * east;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(square)));
}

/** Degrees in [-180, 180]. */
export function wrapLongitude(degrees: number): number {
  if (degrees >= -180 && degrees <= 180) return degrees;
  return degrees - 360 * Math.round(degrees / 360);
}
