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

/**
 * The first bytes of files that are no text, in Latin-1; `at` is where they stand, behind the length of what follows,
 * which is no text either. A table may begin with any letters, so that those of a format alone do not tell.
 */
const MAGIC: readonly { bytes: string; at?: number; begins?: string; name: string; remedy: Message }[] = [
  { bytes: '.FIT', at: 8, name: 'FIT', remedy: asGpx() },
  { bytes: '\xd0\xcf\x11\xe0', name: 'Excel', remedy: asCsv() },
  { bytes: '%PDF-', name: 'PDF', remedy: asGpx() },
  { bytes: '\x89PNG', name: 'PNG', remedy: asGpx() },
  { bytes: '\xff\xd8\xff', name: 'JPEG', remedy: asGpx() },
  { bytes: 'GIF87a', name: 'GIF', remedy: asGpx() },
  { bytes: 'GIF89a', name: 'GIF', remedy: asGpx() },
  { bytes: 'SQLite format 3', name: 'SQLite, GeoPackage', remedy: asGpx() },
  { bytes: '\x00\x00\x27\x0a', name: 'Shapefile', remedy: l10n.t('Export it as GeoJSON in WGS 84.') },
  { bytes: 'MsRcf\x00', name: 'Garmin GDB', remedy: asGpx() },
  { bytes: '\xb5\x62', name: 'u-blox UBX', remedy: asGpx() },
  { bytes: '7z\xbc\xaf\x27', name: '7-Zip', remedy: unpackIt() },
  { bytes: 'Rar!\x1a\x07', name: 'RAR', remedy: unpackIt() },
  { bytes: 'fgb\x03fgb', name: 'FlatGeobuf', remedy: l10n.t('Export it as GeoJSON in WGS 84.') },
  { bytes: 'PAR1', name: 'Parquet', remedy: tableAsCsv() },
  { bytes: 'ARROW1', name: 'Arrow', remedy: tableAsCsv() },
  { bytes: 'Obj\x01', name: 'Avro', remedy: tableAsCsv() },
  { bytes: '\x93NUMPY', name: 'NumPy', remedy: tableAsCsv() },
  { bytes: '\x89HDF\r\n', name: 'HDF5', remedy: tableAsCsv() },
  { bytes: 'MATLAB 5.0 MAT-file', name: 'MATLAB', remedy: tableAsCsv() },
  { bytes: 'MDF     ', name: 'ASAM MDF', remedy: tableAsCsv() },
  { bytes: 'UnFinMF', name: 'ASAM MDF', remedy: tableAsCsv() },
  { bytes: 'MATLAB 7.3 MAT-file', name: 'MATLAB', remedy: tableAsCsv() },
  { bytes: 'LOGG\x90\x00\x00\x00', name: 'Vector BLF', remedy: tableAsCsv() },
  { bytes: '#ROSBAG V', name: 'ROS bag', remedy: tableAsCsv() },
  { bytes: '\x89MCAP', name: 'MCAP', remedy: tableAsCsv() },
  { bytes: '\xd4\xc3\xb2\xa1', name: 'PCAP', remedy: tableAsCsv() },
  { bytes: '\xa1\xb2\xc3\xd4', name: 'PCAP', remedy: tableAsCsv() },
  { bytes: '\x4d\x3c\xb2\xa1', name: 'PCAP', remedy: tableAsCsv() },
  { bytes: '\xa1\xb2\x3c\x4d', name: 'PCAP', remedy: tableAsCsv() },
  { bytes: '\n\r\r\n', name: 'pcapng', remedy: tableAsCsv() },
  { bytes: 'ftypheic', at: 4, name: 'HEIC', remedy: asGpx() },
  { bytes: 'ftypheix', at: 4, name: 'HEIC', remedy: asGpx() },
  { bytes: 'ftypmif1', at: 4, name: 'HEIC', remedy: asGpx() },
  { bytes: 'ftypavif', at: 4, name: 'AVIF', remedy: asGpx() },
  { bytes: 'ftypqt', at: 4, name: 'MOV', remedy: fromVideo() },
  { bytes: 'ftyp', at: 4, name: 'MP4', remedy: fromVideo() },
  ...['moov', 'mdat', 'wide', 'skip'].map((bytes) => ({ bytes, at: 4, name: 'MOV', remedy: fromVideo() })),
  { bytes: 'AVI ', at: 8, begins: 'RIFF', name: 'AVI', remedy: fromVideo() },
  { bytes: 'WEBP', at: 8, begins: 'RIFF', name: 'WebP', remedy: asGpx() },
  { bytes: 'WAVE', at: 8, begins: 'RIFF', name: 'WAV', remedy: asGpx() },
  { bytes: '\x1a\x45\xdf\xa3', name: 'Matroska', remedy: fromVideo() },
  { bytes: 'II*\x00', name: 'TIFF', remedy: asGpx() },
  { bytes: 'MM\x00*', name: 'TIFF', remedy: asGpx() },
  ...['1AY&SY', '\x17\x72\x45\x38\x50\x90'].flatMap((block) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((level) => ({
      bytes: `BZh${level}${block}`,
      name: 'bzip2',
      remedy: unpackIt(),
    })),
  ),
  { bytes: '\xfd7zXZ', name: 'XZ', remedy: unpackIt() },
  { bytes: '\x28\xb5\x2f\xfd', name: 'Zstandard', remedy: unpackIt() },
  { bytes: '\x04\x22\x4d\x18', name: 'LZ4', remedy: unpackIt() },
];

