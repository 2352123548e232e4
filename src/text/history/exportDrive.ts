import { inHtml, safeJson } from '../../core/foreignText.ts';
import type { VehicleHistory } from '../../protocol/driveHistory.ts';
import type { DriveFigures } from '../driveSummary.ts';

/** A drive with what it came to. */
export interface ExportedDrive {
  /** Of the run. */
  id: string;
  title: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  figures: DriveFigures;
  history: readonly VehicleHistory[];
}

export const EXPORT_FORMATS = ['csv', 'gpx', 'geojson', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The format that the ending of a file names; undefined for none of them. */
export function exportFormatOf(file: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => file.toLowerCase().endsWith(`.${format}`));
}

/** A drive as the text of a file. */
export function exportDrive(drive: ExportedDrive, format: ExportFormat): string {
  switch (format) {
    case 'csv':
      return asCsv(drive);
    case 'gpx':
      return asGpx(drive);
    case 'geojson':
      return `${safeJson(asGeoJson(drive), undefined, 2)}\n`;
    case 'json':
      return `${safeJson(asJson(drive), undefined, 2)}\n`;
  }
}

/** Headings of the columns that every vehicle has, and how their values are written. */
const COLUMNS: readonly [heading: string, name: string, factor: number][] = [
  ['latitude', 'latitude', 1],
  ['longitude', 'longitude', 1],
  ['heading_deg', 'heading', 1],
  ['speed_kmh', 'speed', 3.6],
  ['odometer_km', 'odometer', 0.001],
  ['fuel_l', 'fuel', 1],
  ['charge_percent', 'charge', 100],
  ['ack_ms', 'ack', 1],
];
const OWN = new Set(COLUMNS.map(([, name]) => name));

function asCsv({ history }: ExportedDrive): string {
  const signals = [...new Set(history.flatMap(({ columns }) => Object.keys(columns)))].filter(
    (name) => !OWN.has(name),
  );
  const lines = [['time', 'vin', 'id', ...COLUMNS.map(([heading]) => heading), ...signals].map(cell)];
  for (const { vin, id, times, columns } of history) {
    times.forEach((time, i) => {
      const own = COLUMNS.map(([, name, factor]) => figure(columns[name]?.[i], factor));
      const others = signals.map((name) => figure(columns[name]?.[i], 1));
      lines.push([iso(time), cell(vin), cell(id), ...own, ...others]);
    });
  }
  return `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

function asGpx({ title, history }: ExportedDrive): string {
  const tracks = history.map(({ vin, times, columns }) => {
    const points = times.flatMap((time, i) => {
      const [latitude, longitude] = [columns.latitude?.[i], columns.longitude?.[i]];
      if (latitude == null || longitude == null) return [];
      return [`      <trkpt lat="${latitude}" lon="${longitude}"><time>${iso(time)}</time></trkpt>`];
    });
    return [
      '  <trk>',
      `    <name>${inHtml(vin)}</name>`,
      '    <trkseg>',
      ...points,
      '    </trkseg>',
      '  </trk>',
    ];
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="CMS Enablement" xmlns="http://www.topografix.com/GPX/1/1">',
    `  <metadata><name>${inHtml(title)}</name></metadata>`,
    ...tracks.flat(),
    '</gpx>',
    '',
  ].join('\n');
}

function asGeoJson({ history }: ExportedDrive): unknown {
  const features = history.map(({ vin, id, times, columns, codes }) => {
    const at = times.flatMap((time, i) => {
      const [latitude, longitude] = [columns.latitude?.[i], columns.longitude?.[i]];
      return latitude == null || longitude == null ? [] : [{ time, place: [longitude, latitude], i }];
    });
    // A line has two ends.
    const isLine = at.length > 1;
    return {
      type: 'Feature',
      properties: {
        ...{ name: vin, vin, id },
        coordTimes: at.map(({ time }) => iso(time)),
        speeds: at.map(({ i }) => columns.speed?.[i] ?? null),
        troubleCodes: codes.map(({ time, code }) => ({ time: iso(time), code })),
      },
      geometry:
        at[0] === undefined
          ? null
          : isLine
            ? { type: 'LineString', coordinates: at.map(({ place }) => place) }
            : { type: 'Point', coordinates: at[0].place },
    };
  });
  return { type: 'FeatureCollection', features };
}

function asJson({ id, title, startedAt, figures, history }: ExportedDrive): unknown {
  const vehicles = history.map(({ times, codes, ...vehicle }) => ({
    ...vehicle,
    times: times.map(iso),
    codes: codes.map(({ time, code }) => ({ time: iso(time), code })),
  }));
  return { simulationId: id, title, started: iso(startedAt), drive: figures, vehicles };
}

function iso(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

function figure(value: number | null | undefined, factor: number): string {
  return value == null ? '' : String(Math.round(value * factor * 1e6) / 1e6);
}

/** Quoted where it must be; a spreadsheet is to take no text for a formula. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
