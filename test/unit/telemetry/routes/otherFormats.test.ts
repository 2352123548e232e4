import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { gpx, kml, kmlLine, pointsIn, read, trackPoint, zip } from './files.ts';

const BEGIN = Date.UTC(2024, 4, 14, 6, 30);
const way = [
  { latitude: 48.137, longitude: 11.575, altitude: 516 },
  { latitude: 48.138, longitude: 11.576, altitude: 517.5 },
  { latitude: 48.1395, longitude: 11.578, altitude: 518 },
];
const places = way.map(({ latitude, longitude }) => ({ latitude, longitude }));
const timed = places.map((it, i) => ({ ...it, time: BEGIN + i * 10_000 }));
const iso = (i: number) => new Date(BEGIN + i * 10_000).toISOString();
const lonLat = places.map(({ latitude, longitude }) => [longitude, latitude]);
const latLon = places.map(({ latitude, longitude }) => [latitude, longitude]);

/** As Google describes it, step by step: the other way round than the reader. */
function encoded(values: readonly (readonly number[])[], decimals: readonly number[]): string {
  const before = decimals.map(() => 0);
  let text = '';
  for (const point of values) {
    for (const [i, value] of point.entries()) {
      const now = Math.round(value * 10 ** decimals[i]!);
      let rest = now - before[i]!;
      before[i] = now;
      rest = rest < 0 ? ~(rest << 1) : rest << 1;
      while (rest >= 0x20) {
        text += String.fromCharCode((0x20 | (rest & 0x1f)) + 63);
        rest >>= 5;
      }
      text += String.fromCharCode(rest + 63);
    }
  }
  return text;
}

const polyline5 = encoded(latLon, [5, 5]);
const polyline6 = encoded(latLon, [6, 6]);
const json = (value: unknown) => JSON.stringify(value);
const lineString = { type: 'LineString', coordinates: lonLat };

describe('an answer of a routing service', () => {
  const waypoints = [{ location: lonLat[0] }];
  for (const [name, value] of Object.entries({
    'OSRM, GeoJSON': { code: 'Ok', routes: [{ geometry: lineString, distance: 1 }], waypoints },
    'OSRM, five decimals': { code: 'Ok', routes: [{ geometry: polyline5 }], waypoints },
    'OSRM, six decimals': { code: 'Ok', routes: [{ geometry: polyline6 }], waypoints },
    'Mapbox, six decimals, by its length': { code: 'Ok', routes: [{ geometry: polyline6, distance: 362 }] },
    OpenRouteService: { routes: [{ summary: { distance: 362 }, geometry: polyline5, way_points: [0, 2] }] },
    'GraphHopper, encoded': {
      paths: [{ distance: 362, points_encoded: true, points: polyline5, bbox: [1, 2, 3, 4] }],
    },
    'GraphHopper, GeoJSON': { paths: [{ points_encoded: false, points: lineString }] },
    Valhalla: { trip: { legs: [{ shape: polyline6 }] } },
    'Google Directions, steps': {
      routes: [
        {
          overview_polyline: { points: encoded([latLon[0]!, latLon[2]!], [5, 5]) },
          legs: [
            {
              steps: [
                { polyline: { points: encoded(latLon.slice(0, 2), [5, 5]) } },
                { polyline: { points: encoded(latLon.slice(1), [5, 5]) } },
              ],
            },
          ],
        },
      ],
    },
    'Google Routes': { routes: [{ polyline: { encodedPolyline: polyline5 } }] },
    TomTom: { routes: [{ legs: [{ points: places }] }] },
    'HERE, version 7': { response: { route: [{ shape: latLon.map(String) }] } },
    'Bing Maps': { resourceSets: [{ resources: [{ routePath: { line: { coordinates: latLon } } }] }] },
    Esri: { geometryType: 'esriGeometryPolyline', features: [{ geometry: { paths: [lonLat] } }] },
  })) {
    it(`is read: ${name}`, async () => {
      const { routes, notes } = await read(json(value), 'answer.json');
      assert.deepEqual(
        routes.map(({ points }) => points),
        [places],
      );
      assert.match(notes.join(), /Read as an export or answer of/);
    });
  }

  it('has heights between where GraphHopper writes them', async () => {
    const points = encoded(
      way.map(({ latitude, longitude, altitude }) => [latitude, longitude, altitude]),
      [5, 5, 2],
    );
    for (const box of [{ bbox: [11.575, 48.137, 516, 11.578, 48.1395, 518] }, { distance: 362 }]) {
      assert.deepEqual(await pointsIn(json({ paths: [{ points, ...box }] }), 'a.json'), way);
    }
  });

  it('of HERE is read: the example of its documentation', async () => {
    const value = { routes: [{ sections: [{ polyline: 'BFoz5xJ67i1B1B7PzIhaxL7Y' }] }] };
    assert.deepEqual(await pointsIn(json(value), 'here.json'), [
      { latitude: 50.10228, longitude: 8.69821 },
      { latitude: 50.10201, longitude: 8.69567 },
      { latitude: 50.10063, longitude: 8.6915 },
      { latitude: 50.09878, longitude: 8.68752 },
    ]);
  });

  it('is one route of each alternative', async () => {
    const other = encoded([...latLon].reverse(), [5, 5]);
    const { routes } = await read(
      json({ code: 'Ok', routes: [{ geometry: polyline5 }, { geometry: other }], waypoints }),
      'two.json',
    );
    assert.equal(routes.length, 2);
  });

  it('that is an error is told as what it is', async () => {
    await assert.rejects(read(json({ code: 'NoRoute', message: 'Impossible route' }), 'a.json'), {
      code: 'ROUTE_INVALID',
      message: /the error of a routing service \(NoRoute: Impossible route\)/,
    });
  });
});

