import assert from 'node:assert/strict';
import fc from 'fast-check';
import geographiclib from 'geographiclib-geodesic';
import type { TripFigures } from '../../../../src/telemetry/drive.ts';
import { drive, samplesOf, stepsOf } from '../drive/drives.ts';
import { gpx, kml, read } from './files.ts';

/**
 * Drives that are made here, so that what they are is known: written down as devices write them, read, and driven.
 * Lengths are GeographicLib's, which this test asks itself.
 */
interface Moment {
  latitude: number;
  longitude: number;
  /** Seconds since the beginning. */
  time: number;
}

const { WGS84 } = geographiclib.Geodesic;
const BEGIN = Date.UTC(2024, 4, 14, 6, 30);

interface Leg {
  /** Meters per second, seconds, degrees a second. */
  speed: number;
  seconds: number;
  turn: number;
}

/** A drive of legs with stops between them, once every `step` seconds. Speeds change as those of cars do. */
function driven(legs: readonly Leg[], stops: readonly number[], step: number): Moment[] {
  let here = { latitude: 52.25, longitude: 8.91 };
  let heading = 40;
  let speed = 0;
  let time = 0;
  const moments: Moment[] = [{ ...here, time }];
  const go = (target: number, seconds: number, turn: number) => {
    for (let t = 0; t < seconds; t += step) {
      const change = Math.max(-2.5 * step, Math.min(1.5 * step, target - speed));
      const meters = (speed + change / 2) * step;
      speed += change;
      heading += turn * step;
      time += step;
      if (meters > 0) {
        const { lat2 = 0, lon2 = 0 } = WGS84.Direct(here.latitude, here.longitude, heading, meters);
        here = { latitude: lat2, longitude: lon2 };
      }
      moments.push({ ...here, time });
    }
  };
  for (const [i, { speed: target, seconds, turn }] of legs.entries()) {
    go(target, seconds, turn);
    const stop = stops[i] ?? 0;
    if (stop === 0) continue;
    go(0, Math.ceil(speed / 2.5 / step) * step, 0);
    go(0, stop, 0);
  }
  // Two decimals more than devices have: what is rounded is not what is tested here.
  return moments.map((it) => ({
    latitude: Math.round(it.latitude * 1e9) / 1e9,
    longitude: Math.round(it.longitude * 1e9) / 1e9,
    time: Math.round(it.time * 1000) / 1000,
  }));
}

const leg = fc.record({
  speed: fc.double({ min: 4, max: 50, noNaN: true }),
  seconds: fc.integer({ min: 20, max: 90 }),
  turn: fc.double({ min: -2, max: 2, noNaN: true }),
});
const legs = fc.array(leg, { minLength: 1, maxLength: 4 });
const stops = fc.array(fc.constantFrom(0, 0, 12, 40, 90), { minLength: 4, maxLength: 4 });

function lengthOf(moments: readonly Moment[]): number {
  let sum = 0;
  for (const [i, { latitude, longitude }] of moments.entries()) {
    const before = moments[i - 1];
    if (before !== undefined)
      sum += WGS84.Inverse(before.latitude, before.longitude, latitude, longitude).s12 ?? NaN;
  }
  return sum;
}

const durationOf = (moments: readonly Moment[]) => (moments.at(-1)?.time ?? 0) - (moments[0]?.time ?? 0);
const iso = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString();

function asGpx(
  moments: readonly Moment[],
  timeOf: (moment: Moment) => string = ({ time }) => iso(time),
): string {
  const points = moments.map(
    (it) => `<trkpt lat="${it.latitude}" lon="${it.longitude}"><time>${timeOf(it)}</time></trkpt>`,
  );
  return gpx(points.join('\n'));
}

interface Came {
  distance: number;
  /** Seconds. */
  duration: number;
  /** The longest time at speed 0. */
  stop: number;
  notes: string;
}

