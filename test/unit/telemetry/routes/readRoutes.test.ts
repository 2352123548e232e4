import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { createDrive } from '../../../../src/telemetry/drive/createDrive.ts';
import type { RoutePoint } from '../../../../src/telemetry/drive.ts';
import { ROUTE_FILE_EXTENSIONS } from '../../../../src/telemetry/routes/fileNames.ts';
import { WRITERS, gpx, kml, kmlLine, pointsIn, read, trackPoint, zip } from './files.ts';

const media = path.join(import.meta.dirname, '../../../../media/routes');

const atlanta: RoutePoint[] = [
  { longitude: -84.36245, latitude: 33.79801, altitude: 0 },
  { longitude: -84.36259, latitude: 33.79805, altitude: 0 },
  { longitude: -84.36268, latitude: 33.79808, altitude: 0 },
];
const atlantaText = atlanta.map((p) => `${p.longitude},${p.latitude},${p.altitude}`).join('\n');
const places = atlanta.map(({ latitude, longitude }) => ({ latitude, longitude }));

describe('routes', () => {
  it('come out of every format as they went in @slow', async () => {
    const decimals = (most: number) => fc.integer({ min: -most * 1e6, max: most * 1e6 }).map((n) => n / 1e6);
    // Far enough from the poles that different numbers are different places.
    const place = fc.record({ latitude: decimals(85), longitude: decimals(180), altitude: decimals(5000) });
    const route = fc
      .uniqueArray(place, {
        minLength: 2,
        maxLength: 30,
        selector: ({ latitude, longitude }) => `${latitude} ${longitude}`,
      })
      // A coordinate of exactly 0 far from the others is no position.
      .filter((points) =>
        points.every(({ latitude, longitude }) => Math.abs(longitude) < 180 && latitude * longitude !== 0),
      )
      .map((points) => points.map((point, index) => ({ ...point, time: 1.7e12 + index * 1000 })));
    await fc.assert(
      fc.asyncProperty(
        route,
        fc.constantFrom(...(Object.keys(WRITERS) as (keyof typeof WRITERS)[])),
        async (points, name) => {
          assert.deepEqual(await pointsIn(WRITERS[name](points), name), points);
        },
      ),
    );
  });

  it('of ours can all be read and driven, and say where they come from @slow', async () => {
    const files = readdirSync(media).filter((name) => !name.endsWith('.md'));
    const readme = readFileSync(path.join(media, 'README.md'), 'utf8');
    assert.ok(files.length >= 4);
    for (const name of files) {
      const { routes } = await read(readFileSync(path.join(media, name)), name);
      assert.equal(routes.length, 1, name);
      const [route] = routes;
      assert.ok(route!.points.length >= 200 && route!.points.length <= 400, name);
      const drive = createDrive({ route: route!, pace: 'drive', tick: 1, seed: 1, end: 'stop' });
      assert.ok(drive.length > 8000 && drive.length < 15_000, name);
      assert.ok(readme.includes(`\`${name}\``), name);
    }
  });

  it('are told apart by what the file looks like, whatever its name', async () => {
    for (const write of Object.values(WRITERS)) {
      assert.equal((await pointsIn(write(atlanta), 'route.txt')).length, 3);
    }
  });

  it('may come from a file with a byte order mark or another encoding', async () => {
    assert.equal((await pointsIn(`\uFEFF${WRITERS['route.gpx'](atlanta)}`, 'a.gpx')).length, 3);
    assert.equal((await pointsIn(`\uFEFF${WRITERS['route.csv'](atlanta)}`, 'a.csv')).length, 3);
    assert.equal((await pointsIn(`\uFEFF${WRITERS['route.geojson'](atlanta)}`, 'a.geojson')).length, 3);
    const wide = Buffer.from(`\uFEFF${WRITERS['route.gpx'](atlanta)}`, 'utf16le');
    assert.equal((await pointsIn(wide, 'a.gpx')).length, 3);
    const latin = WRITERS['route.gpx'](atlanta)
      .replace('?>', ' encoding="ISO-8859-1"?>')
      .replace('<name>T<', '<name>Zürich<');
    const { routes } = await read(Buffer.from(latin, 'latin1'), 'a.gpx');
    assert.equal(routes[0]!.name, 'Zürich');
  });

  it('that several lines of one file make are several, with names of their own', async () => {
    const line = (name: string, east: number) =>
      `<Placemark><name>${name}</name><LineString><coordinates>${east},1 ${east},2</coordinates></LineString></Placemark>`;
    const { routes } = await read(`<kml>${line('A', 1)}${line('A', 5)}${line('', 9)}</kml>`, 'three.kml');
    assert.deepEqual(
      routes.map(({ name }) => name),
      ['A', 'A (2)', 'three'],
    );
  });

  it('lose points that repeat the one before, and the notes say so', async () => {
    const { routes, notes } = await read('longitude,latitude\n1,1\n1,1\n2,2\n1,1\n', 'a.csv');
    assert.equal(routes[0]!.points.length, 3);
    assert.deepEqual(notes, ['Left out because they repeat the previous point: 1 point.']);
  });

  it('know that longitudes differ at a pole without being another place', async () => {
    await assert.rejects(read('longitude,latitude\n1,90\n100,90\n', 'a.csv'), { code: 'ROUTE_INVALID' });
  });

  it('cut at the antimeridian are one drive, and longitudes beyond 180 are brought back', async () => {
    const cut = {
      type: 'MultiLineString',
      coordinates: [
        [
          [179.9, -16],
          [180, -16],
        ],
        [
          [-180, -16],
          [-179.9, -16],
        ],
      ],
    };
    const { routes } = await read(JSON.stringify(cut), 'fiji.geojson');
    assert.deepEqual(
      routes.map(({ points }) => points.map(({ longitude }) => longitude)),
      [[179.9, 180, -179.9]],
    );
    const onwards = {
      type: 'LineString',
      coordinates: [
        [179.9, -16],
        [180.5, -16],
      ],
    };
    const { routes: wrapped, notes } = await read(JSON.stringify(onwards), 'fiji.geojson');
    assert.deepEqual(wrapped[0]!.points[1], { latitude: -16, longitude: -179.5 });
    assert.match(notes.join(), /beyond 180/);
  });

  it('with latitude and longitude swapped are read the other way round, if that explains them', async () => {
    const swapped = {
      type: 'LineString',
      coordinates: [
        [35.68, 139.76],
        [35.69, 139.77],
      ],
    };
    const { routes, notes } = await read(JSON.stringify(swapped), 'tokyo.geojson');
    assert.deepEqual(routes[0]!.points[0], { latitude: 35.68, longitude: 139.76 });
    assert.match(notes.join(), /swapped/);
    const typo = 'longitude,latitude\n11.5,48.1\n11.6,48.2\n11.7,98.3\n';
    await assert.rejects(read(typo, 'munich.csv'), {
      code: 'ROUTE_INVALID',
      message: /line 4: 98.3 isn’t a valid latitude/,
    });
  });
});