describe('an encoded polyline', () => {
  it('is read: the example of its documentation', async () => {
    assert.deepEqual(await pointsIn('_p~iF~ps|U_ulLnnqC_mqNvxq`@', 'line.txt'), [
      { latitude: 38.5, longitude: -120.2 },
      { latitude: 40.7, longitude: -120.95 },
      { latitude: 43.252, longitude: -126.453 },
    ]);
  });

  it('that is a word is none', async () => {
    for (const text of ['filename_without_meaning', 'https://example.com/route', 'abc~~~~~~~~~~~~~~~~~~~~']) {
      await assert.rejects(read(text, 'line.txt'), { code: 'ROUTE_INVALID' }, text);
    }
  });
});

describe('an export of an app', () => {
  for (const [name, value] of Object.entries({
    'Google Timeline of a phone': {
      semanticSegments: [
        {
          timelinePath: places.map((it, i) => ({ point: `${it.latitude}°, ${it.longitude}°`, time: iso(i) })),
        },
      ],
    },
    'Google Timeline of an iPhone': [
      {
        startTime: iso(0),
        endTime: iso(2),
        timelinePath: places.map((it, i) => ({
          point: `geo:${it.latitude},${it.longitude}`,
          durationMinutesOffsetFromStartTime: String(i / 6),
        })),
      },
    ],
    'Google Takeout, semantic': {
      timelineObjects: [
        {
          activitySegment: {
            simplifiedRawPath: {
              points: places.map((it, i) => ({
                latE7: Math.round(it.latitude * 1e7),
                lngE7: Math.round(it.longitude * 1e7),
                timestamp: iso(i),
              })),
            },
          },
        },
      ],
    },
    'Google Takeout, records': {
      locations: places.map((it, i) => ({
        latitudeE7: Math.round(it.latitude * 1e7),
        longitudeE7: Math.round(it.longitude * 1e7),
        accuracy: 9,
        timestamp: iso(i),
      })),
    },
    'positions of Traccar': places.map((it, i) => ({
      id: i,
      deviceId: 7,
      valid: true,
      fixTime: iso(i),
      ...it,
      speed: 3,
    })),
    'positions in an object': {
      ok: true,
      data: {
        track: places.map((it, i) => ({
          location: { lat: it.latitude, lng: it.longitude },
          ts: BEGIN + i * 10_000,
        })),
      },
    },
    'points as GeoJSON': {
      type: 'FeatureCollection',
      features: places.map((_, i) => ({
        type: 'Feature',
        properties: { time: iso(i), provider: 'gps' },
        geometry: { type: 'Point', coordinates: lonLat[i] },
      })),
    },
    'GeoJSON with coordTimes': {
      type: 'Feature',
      properties: { coordTimes: [iso(0), iso(1), iso(2)] },
      geometry: lineString,
    },
    'GeoJSON with coordinateProperties': {
      type: 'Feature',
      properties: { coordinateProperties: { times: [iso(0), iso(1), iso(2)] } },
      geometry: lineString,
    },
    'GeoJSON with a collection': {
      type: 'Feature',
      properties: { coordTimes: [[iso(0), iso(1), iso(2)]] },
      geometry: {
        type: 'GeometryCollection',
        geometries: [{ type: 'Point', coordinates: [1, 1] }, lineString],
      },
    },
    'GeoJSON with a fourth number': {
      type: 'LineString',
      coordinates: lonLat.map((position, i) => [...position, null, BEGIN + i * 10_000]),
    },
  })) {
    it(`has its times: ${name}`, async () => {
      assert.deepEqual(await pointsIn(json(value), 'export.json'), timed);
    });
  }

  it('has seconds since its start: streams of Strava', async () => {
    const streams = {
      latlng: { data: latLon },
      time: { data: [0, 10, 20] },
      altitude: { data: way.map((it) => it.altitude) },
    };
    const list = Object.entries(streams).map(([type, { data }]) => ({ type, data }));
    for (const value of [streams, list]) {
      const expected = way.map((it, i) => ({ ...it, time: i * 10_000 }));
      assert.deepEqual(await pointsIn(json(value), 'streams.json'), expected);
    }
    assert.deepEqual(
      await pointsIn(json({ name: 'Commute', map: { polyline: polyline5 } }), 'activity.json'),
      places,
    );
  });

  it('has one feature a line, with or without what RFC 8142 puts before it', async () => {
    for (const before of ['', '\u001e']) {
      const lines = places.map((_, i) =>
        json({
          type: 'Feature',
          properties: { time: iso(i) },
          geometry: { type: 'Point', coordinates: lonLat[i] },
        }),
      );
      assert.deepEqual(
        await pointsIn(lines.map((line) => `${before}${line}\n`).join(''), 'seq.geojson'),
        timed,
      );
    }
  });

  it('of several vehicles is a route each', async () => {
    const rows = ['b', 'a'].flatMap((device) =>
      places.map((it, i) => ({
        device_id: device,
        time: iso(i),
        latitude: it.latitude,
        longitude: it.longitude + (device === 'a' ? 1 : 0),
      })),
    );
    const interleaved = rows.toSorted((a, b) => a.time.localeCompare(b.time));
    const features = interleaved.map(({ latitude, longitude, ...properties }) => ({
      type: 'Feature',
      properties,
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
    }));
    for (const value of [interleaved, { type: 'FeatureCollection', features }]) {
      const { routes, notes } = await read(json(value), 'fleet.json');
      assert.deepEqual(
        routes.map(({ name, points }) => [name, points.length]),
        [
          ['b', 3],
          ['a', 3],
        ],
      );
      assert.match(notes.join(), /The rows belong to 2 vehicles or trips \(b, a\): each is a route\./);
    }
  });
});

