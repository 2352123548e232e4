import geographiclib from 'geographiclib-geodesic';
import { wrapLongitude, type Position } from './position.ts';

/** The shortest path between two positions on the WGS 84 ellipsoid (GeographicLib by C. Karney). */
export interface Geodesic {
  /** Meters. */
  distance: number;
  /** Degrees clockwise from north, [0, 360), at the start; 0 if both ends are the same position. */
  heading: number;
}

const { WGS84 } = geographiclib.Geodesic;
/** Meters. Half a meridian is 20,004 km long, so anything farther away is on the opposite side of the earth. */
const OPPOSITE = 19_950_000;

/**
 * The shortest path between two positions; undefined if they are so nearly opposite that its direction is ambiguous.
 */
export function geodesic(from: Position, to: Position): Geodesic | undefined {
  const { s12: distance = NaN, azi1 = NaN } = WGS84.Inverse(
    from.latitude,
    from.longitude,
    to.latitude,
    to.longitude,
  );
  if (distance === 0) return { distance, heading: 0 };
  return distance > OPPOSITE ? undefined : { distance, heading: wrapHeading(azi1) };
}

/** The position `distance` meters from another in the direction of `heading`, and the heading on arrival. */
export function travel(from: Position, heading: number, distance: number): Position & { heading: number } {
  const {
    lat2 = NaN,
    lon2 = NaN,
    azi2 = NaN,
  } = WGS84.Direct(from.latitude, from.longitude, heading, distance);
  return { latitude: lat2, longitude: wrapLongitude(lon2), heading: wrapHeading(azi2) };
}

function wrapHeading(degrees: number): number {
  const positive = degrees < 0 ? degrees + 360 : degrees;
  return positive >= 360 ? 0 : positive;
}
