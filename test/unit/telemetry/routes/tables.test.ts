import assert from 'node:assert/strict';
import { pointsIn, read } from './files.ts';

/** A drive east along 48.1° N: 10 m a second, a degree of longitude being 74,490 m there. */
const BEGIN = Date.UTC(2024, 4, 14, 6, 30);
const STEP = 10 / 74_490;
const drive = Array.from({ length: 90 }, (_, i) => ({
  latitude: 48.1,
  longitude: Math.round((11.5 + i * STEP) * 1e7) / 1e7,
  time: BEGIN + i * 1000,
}));
type Moment = (typeof drive)[number];
const iso = (ms: number) => new Date(ms).toISOString();
const table = (header: string, row: (moment: Moment, index: number) => string, cut = '\n') =>
  [header, ...drive.map(row)].join(cut) + cut;

/** Seconds from the first point to the last. */
async function durationOf(text: string): Promise<number> {
  const { routes, notes } = await read(text, 'a.csv');
  assert.equal(routes.length, 1, notes.join('\n'));
  const [first, last] = [routes[0]!.points[0], routes[0]!.points.at(-1)];
  return ((last?.time ?? NaN) - (first?.time ?? NaN)) / 1000;
}

function assertPlace(
  found: { latitude: number; longitude: number } | undefined,
  lat: number,
  lon: number,
): void {
  assert.ok(Math.abs((found?.latitude ?? NaN) - lat) < 1e-9, `${found?.latitude} instead of ${lat}`);
  assert.ok(Math.abs((found?.longitude ?? NaN) - lon) < 1e-9, `${found?.longitude} instead of ${lon}`);
}