describe('a CSV of coordinates', () => {
  it('without a header is longitude, latitude, altitude, and the notes say so', async () => {
    const { routes, notes } = await read(atlantaText, 'atlanta.csv');
    assert.equal(routes[0]!.name, 'atlanta');
    assert.deepEqual(routes[0]!.points, atlanta);
    assert.match(notes.join(), /read as longitude, latitude/);
  });

  it('without a header has its times, too', async () => {
    for (const row of ['11.5,48.1,2026-01-05T10:00:0', '11.5,48.1,516,2026-01-05T10:00:0']) {
      const points = await pointsIn(`${row}0Z\n${row.replace('48.1', '48.2')}9Z\n`, 'a.csv');
      const begin = Date.parse('2026-01-05T10:00:00Z');
      assert.deepEqual(
        points.map(({ time }) => time),
        [begin, begin + 9000],
      );
      assert.equal(points[0]!.altitude, row.includes('516') ? 516 : undefined);
    }
  });

  it('without a header is latitude, longitude when only that is on the earth', async () => {
    const { routes, notes } = await read('35.68,139.76\n35.69,139.77\n', 'tokyo.csv');
    assert.deepEqual(routes[0]!.points[0], { latitude: 35.68, longitude: 139.76 });
    assert.match(notes.join(), /read as latitude, longitude/);
  });

  it('may be the text Google My Maps shows, all on one line', async () => {
    const text = `\n   ${atlantaText.replaceAll('\n', ' ')}   \n`;
    assert.deepEqual(await pointsIn(text, 'atlanta.csv'), atlanta);
  });

  it('with a header has its columns in any order and may have others', async () => {
    for (const header of ['Name,LAT,Lng,Elevation', '"name","Latitude","Longitude","alt (m)"']) {
      const text = `${header}\n"Peachtree, north",33.79801,-84.36245,300\nx,33.79805,-84.36259,\n`;
      assert.deepEqual(await pointsIn(text, 'a.csv'), [
        { latitude: 33.79801, longitude: -84.36245, altitude: 300 },
        { latitude: 33.79805, longitude: -84.36259 },
      ]);
    }
  });

  it('may have headers as devices and spreadsheets write them', async () => {
    for (const header of [
      'GPS Latitude,GPS Longitude,GPS Altitude',
      'gps_lat,gps_lon,gps_alt_m',
      'lat_deg,lon_deg,alt_m',
      'Start Latitude (deg),Start Longitude (deg),elevation_m',
    ]) {
      assert.deepEqual(
        await pointsIn(`${header}\n33.79801,-84.36245,300\n33.79805,-84.36259,301\n`, 'a.csv'),
        [
          { latitude: 33.79801, longitude: -84.36245, altitude: 300 },
          { latitude: 33.79805, longitude: -84.36259, altitude: 301 },
        ],
        header,
      );
    }
    // The plain name is meant where both are there, whatever comes first.
    const [first] = await pointsIn('gps_lat,gps_lon,lat,lon\n9,9,1,2\n9,9,3,4\n', 'a.csv');
    assert.deepEqual(first, { latitude: 1, longitude: 2 });
  });

  it('loses altitudes that are no numbers, and the notes say where', async () => {
    const { routes, notes } = await read('lat,lon,alt\n1,2,5\n2,3,high\n3,4,NaN\n', 'a.csv');
    assert.deepEqual(
      routes[0]!.points.map(({ altitude }) => altitude),
      [5, undefined, undefined],
    );
    assert.deepEqual(notes, ['Left out because they are not numbers: 2 altitudes, the first in line 3.']);
  });

  it('may have semicolons and decimal commas, tabs, comments and empty lines', async () => {
    for (const text of [
      'lat;lon\n33,79801;-84,36245\n33,79805;-84,36259\n33,79808;-84,36268\n',
      'lat\tlon\r\n33.79801\t-84.36245\r\n33.79805\t-84.36259\r\n33.79808\t-84.36268\r\n',
      '# a drive\n\nlat,lon\n33.79801,-84.36245\n,\n33.79805,-84.36259\n33.79808,-84.36268',
    ]) {
      assert.deepEqual(await pointsIn(text, 'a.csv'), places, text);
    }
  });

  it('may have times, also in seconds since 1970', async () => {
    for (const time of ['2026-01-05T10:00:00Z', '1767607200', '1767607200000']) {
      const [first] = await pointsIn(`lat,lon,time\n1,2,${time}\n2,3,\n`, 'a.csv');
      assert.equal(first!.time, Date.parse('2026-01-05T10:00:00Z'));
    }
  });

  it('is refused with the line of what is no coordinate', async () => {
    for (const [text, problem] of [
      ['1,2\nx,3\n', /line 2: "x" isn’t a valid longitude/],
      ['lat,lon\n1,2\n\n0x10,3\n', /line 4: "0x10" isn’t a valid latitude/],
      ['lat,lon\n1,2\n2,400\n', /line 3: 400 isn’t a valid longitude/],
      ['lat,lon\n1,2\n200,4\n', /line 3: 200 isn’t a valid latitude/],
      ['name,street\nfoo,bar\n', /line 1: "name", "street" are neither/],
      ['lat,lon\n1,2\n"3,4\n5,6\n', /line \d: this is not CSV/],
      ['1,2,0 3,4,0\n5,x,0\n', /line 2: "x" is not a number/],
    ] as const) {
      await assert.rejects(read(text, 'bad.csv'), { code: 'ROUTE_INVALID', message: problem }, text);
    }
  });
});

