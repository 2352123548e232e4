import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import type { RoutePoint } from '../drive.ts';
import { BOUNDS, tooManyPoints } from './bounds.ts';
import type { Collector, LeftOut } from './collectRoutes.ts';
import { CoordinatesText } from './coordinatesText.ts';
import { numberOf, timeOf } from './numbers.ts';
import { readXml } from './readXml.ts';
import { routeInvalid } from './routeInvalid.ts';

/** Elements of a placemark that hold coordinates, and what is left out of those that are no lines. */
const LEFT_OUT: Readonly<Record<string, LeftOut>> = { Point: 'point', Polygon: 'area', Model: 'model' };

/**
 * The lines of placemarks (LineString, LinearRing, gx:Track with its times), also several in a MultiGeometry. Links to
 * other files are not followed. Source: OGC KML 2.3.
 */
export async function readKml(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  let name = '';
  let value = '';
  let coordinates: CoordinatesText | undefined;
  let links = 0;
  let times: (number | undefined)[] = [];
  let places: { point: RoutePoint; line: number }[] = [];

  function place(line: number): void {
    const [longitude, latitude, altitude] = value.trim().split(/\s+/, 3).map(numberOf);
    if (
      latitude === undefined ||
      longitude === undefined ||
      Number.isNaN(latitude) ||
      Number.isNaN(longitude)
    ) {
      const text = value.trim().slice(0, 40);
      throw routeInvalid(file, l10n.t('"{text}" is not a pair of longitude and latitude', { text }), {
        line,
        element: 'gx:coord',
      });
    }
    places.push({ point: { latitude, longitude, ...defined({ altitude }) }, line });
    if (places.length > BOUNDS.points) throw routeInvalid(file, tooManyPoints(), { line });
  }

  function endTrack(): void {
    collector.beginPart();
    for (const [index, { point, line }] of places.entries()) {
      const time = times[index];
      if (time !== undefined) point.time = time;
      collector.add(point, { line, element: 'gx:coord' });
    }
    times = [];
    places = [];
  }

  await readXml(bytes, file, {
    open(path, _attributes, { line = 1 }) {
      const element = path.at(-1) ?? '';
      value = '';
      if (element === 'coordinates' && isLine(path)) {
        collector.beginPart();
        coordinates = new CoordinatesText({ file, line, element }, collector);
      }
      if (element === 'Placemark') name = '';
      if (element === 'NetworkLink') links++;
      const kind = LEFT_OUT[element];
      if (kind !== undefined) collector.leaveOut(kind);
    },
    text(path, text) {
      if (coordinates !== undefined && path.at(-1) === 'coordinates') coordinates.add(text);
      else if (value.length < 4 * BOUNDS.name) value += text;
    },
    close(path, { line = 1 }) {
      const [parent, element] = path.length > 1 ? path.slice(-2) : [undefined, path[0]];
      switch (element) {
        case 'name':
          if (parent === 'Placemark') name = value;
          break;
        case 'coordinates':
          coordinates?.end();
          coordinates = undefined;
          break;
        case 'when':
          if (parent === 'Track' && times.length < BOUNDS.points) times.push(timeOf(value));
          break;
        case 'coord':
          if (parent === 'Track') place(line);
          break;
        case 'Track':
          endTrack();
          break;
        case 'Placemark':
          collector.endFeature(name);
          break;
        default:
          break;
      }
      value = '';
    },
  });
  if (links > 0) collector.note(l10n.t('Links to other files are not followed.'));
  return 'stated';
}

/** Whether `coordinates` at this path are something to drive along. */
function isLine(path: readonly string[]): boolean {
  const parent = path.at(-2);
  return (parent === 'LineString' || parent === 'LinearRing') && !path.includes('Polygon');
}
