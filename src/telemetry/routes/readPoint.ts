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