describe('a CSV of shapes, as Google My Maps exports it', () => {
  const line = '"LINESTRING (-84.36245 33.79801 0, -84.36259 33.79805 0, -84.36268 33.79808 0)"';

  it('has its lines as routes with their names, and loses points and areas', async () => {
    const { routes, notes } = await read(
      `WKT,name,description\n"POINT (-84.3 33.7)",Start,\n${line},"To, and fro",\n"POLYGON ((1 1, 2 2, 3 1, 1 1))",Area,\n` +
        '"MULTILINESTRING Z ((1 2 3, 4 5 6), (20 20 0, 21 21 0))",Two,\n',
      'my.csv',
    );
    assert.deepEqual(
      routes.map(({ name, points }) => [name, points.length]),
      [
        ['To, and fro', 3],
        ['Two', 2],
        ['Two (2)', 2],
      ],
    );
    assert.deepEqual(routes[0]!.points, atlanta);
    assert.deepEqual(notes, ['Left out because they are not lines: 1 point, 1 area.']);
  });

  it('with nothing but points is one route in their order, and the notes say so', async () => {
    const rows = places.map(({ longitude, latitude }, i) => `"POINT (${longitude} ${latitude})",Point ${i},`);
    const { routes, notes } = await read(`WKT,name,description\n${rows.join('\n')}\n`, 'my.csv');
    assert.deepEqual(routes, [{ name: 'my', points: places }]);
    assert.match(notes.join(), /points are driven in order/);
  });

  it('may have a line that is longer than lines of other files are @slow', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `${(i / 1000).toFixed(6)} 48.123456`);
    assert.equal(
      (await pointsIn(`WKT,name\n"LINESTRING (${many.join(', ')})",Far\n`, 'my.csv')).length,
      10_000,
    );
  });

  it('is refused with the line of what is no shape', async () => {
    for (const [text, problem] of [
      ['WKT,name\n"CIRCLE (1 2)",A\n', /line 2, WKT: "CIRCLE \(1 2\)" is not a point, line or area/],
      ['WKT,name\n,A\n', /line 2, WKT: "" is not a point/],
      ['WKT,name\n"LINESTRING (1 2, x 3)",A\n', /line 2, WKT: "x 3" is not a longitude and latitude pair/],
      ['WKT,name\n"LINESTRING (1 2, 300 400)",A\n', /line 2, WKT: 400 isn’t a valid latitude/],
      ['WKT,name\n"POINT (1 2)",A\n', /a route needs two points, and there is only one/],
      ['WKT,name\n"LINESTRING EMPTY",A\n', /contains no track/],
    ] as const) {
      await assert.rejects(read(text, 'my.csv'), { code: 'ROUTE_INVALID', message: problem }, text);
    }
  });
});