describe('a TCX file', () => {
  const point = (i: number, inside = `<Position><LatitudeDegrees>${places[i]!.latitude}</LatitudeDegrees><LongitudeDegrees>${places[i]!.longitude}</LongitudeDegrees></Position><AltitudeMeters>${way[i]!.altitude}</AltitudeMeters>`) =>
    `<Trackpoint><Time>${iso(i)}</Time>${inside}</Trackpoint>`; // prettier-ignore
  const activity = (inside: string) =>
    `<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Other"><Id>Morning</Id><Lap><Track>\n${inside}\n</Track></Lap></Activity></Activities></TrainingCenterDatabase>`;

  it('has positions, heights and times, also over several laps', async () => {
    const text = activity(`${point(0)}${point(1)}</Track></Lap><Lap><Track>${point(2)}`);
    const { routes } = await read(text, 'a.tcx');
    assert.deepEqual(routes, [
      { name: 'Morning', points: way.map((it, i) => ({ ...it, time: timed[i]!.time })) },
    ]);
  });

  it('loses records of the heart rate alone, and says so', async () => {
    const { routes, notes } = await read(
      activity(`${point(0)}\n${point(1, '<HeartRateBpm/>')}\n${point(2)}`),
      'a.tcx',
    );
    assert.equal(routes[0]!.points.length, 2);
    assert.deepEqual(notes, ['Left out because there is no position: 1 point, the first in line 3.']);
  });
});

