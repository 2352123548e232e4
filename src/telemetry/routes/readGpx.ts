import { l10n } from '../../core/message.ts';
import type { RoutePoint } from '../drive.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector } from './collectRoutes.ts';
import { numberOf, timeOf } from './numbers.ts';
import { readXml } from './readXml.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';

/** Tracks and routes with their heights and times; a track's segments are its parts. Source: GPX 1.1 schema. */
export async function readGpx(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  let name = '';
  let point: RoutePoint | undefined;
  let value = '';

  function coordinate(
    attributes: Readonly<Record<string, string>>,
    key: 'lat' | 'lon',
    where: Where,
  ): number {
    const number = numberOf(attributes[key]);
    if (!Number.isNaN(number)) return number;
    const text = attributes[key];
    throw routeInvalid(
      file,
      text === undefined
        ? l10n.t('{attribute} is missing', { attribute: key })
        : l10n.t('{attribute} "{value}" is not a number', { attribute: key, value: text.slice(0, 40) }),
      where,
    );
  }

  await readXml(bytes, file, {
    open(path, attributes, where) {
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
          collector.leaveOut('waypoint');
          break;
        case 'trkpt':
        case 'rtept':
          point = {
            latitude: coordinate(attributes, 'lat', where),
            longitude: coordinate(attributes, 'lon', where),
          };
          break;
        default:
          break;
      }
    },
    text(_path, text) {
      if (value.length < 4 * BOUNDS.name) value += text;
    },
    close(path, where) {
      const [parent, element] = path.slice(-2);
      const ofRoute = parent === 'trk' || parent === 'rte';
      if (element === 'name' && ofRoute) name = value;
      if (point !== undefined && (parent === 'trkpt' || parent === 'rtept')) {
        if (element === 'ele' && value.trim() !== '') point.altitude = numberOf(value);
        const time = element === 'time' ? timeOf(value) : undefined;
        if (time !== undefined) point.time = time;
      }
      if (point !== undefined && (element === 'trkpt' || element === 'rtept')) {
        collector.add(point, where);
        point = undefined;
      }
      if (path.at(-1) === 'trk' || path.at(-1) === 'rte') collector.endFeature(name);
    },
  });
  return 'stated';
}