describe('a position in a table', () => {
  // Degrees and minutes by hand: 1° 17.5′ is 1 + 17.5 / 60.
  for (const [lat, lon, latitude, longitude] of [
    ['0117.50N', '1130.50E', 1 + 17.5 / 60, 11 + 30.5 / 60],
    ['0810.25N', '01134.500E', 8 + 10.25 / 60, 11 + 34.5 / 60],
    ['480814.5S', '0113430W', -(48 + 8 / 60 + 14.5 / 3600), -(11 + 34 / 60 + 30 / 3600)],
    ['48.137N', '117.5E', 48.137, 117.5],
    ['48 08.5', 'E 11 34.5', 48 + 8.5 / 60, 11 + 34.5 / 60],
    [`48°08'14.5"N`, `11°34'30"E`, 48 + 8 / 60 + 14.5 / 3600, 11 + 34 / 60 + 30 / 3600],
    ['48:08:14N', '11:34:30E', 48 + 8 / 60 + 14 / 3600, 11 + 34 / 60 + 30 / 3600],
    ['48,137', '11,575', 48.137, 11.575],
  ] as const) {
    it(`is what it says: ${lat} ${lon}`, async () => {
      const text = `lat;lon\n${lat};${lon}\n48,2;11,6\n`;
      assertPlace((await pointsIn(text, 'a.csv'))[0], latitude, longitude);
    });
  }

  for (const [cell, latitude, longitude] of [
    ['48,137 11,575', 48.137, 11.575],
    ['48,137, 11,575', 48.137, 11.575],
    ['48.137/11.575', 48.137, 11.575],
    ['48 08.5 N 11 34.5 E', 48 + 8.5 / 60, 11 + 34.5 / 60],
    [`N48°08.5' E11°34.5'`, 48 + 8.5 / 60, 11 + 34.5 / 60],
    [`11°34.5'E, 48°08.5'N`, 48 + 8.5 / 60, 11 + 34.5 / 60],
  ] as const) {
    it(`is what it says, in one cell: ${cell}`, async () => {
      assertPlace((await pointsIn(`location;n\n${cell};1\n48.2, 11.6;2\n`, 'a.csv'))[0], latitude, longitude);
    });
  }

  it('is none if a spreadsheet has divided it, and the remedy says so', async () => {
    for (const cell of ['48.137.154', '48,137,154', '4.813.715']) {
      await assert.rejects(
        read(`lat;lon\n${cell};11.5\n48.2;11.6\n`, 'a.csv'),
        (error: { message?: string; remedy?: unknown }) => {
          assert.match(error.message ?? '', /line 2: ".*" isn’t a valid latitude/);
          assert.match(JSON.stringify(error.remedy), /thousands separators/);
          return true;
        },
      );
    }
    await assert.rejects(
      read('location;n\n48 08.5 11 34.5;1\n48.2, 11.6;2\n', 'a.csv'),
      /isn’t a valid latitude/,
    );
  });

  it('has the letter O for east or west as the language of the header says, and a note', async () => {
    for (const [header, longitude, note] of [
      ['Breite;Länge;Zeit', 2.35, /O is read as east/],
      ['latitud;longitud;hora', -2.35, /O is read as west/],
      ['Latitudine;Longitudine;Ora', -2.35, /O is read as west/],
      ['latitude;longitude;heure', -2.35, /O is read as west, .* line 2 \("2.35 O"\)/],
      ['latitude;longitude;time', 2.35, /O is read as east/],
    ] as const) {
      const { routes, notes } = await read(`${header}\n48.8 N;2.35 O;\n48.9 N;2.36 O;\n`, 'a.csv');
      assertPlace(routes[0]!.points[0], 48.8, longitude);
      assert.match(notes.join(), note);
    }
  });

  it('is on the hemisphere that another column says, whatever it is called', async () => {
    for (const [ns, ew] of [
      ['N/S Indicator', 'E/W Indicator'],
      ['GPS Latitude Ref', 'GPS Longitude Ref'],
      ['lat_ns', 'lon_ew'],
      ['hemi1', 'hemi2'],
      ['N/S', 'E/W'],
    ] as const) {
      const text = `lat,${ns},lon,${ew},heading\n33.5,S,70.6,W,N\n33.6,S,70.7,W,N\n`;
      assertPlace((await pointsIn(text, 'a.csv'))[0], -33.5, -70.6);
      assertPlace(
        (await pointsIn(`lat,${ns},lon,${ew}\n4807.038,N,01131.000,W\n4808,N,01132,W\n`, 'a.csv'))[0],
        48 + 7.038 / 60,
        -(11 + 31 / 60),
      );
    }
    assertPlace((await pointsIn('lat,lon,compass\n33.5,70.6,S\n33.6,70.7,S\n', 'a.csv'))[0], 33.5, 70.6);
  });

  it('is no size of a vehicle', async () => {
    for (const header of ['Breite;Länge;latitude;longitude', 'Breite (m);Länge (m);Breitengrad;Längengrad']) {
      assertPlace(
        (await pointsIn(`${header}\n1.8;4.5;48.1;11.5\n1.8;4.5;48.2;11.6\n`, 'a.csv'))[0],
        48.1,
        11.5,
      );
    }
  });

  it('as x and y in meters is said to have no place on the earth', async () => {
    const rows = (scale: number) => drive.map((_, i) => `${i * scale},${2 + i * scale}`).join('\n');
    const metres = await read(`x,y\n${rows(0.9)}\n`, 'a.csv');
    assert.match(metres.notes.join(), /x and y are read as degrees.*they may be meters/);
    const degrees = await read(`x,y\n${rows(0.0001)}\n`, 'a.csv');
    assert.doesNotMatch(degrees.notes.join(), /meters/);
  });
});