describe('a log of NMEA sentences', () => {
  const sum = (text: string) => Buffer.from(text).reduce((all, byte) => all ^ byte, 0);
  const sentence = (text: string) => `$${text}*${sum(text).toString(16).toUpperCase().padStart(2, '0')}`;
  const minutes = (value: number, width: number) =>
    `${String(Math.floor(value)).padStart(width, '0')}${((value % 1) * 60).toFixed(5).padStart(8, '0')}`;
  const pair = (i: number) => `${minutes(places[i]!.latitude, 2)},N,${minutes(places[i]!.longitude, 3)},E`;
  const clock = (i: number) => iso(i).slice(11, 19).replaceAll(':', '');
  const rmc = (i: number) => sentence(`GPRMC,${clock(i)},A,${pair(i)},0.0,0.0,140524,,`);
  const gga = (i: number) => sentence(`GNGGA,${clock(i)},${pair(i)},1,08,0.9,${way[i]!.altitude},M,47,M,,`);
  const near = (found: readonly { latitude: number; longitude: number }[]) => {
    assert.equal(found.length, 3);
    for (const [i, { latitude, longitude }] of found.entries()) {
      assert.ok(Math.abs(latitude - places[i]!.latitude) < 1e-7);
      assert.ok(Math.abs(longitude - places[i]!.longitude) < 1e-7);
    }
  };

  it('has dates, positions and heights, whatever stands before them', async () => {
    const text = [0, 1, 2].map((i) => `${gga(i)}\r\n2024 log: ${rmc(i)}\r\n$GPGSV,1,1,00*79\r\n`).join('');
    const found = await pointsIn(text, 'drive.nmea');
    near(found);
    assert.deepEqual(
      found.map(({ time, altitude }) => [time, altitude]),
      way.map(({ altitude }, i) => [timed[i]!.time, altitude]),
    );
  });

  it('without dates has times of day; without a fix it has no position; what is garbled is left out', async () => {
    near(await pointsIn([0, 1, 2].map(gga).join('\n'), 'drive.log'));
    const lost = sentence(`GPRMC,${clock(0)},V,,,,,,,140524,,`);
    const garbled = rmc(1).replace('48', '58');
    const { routes, notes } = await read([lost, rmc(0), garbled, rmc(1), rmc(2)].join('\n'), 'drive.nmea');
    near(routes[0]!.points);
    assert.deepEqual(notes, [
      'Left out because its checksum is wrong: the sentence in line 3.',
      'Left out because there is no position: 1 point, the first in line 1.',
    ]);
  });
});

