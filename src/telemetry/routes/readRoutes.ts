import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf, throwIfAborted } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import { type Clock, systemClock } from '../../core/work.ts';
import { openArchive, tooBigUnpacked, type Archive } from './archive.ts';
import { BOUNDS, TooManyPoints, tooManyPoints } from './bounds.ts';
import { collectRoutes } from './collectRoutes.ts';
import type { Collector, ReadRoutes } from './collector.ts';
import { decoded } from './decoded.ts';
import { isRouteName } from './fileNames.ts';
import { formatOf } from './formats.ts';
import { decodePolyline } from './polyline.ts';
import { readCsv } from './readCsv.ts';
import { readGpx } from './readGpx.ts';
import { readJson } from './readJson.ts';
import { noteLinks, readKml } from './readKml.ts';
import { isKml, readKmz } from './readKmz.ts';
import { readNmea } from './readNmea.ts';
import { readTcx } from './readTcx.ts';
import { routeInvalid } from './routeInvalid.ts';
import { Turns } from './turns.ts';

export type { ReadRoutes } from './collector.ts';

export interface ReadOptions {
  /** Is told each tenth of what takes longer than a second, in percent of the file, or of what was packed in it. */
  progress?: (percent: number) => void;
  signal?: AbortSignal;
  clock?: Pick<Clock, 'now'>;
}

/** Archives inside each other: an export that was zipped once more. */
const MOST_PACKED = 3;

/**
 * The routes in a file of coordinates, in the formats of docs/simulations.md, told apart by what the file looks like,
 * then by its name. Notes say what was decided, changed or left out. A million points take seconds, in which others
 * have their turns; only JSON.parse keeps them waiting.
 *
 * Throws ROUTE_INVALID with the line or element, and CANCELLED.
 */
export async function readRoutes(
  bytes: Uint8Array,
  fileName: string,
  options: ReadOptions = {},
): Promise<ReadRoutes> {
  const file = path.basename(fileName);
  if (bytes.length > BOUNDS.bytes)
    throw routeInvalid(file, l10n.t('it is larger than {size} MB', { size: BOUNDS.bytes / 2 ** 20 }));
  const collector = collectRoutes(file, tenths(options), new Turns(options.signal));
  try {
    return await collector.finish(await readInto(collector, bytes, file, 0));
  } catch (error) {
    if (!(error instanceof TooManyPoints)) throw error;
    throw routeInvalid(file, tooManyPoints(), {}, error);
  }
}

/** What is read faster is there before anybody wonders. */
const LONG_MS = 1000;

function tenths({ progress, signal, clock = systemClock }: ReadOptions): (part: number) => void {
  const began = clock.now();
  let said = 0;
  return (part) => {
    if (signal !== undefined) throwIfAborted(signal);
    const tenth = Math.floor(part * 10);
    if (tenth <= said || clock.now() - began < LONG_MS) return;
    said = tenth;
    progress?.(tenth * 10);
  };
}

async function readInto(
  collector: Collector,
  bytes: Uint8Array,
  file: string,
  packed: number,
): Promise<'stated' | 'assumed'> {
  if (bytes.length === 0) throw routeInvalid(file, l10n.t('it is empty'));
  const format = formatOf(bytes, file);
  switch (format.read) {
    case undefined:
      throw routeInvalid(file, format.problem, {}, undefined, defined({ remedy: format.remedy }));
    case 'csv':
      return readCsv(bytes, file, collector);
    case 'gpx':
      return readGpx(bytes, file, collector);
    case 'tcx':
      return readTcx(bytes, file, collector);
    case 'json':
      return readJson(bytes, file, collector);
    case 'nmea':
      return readNmea(bytes, file, collector);
    case 'kml':
      noteLinks(await readKml(bytes, file, collector), collector);
      return 'stated';
    case 'polyline':
      readPolyline(bytes, file, collector);
      return 'stated';
    case 'gzip': {
      if (packed >= MOST_PACKED) throw routeInvalid(file, l10n.t('nested archives'));
      return readInto(collector, await unzipped(bytes, file), file.replace(/\.gz$/i, ''), packed + 1);
    }
    case 'zip': {
      if (packed >= MOST_PACKED) throw routeInvalid(file, l10n.t('nested archives'));
      const archive = await openArchive(bytes, file);
      if (archive.names.some(isKml)) return readKmz(archive, file, collector);
      const inside = onlyRouteIn(archive, file);
      return readInto(collector, await archive.read(inside), path.posix.basename(inside), packed + 1);
    }
  }
}

async function unzipped(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: BOUNDS.bytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooBigUnpacked(file, 'gzip');
    const why = messageOf(error).slice(0, 80);
    throw routeInvalid(file, l10n.t('this archive cannot be unpacked ({why})', { why }), {}, error);
  }
}

/** The one file of an archive without KML that can be a route. */
function onlyRouteIn({ names }: Archive, file: string): string {
  const sheet = names.find((name) =>
    /^(?:xl\/workbook\.(?:xml|bin)|content\.xml|index\/document\.iwa)$/i.test(name),
  );
  if (sheet !== undefined) {
    throw routeInvalid(
      file,
      l10n.t('this is a spreadsheet workbook, which is not supported'),
      {},
      undefined,
      {
        remedy: l10n.t('Save the sheet as "CSV UTF-8".'),
      },
    );
  }
  const routes = names.filter(isRouteName);
  if (routes.length === 0 && names.some((name) => /\.shp$/i.test(name))) {
    throw routeInvalid(
      file,
      l10n.t('this is a file of the format {name}, which is not supported', { name: 'Shapefile' }),
      {},
      undefined,
      { remedy: l10n.t('Export it as GeoJSON in WGS 84.') },
    );
  }
  const [only, another] = routes;
  if (only === undefined) throw routeInvalid(file, l10n.t('there is no file with a route in this archive'));
  if (another === undefined) return only;
  throw routeInvalid(
    file,
    l10n.t('there are {count} files in this archive, such as {name}', { count: routes.length, name: only }),
    {},
    undefined,
    { remedy: l10n.t('Unpack it, and use the file to be driven.') },
  );
}

/** A line that is encoded: with five decimals, as most services write it. */
function readPolyline(bytes: Uint8Array, file: string, collector: Collector): void {
  const text = [...decoded(bytes, file)].join('').trim();
  const points = decodePolyline(text, 5) ?? [];
  if (points.length < 2) {
    throw routeInvalid(file, l10n.t('this is neither coordinates nor an encoded polyline'));
  }
  for (const [index, [latitude, longitude]] of points.entries())
    collector.add({ latitude, longitude }, { element: 'polyline', index });
  collector.endFeature();
  collector.note(l10n.t('Read as an encoded polyline with five decimals.'));
}