async function replayed(content: string | Uint8Array, name: string): Promise<Came> {
  const { routes, notes } = await read(content, name);
  assert.equal(routes.length, 1, notes.join('\n'));
  const steps = stepsOf(drive({ route: routes[0]!, tick: 0.25 }));
  const end = steps.at(-1) as { kind: 'trip-end'; summary: TripFigures };
  let longest = 0;
  let standing = 0;
  for (const { sample } of samplesOf(steps)) {
    standing = sample.speed === 0 ? standing + 0.25 : 0;
    longest = Math.max(longest, standing);
  }
  return {
    distance: end.summary.distance,
    duration: end.summary.duration / 1000,
    stop: longest,
    notes: notes.join('\n'),
  };
}

function assertTruth(
  came: Came,
  truth: readonly Moment[],
  most: { distance?: number; duration?: number } = {},
): void {
  const [distance, duration] = [lengthOf(truth), durationOf(truth)];
  const off = Math.abs(came.distance - distance);
  assert.ok(
    off <= (most.distance ?? 0.001) * distance + 0.01,
    `${came.distance} m instead of ${distance}\n${came.notes}`,
  );
  assert.ok(
    Math.abs(came.duration - duration) <= (most.duration ?? 1),
    `${came.duration} s instead of ${duration}\n${came.notes}`,
  );
}

const repeats = /^(?:Left out because they repeat the previous point: \d+ points?\.)?$/;

