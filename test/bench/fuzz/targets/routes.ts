import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';
import { gpx, kml, kmlLine, WRITERS, zip } from '../../../unit/telemetry/routes/files.ts';
import { Broken, type Target } from '../target.ts';
import { known } from './known.ts';

const folder = path.resolve(import.meta.dirname, '../../../../media/routes');
const sample = (name: string): string => readFileSync(path.join(folder, name), 'utf8').slice(0, 1500);

const points = [
  { latitude: 48.1, longitude: 11.5, altitude: 516, time: Date.UTC(2026, 0, 1) },
  { latitude: 48.2, longitude: 11.6, altitude: 517, time: Date.UTC(2026, 0, 1, 0, 1) },
  { latitude: -16.7, longitude: 179.99 },
];
const sources = [
  '/src/telemetry/routes/',
  '/node_modules/saxes/',
  '/node_modules/csv-parse/',
  '/node_modules/yauzl/',
];

function routes(format: string, seeds: Target['seeds'], words: readonly string[]): Target {
  return {
    name: `route-${format}`,
    seeds,
    words,
    sources,
    open: () => Promise.resolve({ read: (input) => read(input, `fuzz.${format}`) }),
  };
}

async function read(input: Uint8Array, name: string): Promise<string> {
  let found;
  try {
    found = await readRoutes(input, name);
  } catch (error) {
    return known(error, 'ROUTE_INVALID');
  }
  for (const route of found.routes) {
    for (const { latitude, longitude, altitude = 0, time = 0 } of route.points) {
      const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      if (!isPlace || !Number.isFinite(altitude) || !Number.isFinite(time))
        throw new Broken(`a point that is none: ${JSON.stringify([latitude, longitude, altitude, time])}`);
    }
    if (route.points.length < 2) throw new Broken('a route without a way');
  }
  return `${found.routes.length > 1 ? 'several' : 'one'}${found.notes.length > 0 ? ' with notes' : ''}`;
}