describe('a log of NMEA sentences of other orders', () => {
  const position = (i: number) => `4808.${String(1000 + i)},N,01130.${String(1000 + i)},E`;
  const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19).replaceAll(':', '');
  const rmc = (seconds: number, date: string, form = (it: string) => it) =>
    `$GPRMC,${form(clock(seconds))},A,${position(seconds % 60)},0,0,${date},,`;
  const gga = (seconds: number) =>
    `$GPGGA,${clock(seconds)},${position(seconds % 60)},1,8,0.9,${500 + (seconds % 60)},M,47,M,,`;

  it('has heights where they come after the position, and where its times have a fraction', async () => {
    for (const form of [String, (it: string) => `${it}.00`]) {
      const lines = [0, 1, 2].flatMap((i) => [rmc(i, '140524', form), '$GPGSV,1,1,00', gga(i)]);
      const points = await pointsIn(lines.join('\r\n'), 'a.nmea');
      assert.deepEqual(points.map(({ altitude }) => altitude), [500, 501, 502]); // prettier-ignore
      assert.deepEqual(points.map(({ time }) => time), [0, 1000, 2000].map((ms) => Date.UTC(2024, 4, 14) + ms)); // prettier-ignore
    }
  });

  it('has all positions, before the first date, between two of them, and over midnight', async () => {
    const lines = [gga(86_398), gga(86_399), rmc(0, '150524'), gga(1), gga(2), rmc(3, '150524'), gga(4)];
    const points = await pointsIn(lines.join('\n'), 'a.nmea');
    assert.deepEqual(
      points.map(({ time }) => (time! - Date.UTC(2024, 4, 15)) / 1000),
      [-2, -1, 0, 1, 2, 3, 4],
    );
  });
});

describe('a record without a position', () => {
  for (const cell of [
    'no fix',
    'No GPS',
    'invalid',
    'k.A.',
    '-nan',
    '-nan(ind)',
    '1.#QNAN',
    '-1.#IND',
    'NULL',
  ]) {
    it(`is left out and said: ${cell}`, async () => {
      const rows = `48.1,11.5\n${cell},${cell}\n48.2,11.6\nEnd of file\n`;
      const gpxText = gpx(
        `<trkpt lat="48.1" lon="11.5"/>\n<trkpt lat="${cell}" lon="11.5"/>\n<trkpt lat="48.2" lon="11.6"/>`,
      );
      for (const [text, name, count] of [
        [`lat,lon\n${rows}`, 'a.csv', 2],
        [gpxText, 'a.gpx', 1],
      ] as const) {
        const { routes, notes } = await read(text, name);
        assert.deepEqual(routes[0]!.points, [{ latitude: 48.1, longitude: 11.5 }, { latitude: 48.2, longitude: 11.6 }]); // prettier-ignore
        assert.match(
          notes.join(),
          new RegExp(`there is no position: ${count} points?, the first in line [34]`),
        );
      }
    });
  }

  it('is left out of JSON, too: null, nothing, and what is no JSON', async () => {
    for (const none of ['null', '[]', '[null,null]', '[NaN,NaN]', '[-Infinity, 48.1]']) {
      const text = `{"type":"LineString","note":"NaN \\" Infinity","coordinates":[[11.5,48.1],${none},[11.6,48.2]]}`;
      const { routes, notes } = await read(text, 'a.geojson');
      assert.equal(routes[0]!.points.length, 2, none);
      assert.deepEqual(notes, [
        'Left out because there is no position: 1 point, the first in coordinates[1].',
      ]);
    }
  });
});

