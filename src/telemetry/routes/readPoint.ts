import type { RoutePoint } from '../drive.ts';

/** A point as it stands in a file. All have the same properties: a million of them are kept. */
export interface ReadPoint {
  latitude: number;
  longitude: number;
  altitude: number | undefined;
  /** Milliseconds since 1970, or since a beginning that the file does not name. */
  time: number | undefined;
  /** The same with the month before the day, or as minutes and seconds, where the text can be read both ways. */
  otherTime: number | undefined;
  /** When the vehicle left, if it stood here. */
  until: number | undefined;
  /** The line, or in a file without lines that mean something the index in its list. */
  at: number;
}

/** Points that are one line of the file. */
export interface ReadPart {
  points: ReadPoint[];
  /** The list that `at` is an index of, such as `features[0].geometry.coordinates`; without it `at` is a line. */
  list: string | undefined;
}

/** The point of a route, once times are settled. */
export function routePoint({ latitude, longitude, altitude, time, until }: ReadPoint): RoutePoint {
  const point: RoutePoint = { latitude, longitude };
  if (altitude !== undefined) point.altitude = altitude;
  if (time !== undefined) point.time = time;
  if (until !== undefined) point.until = until;
  return point;
}

/** A part by the names of its points, in the order of the first of each. */
export function groupsOf(whole: ReadPart, nameOf: (index: number) => string): Map<string, ReadPart> {
  const groups = new Map<string, ReadPart>();
  for (const [index, point] of whole.points.entries()) {
    const name = nameOf(index);
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { points: [], list: whole.list }));
    group.points.push(point);
  }
  return groups;
}
