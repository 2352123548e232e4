import assert from 'node:assert/strict';
import { gpx, pointsIn, read } from './files.ts';

const BEGIN = Date.UTC(2024, 4, 14, 6, 30);
/** Degrees of longitude of a meter at 48.1° N, where a degree has 74,490 m. */
const METER = 1 / 74_490;
const iso = (ms: number) => new Date(ms).toISOString();
const east = (meters: number) => `48.1,${(11.5 + meters * METER).toFixed(7)}`;
const two = (n: number) => String(n).padStart(2, '0');
const rows = (header: string, count: number, row: (i: number) => string) =>
  `${header}\n${Array.from({ length: count }, (_, i) => row(i)).join('\n')}\n`;

async function seconds(text: string): Promise<number> {
  const points = await pointsIn(text, 'a.csv');
  return ((points.at(-1)?.time ?? NaN) - (points[0]?.time ?? NaN)) / 1000;
}

describe('the log of one vehicle', () => {
  // 25 m/s, a row a minute: 1.5 km from row to row.
  const log = (cell: (i: number) => string | number, name = 'what', meters = (i: number) => i * 1500) =>
    rows(`lat,lon,${name},time`, 60, (i) => `${east(meters(i))},${cell(i)},${iso(BEGIN + i * 60_000)}`);
  /** Two rows at each stop. */
  const pairs = (i: number) => Math.floor(i / 2) * 3000 + (i % 2) * 100;
  const shuttle = (i: number) => (Math.floor(i / 5) % 2 === 0 ? 0 : 3000) + (i % 5) * 300;

  for (const [what, text] of [
    ['an odometer', log((i) => Math.floor(i / 2) * 3, 'km', pairs)],
    ['towns', log((i) => `Town ${Math.floor(i / 2)}`, 'place', pairs)],
    ['a town at a time, with gaps of reception', log((i) => ['Aubing', 'Pasing', 'Laim'][Math.floor(i / 20)]!, 'place', (i) => Math.floor(i / 20) * 9000 + i * 10)],
    ['what a battery holds', log((i) => 80 - Math.floor(i / 2), 'soc', pairs)],
    ['two towns by turns', log((i) => 'AB'[Math.floor(i / 5) % 2]!, 'near', shuttle)],
    ['two stops by turns', log((i) => 'AB'[i % 2]!, 'near', (i) => (i % 2) * 9000 + (i % 7))],
    ['two stops by turns without times', rows('lat,lon,near', 60, (i) => `${east((i % 2) * 9000 + (i % 7))},${'AB'[i % 2]!}`)],
  ] as const) {
    it(`stays one route: ${what}`, async () => {
      const { routes } = await read(text, 'a.csv');
      assert.equal(routes.length, 1);
      assert.ok(routes[0]!.points.length > 1);
    });
  } // prettier-ignore

  it('stays one route where its clock passes midnight or is set back, and the column may be a note', async () => {
    const days = rows('lat,lon,weekday,time', 90, (i) => {
      const minutes = i * 40;
      return `${east(i * 3000)},${['Mon', 'Tue', 'Wed'][Math.floor(minutes / 1440)]!},${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}:00`;
    });
    assert.equal((await read(days, 'a.csv')).routes.length, 1);
    const zone = rows('lat,lon,summer,time', 90, (i) => {
      return `${east(i * 900)},${i < 45 ? 'CEST' : 'CET'},${iso(BEGIN + i * 60_000 - (i < 45 ? 0 : 3_600_000))}`;
    });
    const { routes, notes } = await read(zone, 'a.csv');
    assert.equal(routes.length, 1);
    assert.match(
      notes.join(),
      /The column "summer" has 2 values that repeat \(CEST, CET\), the second one in line 47\./,
    );
  });
});

describe('a fleet without a name for its vehicles', () => {
  /** Two cars by turns, 10 m/s each and 30 km apart; some rows have no position. */
  const fleet = (nowhere: string) =>
    rows('lat,lon,wer,time', 240, (i) => {
      const where = i % 11 === 4 ? nowhere : east((i % 2) * 30_000 + Math.floor(i / 2) * 10);
      return `${where},${'AB'[i % 2]!},${iso(BEGIN + Math.floor(i / 2) * 1000)}`;
    });

  for (const nowhere of ['0,0', '180,180', '91,181', '99.9,0.5']) {
    it(`is a route for each although rows have no position: ${nowhere}`, async () => {
      const { routes } = await read(fleet(nowhere), 'a.csv');
      assert.deepEqual(routes.map(({ name }) => name), ['A', 'B']);
      // 240 rows, of which 4, 15, 26 … 235 are nowhere: 22 rows.
      assert.equal(routes.flatMap(({ points }) => points).length, 240 - 22);
    });
  } // prettier-ignore

  it('is not cut by what stands only in rows without a position', async () => {
    const fix = rows('lat,lon,gps_mode,time', 90, (i) => {
      const isFix = i % 3 !== 1;
      return `${isFix ? east(i * 10) : '0,0'},${isFix ? '3D' : 'none'},${iso(BEGIN + i * 1000)}`;
    });
    assert.deepEqual((await read(fix, 'a.csv')).routes.map(({ points }) => points.length), [60]);
  }); // prettier-ignore
});

