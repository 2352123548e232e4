import assert from 'node:assert/strict';
import { pointsIn, read } from './files.ts';

/** A drive north along 11.5° E, a point a second. */
const BEGIN = Date.UTC(2024, 4, 14, 6, 30);
const drive = Array.from({ length: 40 }, (_, i) => ({
  lat: Math.round((48.1 + i * 1e-4) * 1e7) / 1e7,
  lon: 11.5,
  time: new Date(BEGIN + i * 1000).toISOString(),
}));
type Moment = (typeof drive)[number];
const table = (header: string, row: (moment: Moment, index: number) => string) =>
  [header, ...drive.map(row)].join('\n');

/** All of the drive, each point within so many degrees, and its times. */
async function assertDrive(text: string, name: string, notes: RegExp[] = [], within = 1e-7): Promise<void> {
  const result = await read(text, name);
  assert.equal(result.routes.length, 1);
  const { points } = result.routes[0]!;
  assert.equal(points.length, drive.length);
  for (const [i, { lat, lon }] of drive.entries()) {
    const point = points[i]!;
    assert.ok(Math.abs(point.latitude - lat) <= within, `${point.latitude} instead of ${lat}`);
    assert.ok(Math.abs(point.longitude - lon) <= within, `${point.longitude} instead of ${lon}`);
  }
  assert.equal(points.at(-1)!.time! - points[0]!.time!, 39_000);
  assert.equal(result.notes.length, notes.length, result.notes.join('\n'));
  for (const [i, note] of notes.entries()) assert.match(result.notes[i] ?? '', note);
}

describe('Coordinates in another unit than degrees', () => {
  // A turn has 360 degrees, 2π radians, 400 gon, 2^32 semicircles.
  const units: readonly [header: string, perDegree: number, digits: number, notes?: RegExp[]][] = [
    ['time,lat_rad,lon_rad', (2 * Math.PI) / 360, 10],
    ['time,latitude (rad),longitude (rad)', (2 * Math.PI) / 360, 10],
    ['time,lat [gon],lon [gon]', 400 / 360, 8],
    ['time,Latitude (semicircles),Longitude (semicircles)', 2 ** 32 / 360, 0],
    ['time,lat (1e-7 deg),lon (1e-7 deg)', 1e7, 0],
    ['time,latitudeE6,longitudeE6', 1e6, 0],
    ['timestamp,position_lat,position_long', 2 ** 32 / 360, 0, [/line 2 .*semicircles, as FIT has them/]],
    ['time,lat,lon', 1e7, 0, [/line 2 .*degrees times 10,000,000/]],
  ];
  for (const [header, perDegree, digits, notes = []] of units) {
    it(`are what the header says: ${header}`, () => {
      const cell = (degrees: number) => (degrees * perDegree).toFixed(digits);
      const text = table(header, (m) => `${m.time},${cell(m.lat)},${cell(m.lon)}`);
      return assert.doesNotReject(assertDrive(text, 'a.csv', notes, 1e-6));
    });
  }

  it('are refused where two units are possible', async () => {
    const text = table('time,lat,lon', (m) => `${m.time},${m.lat * 1e6},${m.lon * 1e6}`);
    await assert.rejects(read(text, 'a.csv'), { code: 'ROUTE_INVALID', message: /line 2/ });
  });

  it('of a map projection are called that', async () => {
    const text = table(
      'time,easting,northing,zone',
      (m, i) => `${m.time},${691_600 + i},${5_334_700 + i},32U`,
    );
    await assert.rejects(read(text, 'a.csv'), {
      message: /line 1: easting, northing are meters of a map projection/,
    });
  });
});