describe('the times of a table', () => {
  const place = (it: Moment) => `${it.latitude},${it.longitude}`;

  for (const header of ['GPSTime', 'UTCTime', 'unixtime', 'epoch', 'gps_time_stamp', 'Zeitpunkt', 'Время', 'Czas', 'Tiempo', 'Temps', 'Time (UTC+1)', 'time with zone', 'Time zone Europe/Berlin', 'when it was', 'col3']) {
    it(`are found under any name: ${header}`, async () => {
      assert.equal(await durationOf(table(`lat,lon,speed,${header}`, (it) => `${place(it)},36,${iso(it.time)}`)), 89);
      const seconds = table(`speed,${header},lat,lon`, (it) => `36,${it.time / 1000},${place(it)}`);
      if (/time|epoch|zeit|время|czas|tiempo|temps/i.test(header)) assert.equal(await durationOf(seconds), 89);
    });
  } // prettier-ignore

  it('are found beside a column of times with nothing in it', async () => {
    const text = table('lat,lon,time,col4', (it) => `${place(it)},,${iso(it.time)}`);
    assert.equal(await durationOf(text), 89);
  });

  it('are said to be found by what stands there', async () => {
    const { notes } = await read(
      table('lat,lon,col3', (it) => `${place(it)},${iso(it.time)}`),
      'a.csv',
    );
    assert.deepEqual(notes, ['No header says where the times are: they are read from the column "col3".']);
  });

  it('are none where they go to and fro as a temperature does, and that is said', async () => {
    const text = table('lat,lon,temps', (it, i) => `${place(it)},${20 + ((i * 7) % 5) / 10}`);
    const { routes, notes } = await read(text, 'a.csv');
    assert.ok(routes[0]!.points.every(({ time }) => time === undefined));
    assert.match(notes.join(), /could not be read: 90 times, the first in line 2 \("20"\)/);
  });

  it('are those of the file where each record is written twice', async () => {
    const rows = drive.flatMap((it) => [it, it]).map((it) => `${place(it)},${iso(it.time)}`);
    const points = await pointsIn(`lat,lon,time\n${rows.join('\n')}\n`, 'a.csv');
    assert.deepEqual(
      points.map(({ time, until = time }) => [time, until]),
      drive.map(({ time }) => [time, time]),
    );
  });

  it('stand in columns of their parts', async () => {
    const two = (n: number) => String(n).padStart(2, '0');
    const parts = (ms: number, pad: (n: number) => string) => {
      const d = new Date(ms);
      return [d.getUTCFullYear(), pad(d.getUTCMonth() + 1), pad(d.getUTCDate()), pad(d.getUTCHours()), pad(d.getUTCMinutes()), pad(d.getUTCSeconds())].join(','); // prettier-ignore
    };
    for (const header of [
      'year,month,day,hour,min,sec',
      'Jahr,Monat,Tag,Stunde,Minute,Sekunde',
      'YYYY,MM,DD,HH,MI,SS',
    ]) {
      for (const pad of [two, String]) {
        const points = await pointsIn(
          table(`${header},lat,lon`, (it) => `${parts(it.time, pad)},${place(it)}`),
          'a.csv',
        );
        assert.deepEqual([points[0]!.time, points.at(-1)!.time], [drive[0]!.time, drive.at(-1)!.time]);
      }
    }
  });

  for (const [name, header, cell, seconds, note] of [
    ['minutes and seconds', 'time', (i: number) => `${Math.floor(i / 60)}:${String(i % 60).padStart(2, '0')}`, 89, /read as minutes and seconds/],
    ['minutes and seconds with a fraction, over the hour', 'time', (i: number) => `${(59 + Math.floor(i / 60)) % 60}:${String(i % 60).padStart(2, '0')}.0`.padStart(7, '0'), 89, /read as minutes and seconds/],
    ['minutes and seconds since the start', 'Elapsed Time', (i: number) => `0${Math.floor(i / 60)}:${String(i % 60).padStart(2, '0')}`, 89, /read as minutes and seconds/],
    ['more minutes than hours of a day', 'time', (i: number) => `${70 + Math.floor(i / 60)}:${String(i % 60).padStart(2, '0')}`, 89, /read as minutes and seconds/],
    ['milliseconds, as the header says', 'Time (ms)', (i: number) => String(i * 1000), 89, /read as milliseconds/],
    ['seconds, as the header says', 'Time (s)', (i: number) => (i * 1).toFixed(2), 89, /read as seconds/],
    ['milliseconds by the way', 'time', (i: number) => String(i * 1000), 89, /read as milliseconds/],
    ['milliseconds of the week', 'iTOW', (i: number) => String(389_418_000 + i * 1000), 89, /read as milliseconds/],
    ['milliseconds of the week by the way', 'timestamp', (i: number) => String(389_418_000 + i * 1000), 89, /read as milliseconds/],
    ['nanoseconds since the start of a device', 'elapsedRealtimeNanos', (i: number) => `${432_000 + i}000000000`, 89, /read as nanoseconds/],
    ['nanoseconds since the start of a device by the way', 'time', (i: number) => `${864_000 + i}000000000`, 89, /read as nanoseconds/],
    ['hours, minutes and seconds', 'time', (i: number) => String(62_950 + i + (i >= 10 ? 40 : 0) + (i >= 70 ? 40 : 0)), 89, /hours, minutes and seconds/],
    ['seconds under a letter', 't (s)', (i: number) => `${i}.0`, 89, /read as seconds/],
    ['seconds under their unit', 'secs', (i: number) => String(23_400 + i * 1.0), 89, /hours, minutes and seconds|read as seconds/],
    ['seconds that have elapsed', 'Elapsed (s)', (i: number) => String(i), 89, /read as seconds/],
    ['seconds since 1970', 'epoch', (i: number) => String(BEGIN / 1000 + i), 89, /^$/],
    ['milliseconds since 1970, as the header says', 'epoch_ms', (i: number) => String(BEGIN + i * 1000), 89, /^$/],
    ['dots in a clock', 'Uhrzeit', (i: number) => `06.${30 + Math.floor(i / 60)}.${String(i % 60).padStart(2, '0')}`, 89, /^$/],
    ['dots in a clock that could be a date', 'Ora', (i: number) => `06.1${Math.floor(i / 60)}.${String(i % 60).padStart(2, '0')}`, 89, /^$/],
  ] as const) {
    it(`are ${name}`, async () => {
      const text = table(`lat;lon;${header}`, (it, i) => `${place(it).replace(',', ';')};${cell(i)}`);
      assert.equal(await durationOf(text), seconds);
      assert.match((await read(text, 'a.csv')).notes.join('\n'), note);
    });
  } // prettier-ignore

  it('of hours and minutes stay so where that is how the vehicle drives', async () => {
    // 600 m a minute.
    const rows = drive.map(
      (it, i) =>
        `${it.latitude},${(11.5 + i * 60 * STEP).toFixed(6)},${8 + Math.floor(i / 60)}:${String(i % 60).padStart(2, '0')}`,
    );
    assert.equal(await durationOf(`lat,lon,time\n${rows.join('\n')}\n`), 89 * 60);
  });

  for (const [text, time] of [
    ['14-May-24 06:30:00', BEGIN],
    ['14-MAY-24 06.30.00.000000 AM', BEGIN],
    ['2024/5/14 上午 6:30:00', BEGIN],
    ['2024/5/14 下午 6:30:00', BEGIN + 43_200_000],
    ['2024. 5. 14. 오후 6:30:00', BEGIN + 43_200_000],
    ['2024년 5월 14일 6시 30분 0초', BEGIN],
    ['2024年5月14日 6时30分0秒', BEGIN],
    ['mar. 14 mai 2024 06:30:00', BEGIN],
    ['mar 14 mag 2024 06:30:00', BEGIN],
    ['5 mars 2024 06:30:00', Date.UTC(2024, 2, 5, 6, 30)],
    ['Mar 5, 2024 06:30:00', Date.UTC(2024, 2, 5, 6, 30)],
    ['2024-05-14 06.30.00', BEGIN],
  ] as const) {
    it(`are read: ${text}`, async () => {
      const points = await pointsIn(
        `lat;lon;time\n48.1;11.5;${text}\n48.2;11.6;${text.replace(':00', ':59').replace('0초', '59초').replace('0秒', '59秒').replace('.00', '.59')}\n`,
        'a.csv',
      );
      assert.equal(points[0]!.time, time);
    });
  }
});

