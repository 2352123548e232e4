import path from 'node:path';

type Point = readonly [longitude: number, latitude: number];

/** Seven digits are a centimeter. */
const DIGITS = 7;

/** Whether a text names a file below a folder in which a drawn route can be kept. */
export function isDrawnRouteName(name: string): boolean {
  const parts = name.split('/');
  return (
    /\.(geojson|gpx)$/i.test(name) &&
    !/[\\:*?"<>|\p{Cc}]/u.test(name) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..' && part.trim() === part)
  );
}

/** The content of such a file: GPX 1.1 or GeoJSON (RFC 7946), by the ending of its name. */
export function drawnRouteText(file: string, points: readonly Point[]): string {
  const { name, ext } = path.posix.parse(file);
  const rounded = points.map(([longitude, latitude]): Point => [round(longitude), round(latitude)]);
  return ext.toLowerCase() === '.gpx' ? gpx(name, rounded) : geoJson(name, rounded);
}

function geoJson(name: string, points: readonly Point[]): string {
  const feature = {
    type: 'Feature',
    properties: { name },
    geometry: { type: 'LineString', coordinates: points },
  };
  const text = JSON.stringify({ type: 'FeatureCollection', features: [feature] }, undefined, 2);
  // A point a line, so that a change is one in a diff, too.
  return `${text.replaceAll(/\[\s+(-?[\d.e-]+),\s+(-?[\d.e-]+)\s+\]/g, '[$1, $2]')}\n`;
}

function gpx(name: string, points: readonly Point[]): string {
  const lines = points.map(([longitude, latitude]) => `      <trkpt lat="${latitude}" lon="${longitude}"/>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="CMS Enablement" xmlns="http://www.topografix.com/GPX/1/1">
  <trk>
    <name>${inXml(name)}</name>
    <trkseg>
${lines.join('\n')}
    </trkseg>
  </trk>
</gpx>
`;
}

function round(degrees: number): number {
  return Number(degrees.toFixed(DIGITS));
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