/** A sentence of a receiver with its sum by exclusive or (NMEA 0183). */
function sentence(text: string): string {
  const sum = Buffer.from(text).reduce((all, byte) => all ^ byte, 0);
  return `$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}

/** The example of Google's documentation of the format, and that of HERE's. */
const POLYLINE = '_p~iF~ps|U_ulLnnqC_mqNvxq`@';
const FLEXIBLE = 'BFoz5xJ67i1B1B7PzIhaxL7Y';
const at = (i: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString();
/** What routing services answer and apps export, one of each kind. */
const JSONS = [
  { code: 'Ok', routes: [{ geometry: POLYLINE, distance: 900 }], waypoints: [{ location: [-120.2, 38.5] }] },
  { paths: [{ points: POLYLINE, points_encoded_multiplier: 1e5, bbox: [1, 2, 3, 4], distance: 900 }] },
  { trip: { legs: [{ shape: POLYLINE }] }, alternates: [{ trip: { legs: [{ shape: POLYLINE }] } }] },
  { routes: [{ overview_polyline: { points: POLYLINE }, legs: [{ steps: [{ polyline: { points: POLYLINE } }] }] }] },
  { routes: [{ polyline: { encodedPolyline: POLYLINE } }] },
  { routes: [{ sections: [{ polyline: FLEXIBLE }] }] },
  { response: { route: [{ shape: ['48.1,11.5', '48.2,11.6,5'] }] } },
  { routes: [{ legs: [{ points: [{ latitude: 48.1, longitude: 11.5 }, { latitude: 48.2, longitude: 11.6 }] }] }] },
  { resourceSets: [{ resources: [{ routePath: { line: { coordinates: [[48.1, 11.5], [48.2, 11.6]] } } }] }] },
  { features: [{ geometry: { paths: [[[11.5, 48.1], [11.6, 48.2]]] } }] },
  { semanticSegments: [{ startTime: at(0), timelinePath: [{ point: '48.1°, 11.5°', time: at(0) }, { point: 'geo:48.2,11.6', time: at(9) }] }] },
  { timelineObjects: [{ activitySegment: { waypointPath: { waypoints: [{ latE7: 481e6, lngE7: 115e6 }, { latE7: 482e6, lngE7: 116e6 }] } } }] },
  { latlng: { data: [[48.1, 11.5], [48.2, 11.6]] }, time: { data: [0, 60] }, altitude: { data: [516, 517] } },
  { name: 'Commute', map: { polyline: POLYLINE } },
  { ok: true, data: { track: [{ location: { lat: 48.1, lng: 11.5 }, ts: 1767225600 }, { location: { lat: 48.2, lng: 11.6 }, ts: 1767225660 }] } },
  [{ deviceId: 'a', fixTime: at(0), valid: true, latitude: 48.1, longitude: 11.5 }, { deviceId: 'b', fixTime: at(9), valid: true, latitude: 48.2, longitude: 11.6 }],
  { lat: [48.1, 48.2], lon: [11.5, 11.6], time: [at(0), at(9)] },
  { lat: { 0: 48.1, 1: 48.2 }, lon: { 0: 11.5, 1: 11.6 } },
  { results: [{ series: [{ columns: ['time', 'lat', 'lon'], values: [[at(0), 48.1, 11.5], [at(9), 48.2, 11.6]] }] }] },
  [{ ts: { $date: { $numberLong: '1767225600000' } }, loc: { type: 'Point', coordinates: [11.5, 48.1] } }, { ts: { $date: at(9) }, loc: { type: 'Point', coordinates: [11.6, 48.2] } }],
  { a: { lat: 48.1, lon: 11.5 }, b: { lat: 48.2, lon: 11.6 }, c: { lat: 48.3, lon: 11.7 } },
].map((value) => JSON.stringify(value)); // prettier-ignore

const XML = [
  '<?xml version="1.0" encoding="UTF-16"?>', '<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
  '&b;', '&#x0;', '&#1114112;', '&lt;', '<![CDATA[', ']]>', '<!--', '-->', '<?', '?>', 'xmlns:gx="a"', '<gx:Track>',
]; // prettier-ignore

export const routeTargets: readonly Target[] = [
  routes(
    'csv',
    [
      WRITERS['route.csv'](points),
      sample('atlanta.csv'),
      'lat;lon;ele\n48,1;11,5;516\n48,2;11,6;517\n',
      'x\ty\n11.5\t48.1\n11.6\t48.2\n',
      '11.5,48.1,1 11.6,48.2,2 11.7,48.3,3',
      'WKT,name\n"LINESTRING (11.5 48.1, 11.6 48.2)",a\n"MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",b\n',
      '\ufefflatitude,longitude,time\n48.1,11.5,2026-01-01T00:00:00Z\n48.2,11.6,1767225660\n',
      '% x\n%  GPST   lat(deg)  lon(deg)\n2026/01/01 00:00:00.0  48.1  11.5\n2026/01/01 00:00:09.0  48.2  11.6\n',
      'time,wkt\n2026-01-01T00:00:00Z,POINT(11.5 48.1)\n2026-01-01T00:00:09Z,POINT(11.6 48.2)\n',
      '# Fix,Provider,LatitudeDegrees,LongitudeDegrees\nRaw,1\nFix,GPS,48.1,11.5\nFix,GPS,48.2,11.6\n',
      'time,position_lat,position_long\n2460444.5,573857792,137198000\n2460444.6,573957792,137298000\n',
    ],
    ['  ', '(rad)', '/Date(1)/', '\u2212', "'", 'latitude', 'longitude', 'lat', 'lng', 'WKT', 'POINT', 'POLYGON', 'EMPTY', 'Z', '#', ';', '\t', '""'],
  ),
  routes(
    'kml',
    [
      WRITERS['route.kml'](points),
      sample('tokyo.kml'),
      kmlLine('11.5,48.1,1 11.6,48.2,2'),
      kml('<MultiGeometry><LineString><coordinates>1,2 3,4</coordinates></LineString><Point><coordinates>1,2</coordinates></Point></MultiGeometry>'),
      kml('<Polygon><outerBoundaryIs><LinearRing><coordinates>1,2 3,4 5,6 1,2</coordinates></LinearRing></outerBoundaryIs></Polygon>'),
    ], // prettier-ignore
    [...XML, '<coordinates>', '<LineString>', '<Placemark>', '<Folder>', '<name>', '<NetworkLink>', '<when>'],
  ),
  routes(
    'gpx',
    [
      WRITERS['route.gpx'](points),
      sample('munich.gpx'),
      gpx('<trkpt lat="1" lon="2"><extensions><a:b xmlns:a="c">1</a:b></extensions></trkpt><trkpt lat="3" lon="4"/>'),
      '<gpx><rte><name>R</name><rtept lat="1" lon="2"/><rtept lat="3" lon="4"><ele>5</ele></rtept></rte><wpt lat="1" lon="2"/></gpx>',
    ], // prettier-ignore
    [...XML, '<trkpt ', '<trkseg>', '<rtept ', 'lat="', 'lon="', '<ele>', '<time>'],
  ),
  routes(
    'geojson',
    [
      WRITERS['route.geojson'](points),
      sample('taveuni.geojson'),
      '{"type":"LineString","coordinates":[[11.5,48.1],[11.6,48.2]]}',
      '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"a"},"geometry":{"type":"GeometryCollection","geometries":[{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8]]]},{"type":"Point","coordinates":[1,2]}]}}]}',
    ], // prettier-ignore
    [
      '"type":',
      '"coordinates":',
      '"geometry":',
      '"features":',
      '"properties":',
      '"coordTimes":',
      'null',
      '[[',
      ']]',
    ],
  ),
  routes(
    'kmz',
    [
      WRITERS['route.kmz'](points),
      zip([['a/doc.kml', kmlLine('1,2 3,4')], ['b.kml', kmlLine('5,6 7,8')], ['../c.kml', 'x']]),
      zip([['doc.kml', kmlLine('1,2 3,4'), 5]]),
      zip([['picture.png', 'x']]),
    ], // prettier-ignore
    ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', 'PK\x06\x06', '\xff\xff\xff\xff', '.kml', '/'],
  ),
  routes(
    'json',
    [
      ...JSONS,
      POLYLINE,
      `${JSONS[8]}\n${JSONS[8]}\n`,
      '\u001e{"type":"Feature","properties":{"time":1767225600},"geometry":{"type":"Point","coordinates":[1,2]}}\n\u001e{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[3,4]}}\n',
    ],
    ['"routes":', '"geometry":', '"points":', '"lat":', '"lng":', '"time":', '"id":', POLYLINE, FLEXIBLE, '[[', '\n', '\u001e'],
  ),
  routes(
    'nmea',
    [
      sentence('GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W') +
        sentence('GPRMC,123520,A,4807.138,N,01131.100,E,022.4,084.4,230394,003.1,W'),
      `log $1 ${sentence('GNGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,')}` +
        sentence('GNGGA,123520,4807.138,N,01131.100,W,1,08,0.9,545.4,M,46.9,M,,') +
        '$GPGSV,1,1,00*79\n$GPRMC,,V,,,,,,,,,,N*53\n',
    ],
    ['$GPRMC,', '$GNGGA,', '*', ',A,', ',V,', ',N,', ',W,', '\r\n'],
  ),
  routes(
    'tcx',
    [
      '<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Other"><Id>a</Id><Lap><Track>' +
        '<Trackpoint><Time>2026-01-01T00:00:00Z</Time><Position><LatitudeDegrees>48.1</LatitudeDegrees><LongitudeDegrees>11.5</LongitudeDegrees></Position><AltitudeMeters>516</AltitudeMeters></Trackpoint>' +
        '<Trackpoint><HeartRateBpm/></Trackpoint>' +
        '<Trackpoint><Time>2026-01-01T00:01:00Z</Time><Position><LatitudeDegrees>48.2</LatitudeDegrees><LongitudeDegrees>11.6</LongitudeDegrees></Position></Trackpoint>' +
        '</Track></Lap></Activity></Activities></TrainingCenterDatabase>',
    ],
    [...XML, '<Trackpoint>', '<Position>', '<LatitudeDegrees>', '<Course>', '<Name>', '<Time>', '<Track>'],
  ),
  routes(
    'gz',
    [
      gzipSync(WRITERS['route.csv'](points)),
      gzipSync(gzipSync(kmlLine('1,2 3,4'))),
      gzipSync(zip([['a.gpx', WRITERS['route.gpx'](points)]])),
    ],
    ['\x1f\x8b\x08', '\x00\x00\x00\x00', '\xff\xff\xff\xff', 'PK\x03\x04'],
  ),
]; // prettier-ignore