describe('a generated track @slow', () => {
  it('is driven as it was, and nothing is said but what stands still', async () => {
    await fc.assert(
      fc.asyncProperty(legs, stops, fc.constantFrom(1, 2, 5), async (way, waits, step) => {
        const truth = driven(way, waits, step);
        const came = await replayed(asGpx(truth), 'plain.gpx');
        assertTruth(came, truth);
        assert.match(came.notes, repeats);
      }),
      { numRuns: 30 },
    );
  });

  it('of ten positions a second with times cut to seconds takes its time, and a note says what was done', async () => {
    await fc.assert(
      fc.asyncProperty(legs, stops, fc.constantFrom(0.1, 0.2, 0.25, 0.5), async (way, waits, step) => {
        const truth = driven(way, waits, step);
        const came = await replayed(
          asGpx(truth, ({ time }) => iso(Math.floor(time + 1e-6)).replace('.000Z', 'Z')),
          'cut.gpx',
        );
        assertTruth(came, truth);
        assert.match(
          came.notes,
          /Equal times were spread evenly up to the next one: \d+ points, the first in line \d+/,
        );
      }),
      { numRuns: 15 },
    );
  });

  it('of times that a clock cut to any number of seconds, and set off by a part of one, takes its time', async () => {
    const cuts = fc.constantFrom(1, 2, 5, 10, 15, 30);
    const offsets = fc.constantFrom(0, 0.5, 0.137);
    await fc.assert(
      fc.asyncProperty(
        legs,
        stops,
        cuts,
        offsets,
        fc.constantFrom(0.5, 1),
        async (way, waits, cut, off, step) => {
          const truth = driven([...way, ...way], waits, step);
          fc.pre(cut > step && durationOf(truth) > 4 * cut);
          const came = await replayed(
            asGpx(truth, ({ time }) => iso(Math.floor((time + 1e-6) / cut) * cut + off)),
            'coarse.gpx',
          );
          assertTruth(came, truth);
          assert.match(came.notes, /Equal times were spread evenly/);
          assert.doesNotMatch(came.notes, /Faster than/);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('faster than any car is said at every rate of its positions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0.1, 0.2, 0.25, 0.5, 1),
        fc.integer({ min: 260, max: 330 }),
        async (step, speed) => {
          const truth = driven([{ speed: speed / 3.6, seconds: 90, turn: 0 }], [], step);
          const { notes } = await read(asGpx(truth), 'fast.gpx');
          const [, said] = /Faster than 250 km\/h .* up to (\d+) km\/h/.exec(notes.join('\n')) ?? [];
          assert.ok(Math.abs(Number(said) - speed) <= 2, `${notes.join()} for ${speed} km/h`);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('below 250 km/h is not said to be faster, however its positions are scattered', async () => {
    await fc.assert(
      fc.asyncProperty(legs, fc.integer({ min: 1, max: 1e6 }), async (way, seed) => {
        const truth = driven(way, [], 0.1);
        let state = seed;
        const scattered = truth.map((it) => {
          state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
          return { ...it, latitude: it.latitude + ((state / 2_147_483_648 - 0.5) * 4) / 111_195 };
        });
        const { notes } = await read(asGpx(scattered), 'scattered.gpx');
        assert.doesNotMatch(notes.join(), /Faster than/);
      }),
      { numRuns: 10 },
    );
  });

  it('of times cut to minutes is as long as it was within a minute, and a note says so', async () => {
    await fc.assert(
      fc.asyncProperty(legs, async (way) => {
        const truth = driven([...way, ...way, ...way], [], 1);
        fc.pre(durationOf(truth) > 180);
        const came = await replayed(
          asGpx(truth, ({ time }) => iso(Math.floor(time / 60) * 60)),
          'minutes.gpx',
        );
        assertTruth(came, truth, { duration: 60 });
        assert.match(came.notes, /Equal times were spread/);
      }),
      { numRuns: 10 },
    );
  });

  it('stands where it stood, however its position drifts there', async () => {
    const noise = fc.record({
      kind: fc.constantFrom('white' as const, 'wandering' as const),
      meters: fc.double({ min: 0.3, max: 4, noNaN: true }),
      seed: fc.integer({ min: 1, max: 1e6 }),
      seconds: fc.integer({ min: 90, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(legs, noise, fc.constantFrom(1, 2), async (way, drift, step) => {
        const truth = driven(
          [...way, ...way],
          [...way.map((_, i) => (i === way.length - 1 ? drift.seconds : 0))],
          step,
        );
        const recorded = drifting(truth, drift);
        const came = await replayed(asGpx(recorded), 'drift.gpx');
        assert.match(
          came.notes,
          /The position drifted while the vehicle stood still: \d+ points were merged/,
        );
        // Nobody can tell from such positions where exactly it stood.
        assertTruth(came, truth, { distance: 0.001 + (4 * drift.meters) / lengthOf(truth) });
        assert.ok(
          Math.abs(came.stop - drift.seconds) <= 15,
          `stands ${came.stop} s instead of ${drift.seconds}\n${came.notes}`,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('with a gap is as long as it was if the gap is short, and a note says what was cut if it is long', async () => {
    const gap = fc.constantFrom(30, 120, 590, 610, 3600, 864_000);
    await fc.assert(
      fc.asyncProperty(legs, gap, fc.boolean(), async (way, seconds, segments) => {
        const before = driven(way, [], 1);
        const after = driven(way, [], 1);
        const [first] = after;
        const last = before.at(-1)!;
        // It goes on where it was, later.
        const moved = after.map((it) => ({
          latitude: it.latitude + last.latitude - first!.latitude,
          longitude: it.longitude + last.longitude - first!.longitude,
          time: it.time + last.time + seconds,
        }));
        const points = (moments: readonly Moment[]) => asGpx(moments).split('\n').slice(2, -1).join('\n');
        const between = segments ? '</trkseg><trkseg>' : '';
        const came = await replayed(gpx(`${points(before)}\n${between}\n${points(moved)}`), 'gap.gpx');
        const whole = [...before, ...moved];
        if (seconds <= 600) assertTruth(came, whole);
        else {
          assert.match(came.notes, /No point for \d+ \w+ after line \d+: the pause was cut/);
          const cut = whole.map((it, i) => (i < before.length ? it : { ...it, time: it.time - seconds + 1 }));
          assertTruth(came, cut);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('loses stamps that cannot be, one by one, and says the first of them', async () => {
    const wrong = fc.constantFrom(
      '0000-00-00T00:00:00Z',
      '1970-01-01T00:00:00Z',
      '2004-09-28T06:30:00Z',
      '2099-12-31T23:59:59Z',
      '2024-05-14T23:30:00Z',
      '2024-05-13T06:30:00Z',
    );
    await fc.assert(
      fc.asyncProperty(
        legs,
        wrong,
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        async (way, stamp, at) => {
          const truth = driven(way, [], 1);
          // Neither the first nor the last one: between those the others say what was.
          const broken = new Set(at.map((n) => 2 + 3 * (n % Math.floor((truth.length - 4) / 3))));
          const text = asGpx(truth, (moment) =>
            broken.has(truth.indexOf(moment)) ? stamp : iso(moment.time),
          );
          const came = await replayed(text, 'absurd.gpx');
          assertTruth(came, truth);
          assert.match(
            came.notes,
            new RegExp(
              `they do not fit the times around them: ${broken.size} times?, the first in line ${Math.min(...broken) + 3}`,
            ),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('loses positions that are none, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(legs, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), async (way, at) => {
        const truth = driven(way, [], 1);
        const broken = new Set(at.map((n) => 1 + (n % (truth.length - 2))));
        const zero = truth.map((it, i) => (broken.has(i) ? { ...it, latitude: 0, longitude: 0 } : it));
        const came = await replayed(asGpx(zero), 'zero.gpx');
        // A bend is cut short where points are missing.
        assertTruth(came, truth, { distance: 0.01 });
        assert.match(came.notes, new RegExp(`is not a real position: ${broken.size} point`));
      }),
      { numRuns: 20 },
    );
  });

  it('is the same in every order of its rows and every order and name of its columns', async () => {
    const columns = fc.shuffledSubarray(['time', 'lat', 'lon', 'x', 'y', 'z', 'speed'], { minLength: 7 });
    const names = fc.constantFrom(
      { lat: 'latitude', lon: 'longitude', time: 'timestamp' },
      { lat: 'Breite', lon: 'Länge', time: 'Zeit' },
      { lat: 'GPS Latitude (deg)', lon: 'GPS Longitude (deg)', time: 'GPS Time' },
      { lat: '緯度', lon: '経度', time: '日時' },
      { lat: 'position_lat', lon: 'position_lon', time: 'recorded_at' },
    );
    const order = fc.constantFrom('as driven' as const, 'newest first' as const, 'shuffled' as const);
    await fc.assert(
      fc.asyncProperty(legs, stops, columns, names, order, async (way, waits, header, name, sorting) => {
        const truth = driven(way, waits, 1);
        const rows = truth.map((it, i) => {
          const cells: Record<string, string | number> = {
            time: iso(it.time),
            lat: it.latitude,
            lon: it.longitude,
            x: Math.sin(i),
            y: Math.cos(i),
            z: 9.8,
            speed: 3,
          };
          return header.map((key) => cells[key]).join(';');
        });
        if (sorting === 'newest first') rows.reverse();
        if (sorting === 'shuffled') rows.sort((a, b) => hash(a) - hash(b));
        const top = header.map((key) => (name as Record<string, string>)[key] ?? key).join(';');
        const came = await replayed(`${top}\n${rows.join('\n')}\n`, 'columns.csv');
        assertTruth(came, truth);
        if (sorting !== 'as driven') assert.match(came.notes, /in the order of the times/);
      }),
      { numRuns: 25 },
    );
  });

  it('has the times that are in its file, however they are written', async () => {
    const two = (n: number) => String(n).padStart(2, '0');
    const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
    const forms: Record<string, (date: Date) => string> = {
      unpadded: (d) => `${d.getUTCFullYear()}-${d.getUTCMonth() + 1}-${d.getUTCDate()}T${d.getUTCHours()}:${d.getUTCMinutes()}:${d.getUTCSeconds()}Z`,
      german: (d) => `${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
      american: (d) => `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()} ${d.getUTCHours() % 12 || 12}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} ${d.getUTCHours() < 12 ? 'AM' : 'PM'}`,
      british: (d) => `${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
      japanese: (d) => `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${d.getUTCHours()}時${d.getUTCMinutes()}分${d.getUTCSeconds()}秒`,
      named: (d) => `${d.getUTCDate()} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
      torque: (d) => `Tue ${months[d.getUTCMonth()]} ${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} GMT+00:00 ${d.getUTCFullYear()}`,
      offset: (d) => `${new Date(d.getTime() + 7_200_000).toISOString().slice(0, 19)}+0200`,
      compact: (d) => d.toISOString().replace(/[-:]|\.\d+/g, ''),
      digits: (d) => d.toISOString().replace(/\D/g, '').slice(0, 14),
      seconds: (d) => String(d.getTime() / 1000),
      milliseconds: (d) => String(d.getTime()),
      nanoseconds: (d) => `${d.getTime()}000000`,
      clock: (d) => d.toISOString().slice(11, 19),
      elapsed: (d) => String((d.getTime() - Date.UTC(2024, 4, 14)) / 1000),
      sheet: (d) => String(d.getTime() / 86_400_000 + 25_569),
    }; // prettier-ignore
    // Also over midnight, a month and a year.
    const start = fc.constantFrom(BEGIN, Date.UTC(2024, 4, 14, 23, 59, 30), Date.UTC(2024, 0, 31, 23, 59), Date.UTC(2023, 11, 31, 23, 59, 40), Date.UTC(2024, 2, 3, 12)); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(legs, fc.constantFrom(...Object.keys(forms)), start, async (way, form, begin) => {
        const truth = driven(way, [], 1);
        const rows = truth.map((it) => {
          const date = new Date(begin + it.time * 1000);
          return `${it.latitude};${it.longitude};${forms[form]!(date)}`;
        });
        const came = await replayed(`lat;lon;time\n${rows.join('\n')}\n`, 'times.csv');
        assertTruth(came, truth);
        assert.doesNotMatch(came.notes, /could not be read|time of day/);
      }),
      { numRuns: 60 },
    );
  });

  it('joins dates and times of two columns, also over midnight', async () => {
    const forms: readonly (readonly [(iso: string) => string, (iso: string) => string])[] = [
      [(it) => it.slice(0, 10), (it) => it.slice(11, 19)],
      [(it) => it.slice(0, 10).replaceAll('-', '/'), (it) => it.slice(11, 23)],
      [(it) => it.slice(2, 10).replaceAll('-', ''), (it) => it.slice(11, 19).replaceAll(':', '')],
      [(it) => it.slice(0, 10).split('-').reverse().join('.'), (it) => it.slice(11, 19)],
      [
        (it) => it.slice(0, 10).replaceAll('-', ''),
        (it) => String(Number(it.slice(11, 19).replaceAll(':', ''))),
      ],
    ];
    await fc.assert(
      fc.asyncProperty(legs, fc.constantFrom(...forms), async (way, [date, time]) => {
        const truth = driven(way, [], 1);
        const rows = truth.map((it) => {
          const text = new Date(Date.UTC(2024, 4, 14, 23, 59, 50) + it.time * 1000).toISOString();
          return `${date(text)},${time(text)},${it.latitude},${it.longitude}`;
        });
        assertTruth(await replayed(`DATE,TIME,LATITUDE,LONGITUDE\n${rows.join('\n')}\n`, 'two.csv'), truth);
      }),
      { numRuns: 25 },
    );
  });

  it('is the same in every encoding, delimiter and way to write a degree', async () => {
    const letters = (value: number, [plus, minus]: string) => `${Math.abs(value)}${value < 0 ? minus : plus}`;
    const dms = (value: number, [plus, minus]: string) => {
      const size = Math.abs(value);
      const minutes = (size % 1) * 60;
      return `${Math.floor(size)}°${Math.floor(minutes)}'${((minutes % 1) * 60).toFixed(5)}" ${value < 0 ? minus : plus}`;
    };
    const degrees = fc.constantFrom<(value: number, letters: string) => string>(String, letters, dms);
    const mirror = fc.constantFrom([1, 1], [-1, 1], [1, -1], [-1, -1]);
    const encoding = fc.constantFrom('utf8' as const, 'utf16le' as const);
    const delimiter = fc.constantFrom(',', ';', '\t', '|');
    await fc.assert(
      fc.asyncProperty(
        legs,
        degrees,
        mirror,
        encoding,
        delimiter,
        fc.boolean(),
        async (way, write, [ns = 1, ew = 1], code, cut, mark) => {
          const truth = driven(way, [], 1).map((it) => ({
            ...it,
            latitude: ns * it.latitude,
            longitude: ew * it.longitude,
          }));
          const rows = truth.map((it) => {
            const cells = [write(it.latitude, 'NS'), write(it.longitude, 'EW'), iso(it.time)];
            return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(cut);
          });
          const text = `${mark ? '\uFEFF' : ''}${['Latitude', 'Longitude', 'Time'].join(cut)}\r\n${rows.join('\r\n')}\r\n`;
          const came = await replayed(Buffer.from(text, code), 'degrees.csv');
          assertTruth(came, truth);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('loses records without a position, with their times, in KML and CSV', async () => {
    await fc.assert(
      fc.asyncProperty(legs, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), async (way, at) => {
        const truth = driven(way, [], 1);
        const lost = new Set(at.map((n) => 1 + (n % (truth.length - 2))));
        const kept = truth.filter((_, i) => !lost.has(i));
        const whens = truth.map(({ time }) => `<when>${iso(time)}</when>`);
        const coords = truth.map((it, i) =>
          lost.has(i) ? '<gx:coord/>' : `<gx:coord>${it.longitude} ${it.latitude} 0</gx:coord>`,
        );
        const track = kml(`<gx:Track>${whens.join('')}\n${coords.join('\n')}</gx:Track>`);
        const rows = truth.map((it, i) =>
          lost.has(i) ? `${iso(it.time)},,` : `${iso(it.time)},${it.latitude},${it.longitude}`,
        );
        for (const [text, name] of [
          [track, 'lost.kml'],
          [`time,lat,lon\n,(deg),(deg)\n${rows.join('\n')}`, 'lost.csv'],
        ] as const) {
          const came = await replayed(text, name);
          assertTruth(came, kept);
          assert.match(
            came.notes,
            new RegExp(`there is no position: ${lost.size} points?, the first in line `),
          );
        }
      }),
      { numRuns: 15 },
    );
  });
});

/** Positions that move about while the vehicle stands: each on its own, or as a walk that is drawn back. */
function drifting(
  truth: readonly Moment[],
  { kind, meters, seed }: { kind: 'white' | 'wandering'; meters: number; seed: number },
): Moment[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let [north, east] = [0, 0];
  return truth.map((it, i) => {
    const before = truth[i - 1];
    if (before?.latitude !== it.latitude || before.longitude !== it.longitude) {
      [north, east] = [0, 0];
      return it;
    }
    if (kind === 'white') [north, east] = [normal() * meters, normal() * meters];
    else [north, east] = [north * 0.95 + normal() * meters * 0.3, east * 0.95 + normal() * meters * 0.3];
    const latitude = it.latitude + north / 111_195;
    return {
      ...it,
      latitude,
      longitude: it.longitude + east / 111_195 / Math.cos((latitude * Math.PI) / 180),
    };
  });
}

function hash(text: string): number {
  let sum = 7;
  for (const char of text) sum = (sum * 31 + char.charCodeAt(0)) % 1_000_003;
  return sum;
}