describe('a GPX file', () => {
  it('has tracks, routes, heights and times; segments close to each other are one drive', async () => {
    const [a, b, c] = atlanta.map((point, index) => ({ ...point, time: 1.7e12 + index }));
    const far = trackPoint({ latitude: 50, longitude: 8 }) + trackPoint({ latitude: 50.1, longitude: 8 });
    const text = `<gpx><wpt lat="1" lon="1"><name>w</name></wpt>
      <trk><name>Track &amp; field</name><trkseg>${trackPoint(a!)}${trackPoint(b!)}</trkseg><trkseg>${trackPoint(c!)}</trkseg>
      <trkseg>${far}</trkseg></trk>
      <rte><name>Route</name><rtept lat="1" lon="2"><name>x</name></rtept><rtept lat="1.5" lon="2"/></rte></gpx>`;
    const { routes, notes } = await read(text, 'a.gpx');
    assert.deepEqual(
      routes.map(({ name, points }) => [name, points.length]),
      [
        ['Track & field', 3],
        ['Track & field (2)', 2],
        ['Route', 2],
      ],
    );
    assert.deepEqual(routes[0]!.points, [a, b, c]);
    assert.deepEqual(notes, ['Left out because they are not lines: 1 waypoint.']);
  });

  it('may have heights that are empty, which say nothing, or no numbers, which the notes say', async () => {
    const point = (lat: number, ele: string) => `<trkpt lat="${lat}" lon="2">${ele}</trkpt>\n`;
    const empty = await read(gpx(point(1, '<ele/>') + point(2, '<ele> </ele>')), 'a.gpx');
    assert.deepEqual(empty.notes, []);
    const none = await read(gpx(point(1, '<ele>NaN</ele>') + point(2, '<ele>7</ele>')), 'a.gpx');
    assert.deepEqual(none.notes, ['Left out because they are not numbers: 1 altitude, the first in line 3.']);
    for (const { routes } of [empty, none]) assert.equal('altitude' in routes[0]!.points[0]!, false);
    assert.equal(none.routes[0]!.points[1]!.altitude, 7);
  });

  it('is refused with the line and element of a bad point', async () => {
    for (const [text, problem] of [
      [gpx('<trkpt lat="1" lon="2"/>\n<trkpt lat="x" lon="2"/>'), /line 4, trkpt: lat "x" is not a number/],
      [
        gpx('<trkpt lat="1"/>'),
        /contains no track\. Left out because there is no position: 1 point, the first in line 3/,
      ],
      [gpx('<trkpt lat="91" lon="170"/><trkpt lat="1" lon="2"/>'), /91 isn’t a valid latitude/],
      [gpx('<trkpt lat="1" lon="2">'), /line \d, \w+: this is not well-formed XML/],
    ] as const) {
      await assert.rejects(read(text, 'bad.gpx'), { code: 'ROUTE_INVALID', message: problem }, text);
    }
  });
});