describe('a table', () => {
  const place = (it: Moment) => `${it.latitude},${it.longitude}`;

  it('has line ends of several kinds', async () => {
    for (const ends of [
      ['\r\n', '\n'],
      ['\r', '\n'],
      ['\n', '\r\n', '\r'],
    ]) {
      const lines = table('lat,lon,time', (it) => `${place(it)},${iso(it.time)}`)
        .trimEnd()
        .split('\n');
      const text = lines.map((line, i) => line + ends[i % ends.length]!).join('');
      assert.equal((await pointsIn(text, 'a.csv')).length, 90);
    }
  });

  it('has its header behind a sign for comments', async () => {
    for (const [header, row] of [
      ['# lat,lon,time', place],
      ['#lat,lon,time', place],
      ['#,lat,lon,time', (it: Moment) => `7,${place(it)}`],
      ['# made by a program\n# lat,lon,time', place],
    ] as const) {
      const points = await pointsIn(
        table(header, (it) => `${row(it)},${iso(it.time)}`),
        'a.csv',
      );
      assert.deepEqual(points, drive, header);
    }
    const both = table(
      '# the columns: lat, lon, time\nlon,lat,time',
      (it) => `${it.longitude},${it.latitude},${iso(it.time)}`,
    );
    assert.deepEqual(await pointsIn(both, 'a.csv'), drive);
  });

  const cars = (i: number) =>
    [0, 1, 2].map((car) => ({
      car: ['AB 12', 'CD 34', 'EF 56'][car]!,
      latitude: 48.1 + car * 0.05,
      longitude: drive[i]!.longitude,
      time: drive[i]!.time,
    }));
  const mixed = drive.flatMap((_, i) => cars(i));
  const stacked = [0, 1, 2].flatMap((car) => drive.map((_, i) => cars(i)[car]!));

  for (const header of ['vehicle_no', 'Vehicle Number', 'vehicle name', 'unit', 'car_no', 'taxi', 'id_vehicule', 'veicolo', 'voertuig', 'pojazd', '车牌号', 'terminal id', 'serial', 'trip number', 'fahrt id', 'Fahrzeug Nr', 'uuid', 'bike id', 'flight', 'vin', 'VehicleID', 'wer', 'name', 'Хозяин']) {
    it(`is a route for each vehicle, in turns or one after the other, under any name: ${header}`, async () => {
      for (const rows of [mixed, stacked]) {
        const text = `lat,lon,speed,${header},time\n${rows.map((it) => `${it.latitude},${it.longitude},36,${it.car},${iso(it.time)}`).join('\n')}\n`;
        const { routes, notes } = await read(text, 'fleet.csv');
        assert.deepEqual(routes.map(({ name, points }) => [name, points.length]), [['AB 12', 90], ['CD 34', 90], ['EF 56', 90]], notes.join('\n'));
        assert.match(notes.join(), /The rows belong to 3 vehicles or trips \(AB 12, CD 34, EF 56\)/);
      }
    });
  } // prettier-ignore

  it('is a route for each vehicle however few rows each has', async () => {
    const text = 'vehicle_id,lat,lon\na,48.1,11.5\nb,50.1,8.5\na,48.2,11.6\nb,50.2,8.6\nc,1,1\n';
    const { routes } = await read(text, 'a.csv');
    assert.deepEqual(routes.map(({ name, points }) => [name, points.length]), [['a', 2], ['b', 2]]); // prettier-ignore
  });

  it('is one route where each row has a vehicle of its own, and that is said', async () => {
    const { routes, notes } = await read(
      table('vin,lat,lon', (it, i) => `V${i},${place(it)}`),
      'a.csv',
    );
    assert.equal(routes.length, 1);
    assert.match(notes.join(), /"vin" differs in every row/);
  });

  for (const [what, header, cell] of [
    ['a course with fractions', 'track', (i: number) => (87.5 + i / 10).toFixed(1)],
    ['a course in whole degrees', 'track', (i: number) => String((87 + i) % 360)],
    [
      'names of streets',
      'name',
      (i: number) => ['High Street', 'Station Road', 'Mill Lane'][Math.floor(i / 30)]!,
    ],
    ['satellites in use', 'satellites', (i: number) => String(7 + (i % 5))],
    ['whether the engine runs', 'ignition', (i: number) => (i < 20 ? 'off' : 'on')],
    ['numbers of the rows', 'no', (i: number) => String(i)],
  ] as const) {
    it(`is one route, whatever its columns say of single rows: ${what}`, async () => {
      for (const rows of [drive, drive.toReversed()]) {
        const text = `lat,lon,${header},time\n${rows.map((it, i) => `${place(it)},${cell(i)},${iso(it.time)}`).join('\n')}\n`;
        const { routes, notes } = await read(text, 'a.csv');
        assert.deepEqual(routes.map(({ points }) => points), [drive], notes.join('\n')); // prettier-ignore
      }
    });
  }
});