/** A ZIP, one without files, and one in pieces. */
const PACKED = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'];

/** Beginnings of text files that are not read. */
const TEXTS: readonly { begins: RegExp; name: string }[] = [
  { begins: /^OziExplorer/i, name: 'OziExplorer' },
  { begins: /^date [^\n]*\r?\nbase (?:hex|dec)/i, name: 'Vector ASC' },
  { begins: /^A[A-Z0-9]{3}[^\n]*\n(?:[^\n]*\n){0,40}H[FOP][A-Z]{3}/, name: 'IGC' },
  { begins: /^H\s+SOFTWARE NAME/, name: 'CompeGPS TRK' },
  { begins: /^\s*-?\d{5,9}\|-?\d{5,9}\|/, name: 'TomTom ITN' },
];

/** Texts that a video has beside it; some have positions in them. */
const SUBTITLES = /^\d+\s*\r?\n\d\d:\d\d:\d\d[,.]\d{3} --> /;

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
  if (PACKED.some((begins) => binary.startsWith(begins))) return { read: 'zip' };
  if (binary.startsWith('\x1f\x8b')) return { read: 'gzip' };
  const magic = MAGIC.find(
    (it) =>
      binary.startsWith(it.bytes, it.at) &&
      (it.begins === undefined
        ? it.at === undefined || !isPrintable(binary.slice(0, 4))
        : binary.startsWith(it.begins)),
  );
  if (magic !== undefined) return notRead(magic.name, magic.remedy);
  const named = BY_EXTENSION[path.extname(file).toLowerCase()];
  const text = beginning(bytes);
  if (text.startsWith('<')) return xmlFormat(text, named);
  if (/^[{[]/.test(text) || text.startsWith('\u001e')) return { read: 'json' };
  if (SUBTITLES.test(text)) return notRead('SubRip (SRT)', fromVideo());
  const other = TEXTS.find(({ begins }) => begins.test(text));
  if (other !== undefined) return notRead(other.name, asGpx());
  if (/(?:^|\n)[^\n]{0,40}\$G[A-Z][A-Z]{3},/.test(text)) return { read: 'nmea' };
  if (isPolyline(text, bytes.length)) return { read: 'polyline' };
  return { read: named ?? 'csv' };
}

function isPrintable(text: string): boolean {
  return /^[\t\n\r -~]*$/.test(text);
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
  if (name === 'error' || name === 'serviceexceptionreport' || name === 'exceptionreport') {
    const [, why = ''] =
      /<(?:\w+:)?(?:Code|Message|ServiceException|ExceptionText)\b[^>]*>([^<]{1,200})/i.exec(plain) ?? [];
    return errorOfServer(why.trim());
  }
  if (name === 'workbook' || /<\?mso-application\s+progid="Excel/i.test(text))
    return notRead('SpreadsheetML (Excel)', asCsv());
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

/** What a server answered in the place of a file, and a browser saved. */
export function errorOfServer(why: string): Extract<Format, { read: undefined }> {
  return {
    read: undefined,
    problem:
      why === ''
        ? l10n.t('this is the error message of a server, not a route')
        : l10n.t('this is the error message of a server, not a route ({text})', { text: why.slice(0, 80) }),
    remedy: l10n.t('Download the file again; the server may ask you to sign in first.'),
  };
}

function notRead(name: string, remedy: Message): Format {
  return {
    read: undefined,
    problem: l10n.t('this is a file of the format {name}, which is not supported', { name }),
    remedy,
  };
}

function asGpx(): Message {
  return l10n.t('Export it as GPX, or as CSV, KML or GeoJSON.');
}

function asCsv(): Message {
  return l10n.t('Save the sheet as "CSV UTF-8".');
}

function tableAsCsv(): Message {
  return l10n.t('Export time, latitude and longitude from it as CSV.');
}

function fromVideo(): Message {
  return l10n.t('Extract the positions of the video as GPX, with ExifTool for instance.');
}

function unpackIt(): Message {
  return l10n.t('Unpack it, and use the file inside.');
}