describe('a KML file', () => {
  it('has lines, also in folders and with blanks after commas', async () => {
    const text = `<kml><Document><Folder><Placemark><Style><name>no</name></Style><name>
      Home  </name><LineString><coordinates>
      -84.36245,33.79801,0
      -84.36259, 33.79805 ,0 -84.36268,33.79808,0
      </coordinates></LineString></Placemark></Folder></Document></kml>`;
    const { routes } = await read(text, 'a.kml');
    assert.deepEqual(routes, [{ name: 'Home', points: atlanta }]);
  });

  it('loses points and areas, does not follow links, and the notes say so', async () => {
    const rest = `<Placemark><Point><coordinates>1,1</coordinates></Point></Placemark>
      <Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,2 3,1 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
      <NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink>`;
    const text = kmlLine('1,2 3,4').replace('</kml>', `${rest}</kml>`);
    const { routes, notes } = await read(text, 'a.kml');
    assert.equal(routes.length, 1);
    assert.deepEqual(notes, [
      'Links to other files are not followed (the first: http://127.0.0.1:1/x.kml). To get what they lead to, open the file in Google Earth or My Maps and export it without "keep data up to date".',
      'Left out because they are not lines: 1 point, 1 area.',
    ]);
  });

  it('is refused with the line of a bad coordinate, or when there is no line in it', async () => {
    for (const [text, problem] of [
      [kmlLine('1,2\n3,x\n'), /line 4, coordinates: "x" is not a number/],
      [kmlLine('1,2 3'), /"3" is not a longitude and latitude pair/],
      [kmlLine('1,2'), /needs two points/],
      [kmlLine(''), /contains no track/],
      [
        kmlLine('NaN,2 3,4'),
        /only one\. Left out because there is no position: 1 point, the first in line 3/,
      ],
      [kml('<gx:Track><when/><gx:coord>1</gx:coord></gx:Track>'), /"1" is not a longitude and latitude pair/],
      ['<kml/>', /contains no track/],
      ['<html><body>Not found</body></html>', /this is a web page, not a route/],
      ['hello', /line 1: this is not well-formed XML/],
    ] as const) {
      await assert.rejects(read(text, 'bad.kml'), { code: 'ROUTE_INVALID', message: problem }, text);
    }
  });

  it('in a KMZ is the one at the top', async () => {
    const archive = zip([
      ['files/other.kml', kmlLine('5,5 6,6')],
      ['images/x.png', 'x'],
      ['doc.kml', kmlLine('1,2 3,4')],
    ]);
    assert.deepEqual((await pointsIn(archive, 'a.kmz'))[0], { latitude: 2, longitude: 1 });
  });
});

