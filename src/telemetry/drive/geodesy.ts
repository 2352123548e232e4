import geographiclib from 'geographiclib-geodesic';
import { wrapLongitude, type Position } from './position.ts';

/** The shortest way between two places on the WGS 84 ellipsoid (GeographicLib by C. Karney). */
export interface Geodesic {
  /** Metres. */
  distance: number;
  /** Degrees clockwise from north, [0, 360), at the start; 0 when both ends are the same place. */
  heading: number;
}

const { WGS84 } = geographiclib.Geodesic;
/** Metres. Half a meridian is 20,004 km long: what is farther away than this lies on the opposite side of the earth. */
const OPPOSITE = 19_950_000;

/** The shortest way between two places; undefined when they lie so nearly opposite that it has no clear direction. */
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

/** The place `distance` metres from another when one sets out with a heading, and the heading one has there. */
export function travel(from: Position, heading: number, distance: number): Position & { heading: number } {
  const {
    lat2 = NaN,
    lon2 = NaN,
    azi2 = NaN,
  } = WGS84.Direct(from.latitude, from.longitude, heading, distance);
  return { latitude: lat2, longitude: wrapLongitude(lon2), heading: wrapHeading(azi2) };
}

function wrapHeading(degrees: number): number {
  const turned = degrees < 0 ? degrees + 360 : degrees;
  return turned >= 360 ? 0 : turned;
}
