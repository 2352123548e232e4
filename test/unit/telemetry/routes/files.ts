import { crc32, deflateRawSync } from 'node:zlib';
import { english } from '../../../../src/core/wording.ts';
import { readRoutes, type ReadRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';
import type { RoutePoint } from '../../../../src/telemetry/drive.ts';

/** Reads a file; its notes in English. */
export async function read(
  text: string | Uint8Array,
  name: string,
): Promise<Omit<ReadRoutes, 'notes'> & { notes: string[] }> {
  const { routes, notes } = await readRoutes(typeof text === 'string' ? Buffer.from(text) : text, name);
  return { routes, notes: notes.map(english) };
}

export async function pointsIn(text: string | Uint8Array, name: string): Promise<RoutePoint[]> {
  const { routes } = await read(text, name);
  return routes.flatMap(({ points }) => [...points]);
}

/** `[longitude, latitude, altitude?]` as the formats write them. */
export function tuple({ longitude, latitude, altitude }: RoutePoint): number[] {
  return altitude === undefined ? [longitude, latitude] : [longitude, latitude, altitude];
}

/** Each format as other programs write it. */
export const WRITERS = {
  'route.csv': (points: readonly RoutePoint[]) =>
    `longitude,latitude,altitude,time\n${points.map((p) => [p.longitude, p.latitude, p.altitude ?? '', p.time === undefined ? '' : new Date(p.time).toISOString()].join(',')).join('\n')}`,
  'route.gpx': (points: readonly RoutePoint[]) => gpx(points.map((p) => trackPoint(p)).join('\n')),
  'route.kml': (points: readonly RoutePoint[]) =>
    kml(
      `<gx:Track>${points.map((p) => `<when>${p.time === undefined ? '' : new Date(p.time).toISOString()}</when>`).join('')}
${points.map((p) => `<gx:coord>${tuple(p).join(' ')}</gx:coord>`).join('\n')}</gx:Track>`,
    ),
  'route.geojson': (points: readonly RoutePoint[]) =>
    JSON.stringify({
      type: 'Feature',
      properties: { coordTimes: points.map((p) => p.time ?? null) },
      geometry: { type: 'LineString', coordinates: points.map(tuple) },
    }),
  'route.kmz': (points: readonly RoutePoint[]) => zip([['doc.kml', WRITERS['route.kml'](points)]]),
} as const;

export function trackPoint(point: RoutePoint): string {
  const height = point.altitude === undefined ? '' : `<ele>${point.altitude}</ele>`;
  const time = point.time === undefined ? '' : `<time>${new Date(point.time).toISOString()}</time>`;
  return `<trkpt lat="${point.latitude}" lon="${point.longitude}">${height}${time}</trkpt>`;
}

export function gpx(inside: string): string {
  return `<?xml version="1.0"?>\n<gpx version="1.1"><trk><name>T</name><trkseg>\n${inside}\n</trkseg></trk></gpx>`;
}

export function kml(geometry: string): string {
  return `<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>P</name>\n${geometry}\n</Placemark></kml>`;
}

export function kmlLine(coordinates: string): string {
  return kml(`<LineString><coordinates>${coordinates}</coordinates></LineString>`);
}

/** A ZIP archive; `claims` is the unpacked size it pretends to have. */
export function zip(
  files: readonly (readonly [name: string, content: string | Buffer, claims?: number])[],
): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content, claims] of files) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claims ?? data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(name)]),
    );
    bodies.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