describe('the times of a vehicle that is parked most of the time', () => {
  /** Meters at each 5 minutes: jitter, and a drive of an hour at 10 m/s. */
  const parked = (i: number, jitter: number) =>
    i < 100 ? (i % 3) * jitter : i < 112 ? (i - 99) * 3000 : 36_000 + (i % 3) * jitter;
  const log = (time: (i: number) => string | number, name = 'time', jitter = 2) =>
    rows(`lat,lon,${name}`, 240, (i) => `${east(parked(i, jitter))},${time(i)}`);

  for (const [what, text] of [
    ['seconds since 1970', log((i) => BEGIN / 1000 + i * 300)],
    ['milliseconds since 1970', log((i) => BEGIN + i * 300_000)],
    ['milliseconds since 1970, by the header', log((i) => BEGIN + i * 300_000, 'timestamp_ms')],
    ['hours and minutes', log((i) => `${two((6 + Math.floor((i * 5) / 60)) % 24)}:${two((i * 5) % 60)}`, 'time', 20)],
    ['seconds that have passed', log((i) => i * 300)],
  ] as const) {
    it(`are kept: ${what}`, async () => {
      const points = await pointsIn(text, 'a.csv');
      // The twelve legs of the drive take five minutes each. Pauses before and after it may be shortened.
      const fast = points.slice(1).flatMap((point, i) => {
        const before = points[i]!;
        const meters = (point.longitude - before.longitude) / METER;
        return meters > 2500 ? [point.time! - (before.until ?? before.time!)] : [];
      });
      assert.equal(fast.length, 12);
      assert.ok(fast.slice(1).every((ms) => ms === 300_000), fast.join());
    });
  } // prettier-ignore

  it('are kept where a vehicle is seen once a day', async () => {
    const text = rows('lat,lon,time', 60, (i) => `${east(i * 3000)},${BEGIN / 1000 + i * 86_400}`);
    const { routes, notes } = await read(text, 'a.csv');
    assert.equal(routes[0]!.points[0]!.time, BEGIN);
    assert.doesNotMatch(notes.join(), /without a date/);
  });

  for (const [what, text, unit] of [
    ['milliseconds', (i: number) => 864_000_000 + i * 1000, 'milliseconds'],
    ['microseconds', (i: number) => 864_000_000_000 + i * 1_000_000, 'microseconds'],
  ] as const) {
    it(`count how long a device has been on: ${what}`, async () => {
      const { routes, notes } = await read(rows('lat,lon,time', 90, (i) => `${east(i * 10)},${text(i)}`), 'a.csv');
      assert.equal(routes[0]!.points.at(-1)!.time! - routes[0]!.points[0]!.time!, 89_000);
      assert.match(notes.join(), new RegExp(`read as ${unit}`));
    });
  } // prettier-ignore

  it('are never divided where the header says the unit, however slow the vehicle is', async () => {
    const slow = (name: string) => rows(`lat,lon,${name}`, 50, (i) => `${east(i * 200)},${BEGIN + i * 20_000_000}`);
    assert.equal((await pointsIn(slow('timestamp_ms'), 'a.csv'))[0]!.time, BEGIN);
  }); // prettier-ignore
});

describe('minutes and seconds', () => {
  it('go on into hours', async () => {
    const text = rows('lat,lon,time', 150, (i) => {
      const [h, m, s] = [Math.floor(i / 120) , Math.floor(i / 2) % 60, (i % 2) * 30]; // prettier-ignore
      return `${east(i * 300)},${h === 0 ? `${m}:${two(s)}` : `${h}:${two(m)}:${two(s)}`}`;
    });
    assert.equal(await seconds(text), 149 * 30);
  });

  it('are none where seconds of zero are not written', async () => {
    const text = rows('lat,lon,time', 150, (i) => {
      const [m, s] = [Math.floor(i / 2), (i % 2) * 30];
      return `${east(i * 300)},0${6 + Math.floor(m / 60)}:${two(m % 60)}${s === 0 ? '' : `:${s}`}`;
    });
    assert.equal(await seconds(text), 149 * 30);
  });
});

