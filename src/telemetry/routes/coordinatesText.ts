import type { Collector } from './collectRoutes.ts';
import { numberOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';

/** `longitude,latitude[,altitude]`, blanks around the commas forgiven; everything bounded, for files come from anywhere. */
const TUPLE = /[^\s,]{1,64}(?:\s{0,8},\s{0,8}[^\s,]{0,64}){0,8}/g;

/**
 * Coordinates with blanks or line ends between them: what KML has in `coordinates` and Google My Maps shows as text.
 * Source: OGC KML 2.3, 9.11.3.5 kml:coordinates.
 */
export function readCoordinatesText(
  text: string,
  from: { file: string; line: number; element?: string },
  collector: Collector,
): void {
  let { line } = from;
  let newline = text.indexOf('\n');
  for (const { 0: tuple, index } of text.matchAll(TUPLE)) {
    for (; newline >= 0 && newline < index; newline = text.indexOf('\n', newline + 1)) line++;
    const where = { line, ...(from.element === undefined ? {} : { element: from.element }) };
    const [longitude, latitude, altitude] = tuple.split(',');
    if (latitude === undefined) {
      throw routeInvalid(from.file, `"${tuple}" is no pair of longitude and latitude`, where);
    }
    collector.add(
      {
        latitude: numberOr(latitude),
        longitude: numberOr(longitude),
        ...(altitude === undefined || altitude.trim() === '' ? {} : { altitude: numberOr(altitude) }),
      },
      where,
    );

    function numberOr(value: string | undefined): number {
      const number = numberOf(value);
      if (Number.isNaN(number)) throw routeInvalid(from.file, `"${value?.trim()}" is no number`, where);
      return number;
    }
  }
}