describe('points with times beside a line without', () => {
  const point = (i: number) =>
    `<Placemark><TimeStamp><when>${iso(i)}</when></TimeStamp><Point><coordinates>${lonLat[i]!.join(',')}</coordinates></Point></Placemark>`;
  const line = `<Placemark><name>L</name><LineString><coordinates>${lonLat.map((it) => it.join(',')).join(' ')}</coordinates></LineString></Placemark>`;

  it('are driven if they are the line', async () => {
    const text = `<kml><Document>${line}${[0, 1, 2].map(point).join('')}</Document></kml>`;
    const { routes, notes } = await read(text, 'a.kml');
    assert.deepEqual(routes, [{ name: 'L', points: timed }]);
    assert.match(notes.join(), /the points are driven in order/);
  });

  it('are said if they are not', async () => {
    const text = `<kml><Document>${line}${[0, 1].map(point).join('')}</Document></kml>`;
    const { routes, notes } = await read(text, 'a.kml');
    assert.deepEqual(routes[0]!.points, places);
    assert.match(notes.join(), /The lines have no times, but 2 points beside them do/);
  });
});

describe('a file of another format', () => {
  const fit = Buffer.concat([Buffer.from([14, 16, 0, 0, 0, 0, 0, 0]), Buffer.from('.FIT'), Buffer.alloc(40)]);
  for (const [name, content, problem, remedy] of [
    ['a.fit', fit, /format FIT, which is not supported/, /Export it as GPX/],
    ['a.gpx', '<!DOCTYPE html>\n<html><meta charset="utf-8"><body>Sign in', /this is a web page/, /sign in first/],
    ['a.gpx', '<html lang="de"><head></head></html>', /this is a web page/, /Download the file itself/],
    ['a.xlsx', zip([['xl/workbook.xml', '<x/>']]), /spreadsheet workbook/, /CSV UTF-8/],
    ['a.ods', zip([['content.xml', '<x/>']]), /spreadsheet workbook/, /CSV UTF-8/],
    ['a.xls', Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1', 'latin1'), /format Excel/, /CSV UTF-8/],
    ['a.pdf', '%PDF-1.7 ', /format PDF/, /GPX/],
    ['a.plt', 'OziExplorer Track Point File Version 2.1\nWGS 84\n', /format OziExplorer/, /GPX/],
    ['a.igc', 'AXXX123\nHFDTE140524\nB0630004808220N01134500EA0051600516\n', /format IGC/, /GPX/],
    ['a.osm', '<?xml version="1.0"?><osm version="0.6"/>', /format OpenStreetMap XML/, /GPX/],
    ['a.itn', '1157500|4813700|Start|4|\n', /format TomTom ITN/, /GPX/],
    ['a.json', json({ type: 'Topology', objects: {} }), /this is TopoJSON/, /Correct the file/],
    ['a.zip', zip([['a.gpx', 'x'], ['b.gpx', 'y']]), /2 files in this archive, such as a\.gpx/, /Unpack it/],
    ['a.mf4', 'MDF     4.10    CANape', /format ASAM MDF/, /latitude and longitude from it as CSV/],
    ['a.blf', Buffer.from('LOGG\x90\0\0\0', 'latin1'), /format Vector BLF/, /CSV/],
    ['a.asc', 'date Tue May 14 06:30:00.000 am 2024\nbase hex  timestamps absolute\n', /format Vector ASC/, /./],
    ['a.pcap', Buffer.from('d4c3b2a1020004000000', 'hex'), /format PCAP/, /CSV/],
    ['a.pcapng', Buffer.from('0a0d0d0a1c0000004d3c2b1a', 'hex'), /format pcapng/, /CSV/],
    ['a.mp4', Buffer.from('\0\0\0\x20ftypisom', 'latin1'), /format MP4/, /ExifTool/],
    ['a.mov', Buffer.from('\0\0\0\x14ftypqt  ', 'latin1'), /format MOV/, /ExifTool/],
    ['a.heic', Buffer.from('\0\0\0\x18ftypheic', 'latin1'), /format HEIC/, /GPX/],
    ['a.avi', Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1'), /format AVI/, /ExifTool/],
    ['a.gpx.bz2', Buffer.from('BZh91AY&SY', 'latin1'), /format bzip2/, /Unpack it/],
    ['a.gpx.xz', Buffer.from('fd377a585a0000', 'hex'), /format XZ/, /Unpack it/],
    ['a.gpx.zst', Buffer.from('28b52ffd0458', 'hex'), /format Zstandard/, /Unpack it/],
    ['a.bag', '#ROSBAG V2.0\n', /format ROS bag/, /CSV/],
    ['a.mcap', Buffer.from('\x89MCAP0\r\n', 'latin1'), /format MCAP/, /CSV/],
    ['a.h5', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /format HDF5/, /CSV/],
    ['a.mat', 'MATLAB 5.0 MAT-file, Platform: GLNXA64', /format MATLAB/, /CSV/],
    ['a.xlsb', zip([['xl/workbook.bin', 'x']]), /spreadsheet workbook/, /CSV UTF-8/],
    ['a.zip', zip([['a.shp', 'x'], ['a.dbf', 'x']]), /format Shapefile/, /GeoJSON in WGS 84/],
    ['a.xml', '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="x"/>', /format SpreadsheetML/, /CSV UTF-8/],
    ['a.gpx', json({ error: 'invalid_token', error_description: 'The token expired' }), /error message of a server, not a route \(The token expired\)/, /sign in first/],
    ['a.gpx', json({ message: 'Authorization Error', errors: [{ resource: 'Athlete', code: 'invalid' }] }), /error message of a server, not a route \(Authorization Error\)/, /sign in/],
    ['a.gpx', '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Denied</Message></Error>', /error message of a server, not a route \(AccessDenied\)/, /sign in/],
    ['a.zip', zip([['a.txt', 'x']]), /no file with a route in this archive/, /Correct/],
    ['run.jsonl', '{"serial":1,"payload":"{}"}\n{"serial":2,"payload":"{}"}\n', /recording of a simulation/, /replay --file/],
    ['a.geojson', json({ ...lineString, crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3857' } } }), /coordinates are in urn:ogc:def:crs:EPSG::3857/, /EPSG:4326/],
  ] as const) {
    it(`is named, with what to do: ${name} (${problem.source})`, async () => {
      await assert.rejects(read(content, name), (error: { code?: string; message?: string; remedy?: unknown }) => {
        assert.equal(error.code, 'ROUTE_INVALID');
        assert.match(error.message ?? '', problem);
        assert.match(JSON.stringify(error.remedy), remedy);
        return true;
      });
    });
  } // prettier-ignore
});

describe('a packed file', () => {
  const text = gpx(way.map((point) => trackPoint(point)).join('\n'));

  it('is unpacked: gzip and ZIP, once or twice', async () => {
    for (const [content, name] of [
      [gzipSync(text), 'activity.gpx.gz'],
      [
        zip([
          ['readme.txt', 'x'],
          ['sub/a.gpx', text],
        ]),
        'a.zip',
      ],
      [zip([['a.gpx.gz', gzipSync(text)]]), 'a.zip'],
    ] as const) {
      assert.deepEqual(await pointsIn(content, name), way, name);
    }
  });

  it('is not unpacked for ever', async () => {
    let content: Buffer = Buffer.from(text);
    for (let i = 0; i < 10; i++) content = gzipSync(content);
    await assert.rejects(read(content, 'a.gz'), {
      code: 'ROUTE_INVALID',
      message: /nested archives/,
    });
    await assert.rejects(read(gzipSync(Buffer.alloc(257 * 2 ** 20)), 'bomb.gz'), {
      code: 'ROUTE_INVALID',
      message: /unpacks to more than 256 MB/,
    });
  }).timeout(20_000);
});

describe('a KMZ', () => {
  const link = (href: string) => `<NetworkLink><Link><href>${href}</href></Link></NetworkLink>`;
  const line = kmlLine('11.575,48.137 11.576,48.138 11.578,48.1395');

  it('is read with the files that it links to', async () => {
    const archive = zip([
      [
        'doc.kml',
        `<kml><Document>${link('files/My%20tour.kml')}${link('https://maps.example/x')}</Document></kml>`,
      ],
      ['files/My tour.kml', line],
      ['files/unused.kml', kmlLine('1,1 2,2')],
    ]);
    const { routes, notes } = await read(archive, 'backup.kmz');
    assert.deepEqual(
      routes.map(({ points }) => points),
      [places],
    );
    assert.match(
      notes.join('\n'),
      /Links to other files are not followed \(the first: https:\/\/maps\.example\/x\)/,
    );
    assert.match(notes.join('\n'), /Not read: files\/unused\.kml in the archive, which nothing links to\./);
  });

  it('is read whole if its main file contains no track, also when files link to each other', async () => {
    const archive = zip([
      ['doc.kml', `<kml><Document>${link('doc.kml')}${link('../../etc/passwd')}</Document></kml>`],
      ['a/b.kml', line],
    ]);
    assert.deepEqual(await pointsIn(archive, 'backup.kmz'), places);
  });

  it('and a KML that only link elsewhere say so in their error', async () => {
    await assert.rejects(read(`<kml>${link('https://maps.example/kml?mid=1')}</kml>`, 'link.kml'), {
      code: 'ROUTE_INVALID',
      message:
        /contains no track\. Links to other files are not followed \(the first: https:\/\/maps\.example\/kml\?mid=1\).*keep data up to date/,
    });
  });
});

describe('content that carries a route', () => {
  it('is the road between the points of a Garmin route', async () => {
    const rpt = (i: number) => `<gpxx:rpt lat="${places[i]!.latitude}" lon="${places[i]!.longitude}"/>`;
    const text = `<gpx xmlns:gpxx="x"><rte><name>R</name><rtept lat="48" lon="11.5"><name>Start</name><extensions><gpxx:RoutePointExtension>${rpt(0)}${rpt(1)}</gpxx:RoutePointExtension></extensions></rtept><rtept lat="${places[2]!.latitude}" lon="${places[2]!.longitude}"/></rte></gpx>`;
    assert.deepEqual(await pointsIn(text, 'garmin.gpx'), [{ latitude: 48, longitude: 11.5 }, ...places]);
  });

  it('is points alone: waypoints of a GPX, placemarks with times of a KML', async () => {
    const waypoints = places.map((it, i) => `<wpt lat="${it.latitude}" lon="${it.longitude}"><time>${iso(i)}</time></wpt>`);
    const marks = lonLat.map((it, i) => `<Placemark><TimeStamp><when>${iso(i)}</when></TimeStamp><Point><coordinates>${it.join(',')}</coordinates></Point></Placemark>`);
    for (const [text, name] of [[`<gpx>${waypoints.join('')}</gpx>`, 'a.gpx'], [`<kml><Document>${marks.join('')}</Document></kml>`, 'a.kml']] as const) {
      const { routes, notes } = await read(text, name);
      assert.deepEqual(routes[0]!.points, timed);
      assert.deepEqual(notes, ['There are no lines, so the points are driven in order.']);
    }
  }); // prettier-ignore

  it('is UTF-8 that declares UTF-16, names with entities of HTML, and control characters in names', async () => {
    const declared = kml(`<LineString><coordinates>${lonLat.join(' ')}</coordinates></LineString>`);
    for (const encoding of ['utf-16', 'UTF-16LE', 'ucs-2']) {
      assert.deepEqual(await pointsIn(declared.replace('?>', ` encoding="${encoding}"?>`), 'a.kml'), places);
    }
    const { routes } = await read(
      gpx(way.map(trackPoint).join('')).replace('>T<', '>Ca&ntilde;on \u0002x<'),
      'a.gpx',
    );
    assert.equal(routes[0]!.name, 'Cañon x');
  });
});
