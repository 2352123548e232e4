import path from 'node:path';
import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import { collectRoutes, type ReadRoutes } from './collectRoutes.ts';
import { readCsv } from './readCsv.ts';
import { readGeoJson } from './readGeoJson.ts';
import { readGpx } from './readGpx.ts';
import { readKml } from './readKml.ts';
import { routeInvalid } from './routeInvalid.ts';
import { unpackKmz } from './unpackKmz.ts';

export type { ReadRoutes } from './collectRoutes.ts';

type Format = 'csv' | 'kml' | 'kmz' | 'gpx' | 'geojson';

const BY_EXTENSION: Readonly<Record<string, Format>> = {
  '.csv': 'csv',
  '.kml': 'kml',
  '.kmz': 'kmz',
  '.gpx': 'gpx',
  '.geojson': 'geojson',
  '.json': 'geojson',
};

/** What an open dialog offers, without dots. */
export const ROUTE_FILE_EXTENSIONS = Object.keys(BY_EXTENSION).map((extension) => extension.slice(1));

/**
 * The routes in a file of coordinates: CSV, KML, KMZ, GPX or GeoJSON, told apart by what the file looks like, then by
 * its name. Notes say what was decided, changed or left out. A million points take seconds, in which others have
 * their turns; only JSON.parse keeps them waiting.
 *
 * Throws ROUTE_INVALID with the line or element.
 */
export async function readRoutes(bytes: Uint8Array, fileName: string): Promise<ReadRoutes> {
  const file = path.basename(fileName);
  if (bytes.length > BOUNDS.bytes)
    throw routeInvalid(file, l10n.t('it is larger than {size} MB', { size: BOUNDS.bytes / 2 ** 20 }));
  if (bytes.length === 0) throw routeInvalid(file, l10n.t('it is empty'));
  const collector = collectRoutes(file);
  switch (formatOf(bytes, file)) {
    case 'csv':
      return collector.finish(await readCsv(bytes, file, collector));
    case 'kml':
      return collector.finish(await readKml(bytes, file, collector));
    case 'kmz':
      return collector.finish(await readKml(await unpackKmz(bytes, file), file, collector));
    case 'gpx':
      return collector.finish(await readGpx(bytes, file, collector));
    case 'geojson':
      return collector.finish(await readGeoJson(bytes, file, collector));
  }
}

function formatOf(bytes: Uint8Array, file: string): Format {
  const start = String.fromCharCode(...bytes.subarray(0, 4096).filter((byte) => byte !== 0));
  if (start.startsWith('PK')) return 'kmz';
  const named = BY_EXTENSION[path.extname(file).toLowerCase()];
  const text = start.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*/, '');
  if (text.startsWith('<')) {
    const [, root] = /<(?:\w+:)?(kml|gpx)[\s>]/i.exec(text) ?? [];
    return root?.toLowerCase() === 'gpx' || (root === undefined && named === 'gpx') ? 'gpx' : 'kml';
  }
  if (/^[{[]/.test(text)) return 'geojson';
  return named ?? 'csv';
}
