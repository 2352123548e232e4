import path from 'node:path';
import { decodedText } from '../../core/encoding.ts';
import { l10n, type Message } from '../../core/message.ts';

/** What a file is read as, or what it is besides. */
export type Format =
  | { read: 'csv' | 'kml' | 'gpx' | 'tcx' | 'json' | 'nmea' | 'polyline' | 'zip' | 'gzip' }
  | { read: undefined; problem: Message; remedy?: Message };

const BY_EXTENSION: Readonly<Record<string, 'csv' | 'kml' | 'gpx' | 'tcx' | 'json' | 'zip'>> = {
  '.csv': 'csv',
  '.kml': 'kml',
  '.kmz': 'zip',
  '.gpx': 'gpx',
  '.tcx': 'tcx',
  '.geojson': 'json',
  '.geojsonl': 'json',
  '.json': 'json',
};

/** The first bytes of files that are no text, in Latin-1; `at` is where they stand. */
const MAGIC: readonly { bytes: string; at?: number; name: string; remedy: Message }[] = [
  { bytes: '.FIT', at: 8, name: 'FIT', remedy: asGpx() },
  { bytes: '\xd0\xcf\x11\xe0', name: 'Excel', remedy: asCsv() },
  { bytes: '%PDF', name: 'PDF', remedy: asGpx() },
  { bytes: '\x89PNG', name: 'PNG', remedy: asGpx() },
  { bytes: '\xff\xd8\xff', name: 'JPEG', remedy: asGpx() },
  { bytes: 'GIF8', name: 'GIF', remedy: asGpx() },
  { bytes: 'SQLite format 3', name: 'SQLite, GeoPackage', remedy: asGpx() },
  { bytes: '\x00\x00\x27\x0a', name: 'Shapefile', remedy: l10n.t('Export it as GeoJSON in WGS 84.') },
  { bytes: 'MsRc', name: 'Garmin GDB', remedy: asGpx() },
  { bytes: '\xb5\x62', name: 'u-blox UBX', remedy: asGpx() },
  { bytes: '7z\xbc\xaf', name: '7-Zip', remedy: unpackIt() },
  { bytes: 'Rar!', name: 'RAR', remedy: unpackIt() },
  { bytes: 'fgb', name: 'FlatGeobuf', remedy: l10n.t('Export it as GeoJSON in WGS 84.') },
  { bytes: 'PAR1', name: 'Parquet', remedy: asCsv() },
];

/** Beginnings of text files that are not read. */
const TEXTS: readonly { begins: RegExp; name: string }[] = [
  { begins: /^OziExplorer/i, name: 'OziExplorer' },
  { begins: /^A[A-Z0-9]{3}[^\n]*\r?\n(?:[^\n]*\r?\n){0,40}H[FOP]/, name: 'IGC' },
  { begins: /^H\s+SOFTWARE NAME/, name: 'CompeGPS TRK' },
  { begins: /^\s*-?\d{5,9}\|-?\d{5,9}\|/, name: 'TomTom ITN' },
];

/** Roots of XML files that are not read. */
const ROOTS: Readonly<Record<string, string>> = {
  osm: 'OpenStreetMap XML',
  loc: 'Geocaching LOC',
  pwx: 'TrainingPeaks PWX',
  fitnessworkbook: 'SportTracks FITLOG',
  sml: 'Suunto SML',
  featurecollection: 'GML',
  lx: 'LandXML',
  landxml: 'LandXML',
  'fcd-export': 'SUMO FCD (XML)',
};

/** Told by what the file looks like, then by its name. */
export function formatOf(bytes: Uint8Array, file: string): Format {
  const binary = String.fromCharCode(...bytes.subarray(0, 64));
  if (binary.startsWith('PK')) return { read: 'zip' };
  if (binary.startsWith('\x1f\x8b')) return { read: 'gzip' };
  const magic = MAGIC.find(({ bytes: begins, at = 0 }) => binary.startsWith(begins, at));
  if (magic !== undefined) return notRead(magic.name, magic.remedy);
  const named = BY_EXTENSION[path.extname(file).toLowerCase()];
  const text = beginning(bytes);
  if (text.startsWith('<')) return xmlFormat(text, named);
  if (/^[{[]/.test(text) || text.startsWith('\u001e')) return { read: 'json' };
  const other = TEXTS.find(({ begins }) => begins.test(text));
  if (other !== undefined) return notRead(other.name, asGpx());
  if (/(?:^|\n)[^\n]{0,40}\$G[A-Z][A-Z]{3},/.test(text)) return { read: 'nmea' };
  if (isPolyline(text, bytes.length)) return { read: 'polyline' };
  return { read: named ?? 'csv' };
}

/** The first characters, as far as they can be decoded; the reader says where they cannot. */
function beginning(bytes: Uint8Array): string {
  try {
    const [first = ''] = decodedText(bytes.subarray(0, 4096));
    return first.trimStart();
  } catch {
    return String.fromCharCode(...bytes.subarray(0, 4096)).replace(/^\s*/, '');
  }
}

function xmlFormat(text: string, named: string | undefined): Format {
  const plain = text.replace(/<\?[^>]*>|<!--[^]*?(?:-->|$)/g, '');
  const [, root = ''] = /<(?:[\w.-]+:)?([\w.-]+)/.exec(plain.replace(/<!DOCTYPE[^>]*>/i, '')) ?? [];
  const name = root.toLowerCase();
  if (name === 'html' || /<!DOCTYPE\s+html/i.test(plain)) {
    return {
      read: undefined,
      problem: l10n.t('this is a web page, not a route'),
      remedy: l10n.t('Download the file itself; the page may ask you to sign in first.'),
    };
  }
  if (name === 'gpx' || name === 'kml') return { read: name };
  if (name === 'trainingcenterdatabase') return { read: 'tcx' };
  const other = ROOTS[name];
  if (other !== undefined) return notRead(other, asGpx());
  // What has no root that we know may be broken; its reader says where.
  return { read: named === 'gpx' || named === 'tcx' ? named : 'kml' };
}

/** A line of letters and signs without a blank, longer than a word. Every file of it is shorter than what is looked at. */
function isPolyline(text: string, size: number): boolean {
  const line = text.trim();
  return size <= 4096 && line.length >= 8 && /^[?-~]+$/.test(line) && /[^A-Za-z]/.test(line);
}

function notRead(name: string, remedy: Message): Format {
  return {
    read: undefined,
    problem: l10n.t('this is a file of the format {name}, which is not read', { name }),
    remedy,
  };
}

function asGpx(): Message {
  return l10n.t('Export it as GPX, or as CSV, KML or GeoJSON.');
}

function asCsv(): Message {
  return l10n.t('Save the sheet as "CSV UTF-8".');
}

function unpackIt(): Message {
  return l10n.t('Unpack it, and give the file that is in it.');
}
