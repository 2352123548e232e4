import { l10n, type Message } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector, Position } from './collector.ts';
import { isNoNumber, isNothing, numberOf } from './numbers.ts';
import { readXml, type Attributes } from './readXml.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';

/**
 * Tracks and routes with their heights and times; a track's segments are its parts. Between the points of a route
 * Garmin writes the road as `gpxx:rpt`. Sources: GPX 1.1 schema; Garmin's GpxExtensions v3.
 */
export async function readGpx(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  let name = '';
  let point: (Position & { time?: string }) | undefined;
  let value = '';

  /** The position in the attributes; undefined and left out if there is none. */
  function positionOf(attributes: Attributes, where: Where): Position | undefined {
    const { lat, lon } = attributes;
    for (const [attribute, text] of [
      ['lat', lat],
      ['lon', lon],
    ] as const) {
      if (!isNoNumber(text)) continue;
      collector.leaveOutRecord(where, isNothing(text) ? undefined : noNumber(attribute, text));
      return undefined;
    }
    return { latitude: coordinate('lat', lat, where), longitude: coordinate('lon', lon, where) };
  }

  function coordinate(attribute: 'lat' | 'lon', text: string | undefined, where: Where): number {
    const number = numberOf(text);
    if (!Number.isNaN(number)) return number;
    throw routeInvalid(file, noNumber(attribute, text), where);
  }

  function noNumber(attribute: 'lat' | 'lon', text: string | undefined): Message {
    return l10n.t('{attribute} "{value}" is not a number', {
      attribute,
      value: (text ?? '').slice(0, 40),
    });
  }

  function endPoint(element: string, line: number): void {
    if (point === undefined) return;
    const where = { line, element };
    const { time, ...position } = point;
    point = undefined;
    if (element === 'wpt') collector.addLoose('waypoint', position, where, time);
    else collector.add(position, where, time);
  }

  await readXml(bytes, file, collector.progress, {
    open(path, attributes, line) {
      value = '';
      switch (path.at(-1)) {
        case 'trk':
        case 'rte':
          name = '';
          break;
        case 'trkseg':
          collector.beginPart();
          break;
        case 'wpt':
        case 'trkpt':
        case 'rtept':
          point = positionOf(attributes, { line, element: path.at(-1) ?? '' });
          break;
        case 'rpt': {
          // The point of the route itself comes before the road that leads on from it.
          endPoint('rtept', line);
          const where = { line, element: 'rpt' };
          const position = path.includes('rtept') ? positionOf(attributes, where) : undefined;
          if (position !== undefined) collector.add(position, where);
          break;
        }
        default:
          break;
      }
    },
    text(_path, text) {
      if (value.length < 4 * BOUNDS.name) value += text;
    },
    close(path, line) {
      const [parent, element] = [path.at(-2), path.at(-1) ?? ''];
      const isPoint = (it: string | undefined) => it === 'trkpt' || it === 'rtept' || it === 'wpt';
      if (element === 'name' && (parent === 'trk' || parent === 'rte')) name = value;
      if (point !== undefined && isPoint(parent)) {
        if (element === 'ele' && value.trim() !== '') point.altitude = numberOf(value);
        if (element === 'time') point.time = value.trim();
      }
      if (isPoint(element)) endPoint(element, line);
      if (element === 'trk' || element === 'rte') collector.endFeature(name);
    },
  });
  return 'stated';
}