describe('a GeoJSON file', () => {
  it('has features, collections and bare geometries', async () => {
    const line = {
      type: 'LineString',
      coordinates: [
        [1, 2],
        [3, 4, 5],
      ],
    };
    const feature = { type: 'Feature', properties: { name: 'F' }, geometry: line };
    for (const value of [
      line,
      feature,
      {
        type: 'FeatureCollection',
        features: [feature, { type: 'Feature', properties: null, geometry: null }],
      },
      { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 1] }, line] },
      { type: 'MultiLineString', coordinates: [line.coordinates] },
    ]) {
      assert.deepEqual(await pointsIn(JSON.stringify(value, null, 2), 'a.geojson'), [
        { latitude: 2, longitude: 1 },
        { latitude: 4, longitude: 3, altitude: 5 },
      ]);
    }
  });

  it('is refused with the element that is wrong', async () => {
    const line = (coordinates: unknown) => ({ type: 'LineString', coordinates });
    const features = (geometry: unknown) => ({
      type: 'FeatureCollection',
      features: [{ type: 'Feature', properties: {}, geometry }],
    });
    for (const [value, problem] of [
      [features(line([[1, 2], [3]])), /features\[0\]\.geometry\.coordinates\[1\]: this is not a position/],
      [
        features(
          line([
            [1, 2],
            [3, '4'],
          ]),
        ),
        /coordinates\[1\]: "4" is not a number/,
      ],
      [
        features(
          line([
            [1, 2],
            [3, true],
          ]),
        ),
        /coordinates\[1\]: true is not a number/,
      ],
      [features(line(7)), /geometry\.coordinates: a list is expected/],
      [features(7), /features\[0\]\.geometry: this is not a GeoJSON object/],
      [features({ type: 'Circle' }), /features\[0\]\.geometry: its "type" is not one of GeoJSON/],
      [{ hello: 'world' }, /bad.geojson: its "type" is not one of GeoJSON/],
      [[1, 2], /this is not a GeoJSON object/],
      [line([]), /contains no track/],
      [line([[1, 2]]), /needs two points/],
      [
        line([
          [1, 2],
          [1, 2],
        ]),
        /no line in it has two different points/,
      ],
    ] as const) {
      await assert.rejects(read(JSON.stringify(value), 'bad.geojson'), {
        code: 'ROUTE_INVALID',
        message: problem,
      });
    }
    await assert.rejects(read('{\n"type": "LineString",\n"coordinates": [[1, 2], x]\n}', 'bad.json'), {
      code: 'ROUTE_INVALID',
      message: /line 3: this is not well-formed JSON/,
    });
  });
});