describe('Positions as other programs write them', () => {
  it('are read as ExifTool shows them, with seconds that were rounded up', async () => {
    const text = `SourceFile,GPSLatitude,GPSLongitude\na.jpg,"48 deg 8' 13.75"" N","11 deg 34' 60.00"" E"\nb.jpg,"48 deg 9' 0.00"" N","11 deg 35' 30.00"" E"\n`;
    const [first, second] = await pointsIn(text, 'a.csv');
    assert.ok(Math.abs(first!.latitude - (48 + 8 / 60 + 13.75 / 3600)) < 1e-9);
    assert.ok(Math.abs(first!.longitude - (11 + 35 / 60)) < 1e-9);
    assert.ok(Math.abs(second!.longitude - (11 + 35.5 / 60)) < 1e-9);
  });

  it('are the rows with the first word of the header, of a log of several kinds of rows', async () => {
    const text = table(
      '# Fix,Provider,LatitudeDegrees,LongitudeDegrees,UnixTimeMillis\n#\n# Raw,utcTimeMillis,TimeNanos',
      (m, i) => `Raw,${i},123\nFix,GPS,${m.lat},${m.lon},${Date.parse(m.time)}`,
    );
    await assertDrive(text, 'gnss_log.txt', [/do not begin with "Fix".*: 40 rows, the first in line 4/]);
  });

  const lists = {
    lat: drive.map(({ lat }) => lat),
    lon: drive.map(({ lon }) => lon),
    time: drive.map(({ time }) => time),
  };
  for (const [what, value] of [
    ['a list for each column', lists],
    [
      'columns by the number of the row, as pandas writes',
      Object.fromEntries(
        Object.entries(lists).map(([key, list]) => [key, Object.fromEntries(list.entries())]),
      ),
    ],
    [
      'rows beside their names',
      {
        columns: ['time', 'lat', 'lon'],
        index: [0],
        data: drive.map(({ time, lat, lon }) => [time, lat, lon]),
      },
    ],
    [
      'rows in an answer of InfluxDB',
      {
        results: [
          {
            series: [
              {
                name: 'gps',
                columns: ['time', 'lat', 'lon'],
                values: drive.map(({ time, lat, lon }) => [time, lat, lon]),
              },
            ],
          },
        ],
      },
    ],
    [
      'hits of Elasticsearch',
      {
        hits: {
          total: 40,
          hits: drive.map(({ time, lat, lon }) => ({
            _id: 'x',
            _source: { '@timestamp': time, location: { lat, lon } },
          })),
        },
      },
    ],
  ] as const) {
    it(`are read from JSON: ${what}`, () =>
      assert.doesNotReject(assertDrive(JSON.stringify(value), 'a.json')));
  }

  const ms = (time: string) => String(Date.parse(time));
  for (const [what, value] of [
    ['times of .NET', drive.map(({ time, lat, lon }) => ({ Time: `/Date(${ms(time)}+0200)/`, lat, lon }))],
    [
      'documents of MongoDB',
      drive.map(({ time, lat, lon }, i) => ({
        _id: { $oid: `66433a${i}` },
        ts: { $date: { $numberLong: ms(time) } },
        loc: { type: 'Point', coordinates: [lon, lat] },
      })),
    ],
    [
      'items with a key each, as of Firebase',
      Object.fromEntries(
        drive.map(({ time, lat, lon }, i) => [`-Nx${i}`, { ts: Date.parse(time), lat, lon }]),
      ),
    ],
  ] as const) {
    it(`are read from JSON: ${what}`, () =>
      assert.doesNotReject(assertDrive(JSON.stringify(value), 'a.json')));
  }

  for (const [what, text, notes = []] of [
    [
      'points as text with their times, and one column of them',
      table('time,wkt', (m) => `${m.time},POINT(${m.lon} ${m.lat})`),
      [/no lines, so the points are driven/],
    ],
    [
      'the time that changes, not the one of the export',
      table('created_at,recorded_at,lat,lon', (m) => `2024-06-01T00:00:00Z,${m.time},${m.lat},${m.lon}`),
    ],
    ["texts that a sheet marks with '", table('time,lat,lon', (m) => `'${m.time},'${m.lat},'${m.lon}`)],
  ] as [string, string, RegExp[]?][]) {
    it(`are read from a table: ${what}`, () => assert.doesNotReject(assertDrive(text, 'a.csv', notes)));
  }

  it('may have the minus of typesetters', async () => {
    const [first] = await pointsIn('lat,lon\n\u221248.5,\u221211.5\n\u221248.6,\u221211.5\n', 'a.csv');
    assert.deepEqual(first, { latitude: -48.5, longitude: -11.5 });
  });

  it('have their times in Julian dates, which count from noon', async () => {
    // 2000-01-01 12:00 is 2451545; a second is 1 / 86,400 of a day.
    const text = table(
      'julian_date,lat,lon',
      (m, i) => `${(2_451_545 + i / 86_400).toFixed(8)},${m.lat},${m.lon}`,
    );
    const { routes, notes } = await read(text, 'a.csv');
    const points = routes[0]!.points;
    assert.ok(Math.abs(points.at(-1)!.time! - points[0]!.time! - 39_000) < 2);
    assert.match(notes.join('\n'), /^The times are numbers, the first in line 2: read as Julian dates\.$/);
  });

  it('in subtitles of a video are named', async () => {
    const text = '1\n00:00:00,000 --> 00:00:01,000\n[latitude: 48.1] [longitude: 11.5]\n\n';
    await assert.rejects(read(text, 'a.srt'), { message: /SubRip \(SRT\)/ });
  });
});