describe('columns that only look like times', () => {
  const drive = (header: string, cell: (i: number) => string | number) =>
    rows(`lat,lon,${header}`, 90, (i) => `${east(i * 10)},${cell(i)}`);

  for (const header of ['timestamp_ns', 'time (ns)', 'gps_time_ns']) {
    it(`hold nanoseconds beside those that do not: ${header}`, async () => {
      assert.equal(await seconds(drive(header, (i) => `${BEGIN / 1000 + i}000000000`)), 89);
      const { notes } = await read(
        drive(header, (i) => `${i}000000000`),
        'a.csv',
      );
      assert.match(notes.join(), /read as nanoseconds/);
    });
  }

  for (const [header, date] of [['Datum', '14.05.24'], ['date', '140524'], ['Datum', '06.10.00']] as const) {
    it(`are dates, not times of day: ${header} ${date}`, async () => {
      const { routes, notes } = await read(drive(header, () => date), 'a.csv');
      assert.ok(routes[0]!.points.every(({ time }) => time === undefined));
      assert.match(notes.join(), /there is no time of day: 90 times, the first in line 2/);
    });
  } // prettier-ignore

  it('are numbers of messages, and that they may be times is said', async () => {
    const { routes, notes } = await read(
      drive('message_id', (i) => 1_500_000_000 + i * 7),
      'a.csv',
    );
    assert.ok(routes[0]!.points.every(({ time }) => time === undefined));
    assert.match(
      notes.join(),
      /If the numbers in the column "message_id" count from 1970, call it timestamp/,
    );
  });

  it('give way to the column with the name of a time when that is filled', async () => {
    const text = drive('time,other', (i) => `${i < 40 ? '' : iso(BEGIN + i * 1000)},${i < 40 ? iso(BEGIN + i * 1000) : ''}`);
    assert.equal(await seconds(text), 89);
  }); // prettier-ignore
});

describe('JSON of a server', () => {
  const list = [
    { lat: 48.1, lon: 11.5 },
    { lat: 48.2, lon: 11.6 },
  ];

  for (const answer of [
    { status: 200, message: 'OK', data: { positions: list } },
    { errors: [], data: { list } },
    { error: 0, result: { list } },
    { error: '', result: { list } },
    { code: '0', message: 'success', data: { list } },
    { error: 'none', message: 'fine', status: 'x', data: { list } },
  ]) {
    it(`is read where it holds positions: ${JSON.stringify(answer).slice(0, 40)}`, async () => {
      const points = await pointsIn(JSON.stringify(answer), 'a.json');
      assert.deepEqual(
        points.map(({ latitude, longitude }) => [latitude, longitude]),
        [
          [48.1, 11.5],
          [48.2, 11.6],
        ],
      );
    });
  }

  it('is an error where it holds nothing else', async () => {
    await assert.rejects(read(JSON.stringify({ error: 'x', message: 'Denied', data: [] }), 'a.json'), /error message of a server, not a route \(Denied\)/);
    await assert.rejects(read(JSON.stringify({ status: 200, message: 'OK', data: [] }), 'a.json'), (error: Error) => !error.message.includes('server'));
  }); // prettier-ignore
});

describe('a table that begins as a binary format does', () => {
  for (const header of ['LOGGED_AT,lat,lon', 'PK,lat,lon', 'GIF8,lat,lon', 'fgb,lat,lon', 'BZh1,lat,lon', 'MATLAB x,lat,lon', 'MsRc,lat,lon', 'lat,lon,AVI ,d', 'lat,lon,WAVE', 'lat,skip,lon', 'lat;wide;lon']) {
    it(`is a table: ${header}`, async () => {
      const cut = header.includes(';') ? ';' : ',';
      const row = (n: number) => header.split(cut).map((name) => ({ lat: `48.${n}`, lon: `11.${n}` })[name] ?? 'HOU-12').join(cut);
      assert.equal((await pointsIn(`${header}\n${row(1)}\n${row(2)}\n`, 'a.csv')).length, 2);
    });
  } // prettier-ignore

  it('is a table, whatever its lines begin with', async () => {
    assert.equal((await pointsIn('ASSET,LAT,LON\nHOU-12,48.1,11.5\nHOU-12,48.2,11.6\n', 'a.csv')).length, 2);
  });
});

describe('an altitude that is none', () => {
  it('is left out and counted', async () => {
    for (const text of [
      'lat,lon,alt\n48.1,11.5,500\n48.2,11.6,999999\n48.3,11.7,2147483.647\n',
      gpx(['500', '999999', '2147483.647'].map((ele, i) => `<trkpt lat="48.${i + 1}" lon="11.${i + 5}"><ele>${ele}</ele></trkpt>`).join('\n')),
    ]) {
      const { routes, notes } = await read(text, 'a');
      assert.deepEqual(routes[0]!.points.map(({ altitude }) => altitude), [500, undefined, undefined]);
      assert.match(notes.join(), /Left out because "999999" is not an altitude in meters: 2 altitudes, the first in/);
    }
  }); // prettier-ignore
});