describe('a hostile route file', () => {
  const bomb = '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';

  it('is refused for entities that it declares, before one of them is used', async () => {
    for (const text of [
      `<?xml version="1.0"?>\n${bomb}\n<kml><Placemark><name>&b;</name></Placemark></kml>`,
      '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><name>&x;</name></kml>',
      '<!DOCTYPE gpx [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><gpx/>',
    ]) {
      await assert.rejects(read(text, 'bomb.kml'), { code: 'ROUTE_INVALID', message: /DOCTYPE: entities/ });
    }
    await assert.rejects(read('<kml><name>&undeclared;</name></kml>', 'bomb.kml'), { code: 'ROUTE_INVALID' });
  });

  it('is refused when it is nested without end', async () => {
    const depth = 100_000;
    for (const [text, name] of [
      ['<Folder>'.repeat(depth), 'deep.kml'],
      [`<gpx>${'<a>'.repeat(depth)}`, 'deep.gpx'],
      ['['.repeat(depth), 'deep.geojson'],
      ['{"type":"GeometryCollection","geometries":['.repeat(depth), 'deep.geojson'],
    ] as const) {
      await assert.rejects(
        read(text, name),
        { code: 'ROUTE_INVALID', message: /nested deeper than 64/ },
        name,
      );
    }
  });

  it('is refused when it has attributes, lines or pieces of text without end @slow', async () => {
    const attributes = Array.from({ length: 1000 }, (_, index) => `a${index}="1"`).join(' ');
    for (const [text, name] of [
      [`<kml ${attributes}/>`, 'attributes.kml'],
      [`<kml a="${'x'.repeat(1_000_000)}"/>`, 'attribute.kml'],
      [`<${'x'.repeat(1_000_000)}/>`, 'name.kml'],
      [`<kml><!--${'x'.repeat(1_000_000)}`, 'comment.kml'],
      [kmlLine('1,'.repeat(1_000_000)), 'tuple.kml'],
      [`lat,lon\n"${'x'.repeat(1_000_000)}`, 'record.csv'],
      [',;\t'.repeat(1_000_000), 'delimiters.csv'],
    ] as const) {
      await assert.rejects(read(text, name), { code: 'ROUTE_INVALID' }, name);
    }
  });

  it('is refused when an archive is damaged, empty, or has no KML in it', async () => {
    const good = zip([['doc.kml', kmlLine('1,2 3,4')]]);
    for (const archive of [
      good.subarray(0, good.length - 30),
      Buffer.from('PK\x03\x04 nothing else'),
      zip([['readme.txt', 'x']]),
      zip([['../doc.kml', kmlLine('1,2 3,4')]]),
    ]) {
      await assert.rejects(read(archive, 'bad.kmz'), { code: 'ROUTE_INVALID' });
    }
  });

  it('of any bytes is refused or read, and nothing else happens @slow', async () => {
    const names = fc.constantFrom(...ROUTE_FILE_EXTENSIONS.map((extension) => `x.${extension}`));
    const pieces = fc.constantFrom(
      '<kml>',
      '<',
      '>',
      '</kml>',
      '<coordinates>',
      '1,2 3,4',
      '[',
      ']',
      '{"type":',
      '"LineString"',
      ',',
      '\n',
      'PK',
      '&amp;',
      'lat,lon',
      '"',
    );
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(pieces, { maxLength: 20 }).map((list) => Buffer.from(list.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(contents, names, async (bytes, name) => {
        try {
          const { routes } = await read(bytes, name);
          assert.ok(routes.length > 0 && routes.every(({ points }) => points.length > 1));
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'ROUTE_INVALID', String(error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says in its error which file and where, for programs too', async () => {
    await assert.rejects(read('lat,lon\n1,2\nx,3\n', '/some/where/bad.csv'), {
      message: 'bad.csv, line 3: "x" isn’t a valid latitude.',
      details: { file: 'bad.csv', line: 3 },
    });
    await assert.rejects(read('', 'empty.csv'), { code: 'ROUTE_INVALID', message: /empty/ });
  });
});
