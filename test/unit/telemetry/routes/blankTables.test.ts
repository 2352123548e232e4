import assert from 'node:assert/strict';
import fc from 'fast-check';
import { read } from './files.ts';

/** A drive north along 11.5° E, a point a second. */
const BEGIN = Date.UTC(2024, 4, 14, 6, 30);
const drive = Array.from({ length: 60 }, (_, i) => ({
  lat: (48.1 + i * 1e-4).toFixed(6),
  lon: '11.500000',
  ms: BEGIN + i * 1000,
  seconds: i,
}));
type Moment = (typeof drive)[number];
const iso = ({ ms }: Moment) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const day = (moment: Moment) => iso(moment).slice(0, 10);
const clock = (moment: Moment) => iso(moment).slice(11, 19);
const table = (header: string, row: (moment: Moment, index: number) => string) =>
  [...(header === '' ? [] : [header]), ...drive.map(row)].join('\n') + '\n';

async function assertDrive(text: string, notes: RegExp[] = [], hasTimes = true): Promise<void> {
  const result = await read(text, 'a.txt');
  assert.equal(result.routes.length, 1);
  const points = result.routes[0]!.points;
  assert.deepEqual(
    points.map(({ latitude, longitude }) => [latitude, longitude]),
    drive.map(({ lat, lon }) => [Number(lat), Number(lon)]),
  );
  if (hasTimes) assert.equal(points.at(-1)!.time! - points[0]!.time!, 59_000);
  assert.equal(result.notes.length, notes.length, result.notes.join('\n'));
  for (const [i, note] of notes.entries()) assert.match(result.notes[i] ?? '', note);
}

describe('A table that only blanks divide', () => {
  for (const [what, text, notes = []] of [
    [
      'aligned columns',
      table('lat         lon         time', (m) => `${m.lat.padEnd(12)}${m.lon.padEnd(12)}${iso(m)}`),
    ],
    ['one blank', table('lat lon time', (m) => `${m.lat} ${m.lon} ${iso(m)}`)],
    [
      'date and clock under a name each',
      table('date time latitude longitude', (m) => `${day(m)} ${clock(m)} ${m.lat} ${m.lon}`),
    ],
    [
      'date and clock under one name',
      table('time latitude longitude', (m) => `${day(m)} ${clock(m)} ${m.lat} ${m.lon}`),
    ],
    [
      'times in quotation marks',
      table('"time" "lat" "lon"', (m) => `"${day(m)} ${clock(m)}" ${m.lat} ${m.lon}`),
    ],
    [
      'names with blanks and units',
      table(
        'GPS time (s)   Latitude (deg)   Longitude (deg)',
        (m) => `   ${m.seconds}.0   ${m.lat}   ${m.lon}`,
      ),
      [/numbers without a date/],
    ],
    [
      'a header behind a percent sign, as RTKLIB writes it',
      table(
        '% program : RTKLIB\n%  GPST          latitude(deg) longitude(deg) Q',
        (m) => `${day(m).replaceAll('-', '/')} ${clock(m)}.000  ${m.lat}  ${m.lon}  1`,
      ),
      [/column "GPST"/],
    ],
    [
      'numbered rows, as pandas prints them',
      table(
        '          lat        lon                 time',
        (m, i) => `${i}  ${m.lat}  ${m.lon}  ${day(m)} ${clock(m)}`,
      ),
    ],
    [
      'a line above the header and one under it',
      table('Track of a car\nlat lon time\n--- --- ----', (m) => `${m.lat} ${m.lon} ${iso(m)}`),
      [/the line above the header/],
    ],
  ] as [string, string, RegExp[]?][]) {
    it(`is read: ${what}`, () => assert.doesNotReject(assertDrive(text, notes)));
  }

  it('without a header is read as longitude and latitude, and that is said', async () => {
    const text = table('', (m) => `${m.lon}   ${m.lat}   520.5`);
    await assertDrive(text, [/No header names the columns/], false);
  });

  it('is refused with its line where cells are missing, for nobody knows which', async () => {
    await assert.rejects(
      read(
        table('lat lon ele time', (m) => `${m.lat} ${m.lon} ${iso(m)}`),
        'a.txt',
      ),
      { code: 'ROUTE_INVALID', message: /line 2: 3 cells for 4 columns, which only blanks divide/ },
    );
  });

  it('loses a single row that does not fit, and says which', async () => {
    const rows = table('lat lon time', (m) => `${m.lat} ${m.lon} ${iso(m)}`).split('\n');
    rows.splice(41, 0, '48.2 end of part one');
    await assertDrive(rows.join('\n'), [/there is no position: 1 point, the first in line 42/]);
  });

  it('is the same however wide its columns are', async () => {
    const blanks = fc.integer({ min: 1, max: 9 }).map((count) => ' '.repeat(count));
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(blanks, blanks, blanks),
        fc.constantFrom('\n', '\r\n'),
        async ([a, b, c], cut) => {
          const text = table(`lat${a}lon${b}time`, (m) => `${m.lat}${b}${m.lon}${c}${iso(m)}`);
          await assertDrive(text.replaceAll('\n', cut));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is none where both coordinates stand in one cell', async () => {
    const { routes } = await read('LatLon;time\n48.1 11.5;06:30:00\n48.2 11.5;06:30:59\n', 'a.csv');
    const points = routes[0]!.points;
    assert.deepEqual(
      points.map(({ latitude, longitude }) => [latitude, longitude]),
      [
        [48.1, 11.5],
        [48.2, 11.5],
      ],
    );
  });
});
