import assert from 'node:assert/strict';
import fc from 'fast-check';
import { between, type Moment } from '../../../src/telemetry/simulation/between.ts';
import {
  createMessages,
  type Messages,
  type SimulatedMessage,
} from '../../../src/telemetry/simulation/messages.ts';
import { createWindow } from '../../../src/telemetry/simulation/window.ts';
import type { Drive } from '../../../src/telemetry/drive.ts';
import { createFakeDrive } from '../device/simulationWorld.ts';
import { textOf } from '../../support/bytes.ts';
import { codec } from '../../../src/cms/cdf/codec/codec.ts';
import { codec as vss } from '../../../src/cms/cmsOnAws/codec/codec.ts';
import { drive as driveOf, straight } from './drive/drives.ts';

const START = Date.parse('2026-01-05T10:00:00Z');

function messagesOf(drive: Drive, pace: 'drive' | 'points' = 'drive'): Messages {
  return createMessages({
    drive,
    codec,
    vehicle: { vin: 'V', id: 'V', thingName: 'T' },
    simulationId: 'run',
    pace,
  });
}

/** All messages of a drive, one tick a second on the wall. */
function all(messages: Messages, seconds = 1): SimulatedMessage[][] {
  const ticks: SimulatedMessage[][] = [];
  for (let at = START; ; at += 1000) {
    const said = messages.tick(at, seconds);
    if (said === undefined) return ticks;
    ticks.push(said);
  }
}
const body = (message: SimulatedMessage | undefined) =>
  JSON.parse(textOf(message?.payload ?? '')) as {
    MessageId: string;
    TripId: string;
    CreationTimeStamp: string;
    GeoLocation: { Longitude: number };
    Odometer: { TripOdometer: number };
    TripSummary: Record<'Distance' | 'Duration' | 'Fuel', number> & {
      StartTime: string;
      EndLocation: { Longitude: number };
    };
    DTC: { Code: string };
  };
const types = (ticks: SimulatedMessage[][]) => ticks.map((said) => said.map(({ type }) => type));

describe('The messages of a simulated vehicle', () => {
  it('are a sample a tick, then the summary of the trip', () => {
    const ticks = all(messagesOf(createFakeDrive({ samples: 3 })));
    assert.deepEqual(types(ticks), [['sample'], ['sample'], ['sample', 'trip']]);
  });

  it('carry serials from one up, in every message', () => {
    const more = { 1: [{ kind: 'dtc' as const, time: 0, code: 'P0217' }] };
    const ticks = all(messagesOf(createFakeDrive({ samples: 4, trips: 2, more })));
    const serials = ticks.flat().map((message) => Number(body(message).MessageId.split('#').at(-1)));
    assert.deepEqual(
      serials,
      serials.map((_, i) => i + 1),
    );
    assert.deepEqual(
      ticks.flat().map(({ serial }) => serial),
      serials,
    );
  });

  it('say a trouble code before the sample that makes CMS show it', () => {
    const more = { 1: [{ kind: 'dtc' as const, time: 0, code: 'P0217' }] };
    const ticks = all(messagesOf(createFakeDrive({ samples: 3, more })));
    assert.deepEqual(types(ticks)[1], ['trouble', 'sample']);
    assert.equal(body(ticks[1]![0]).DTC.Code, 'P0217');
    assert.equal(ticks[1]![0]!.topic, 'dt/cvra/T/dtc');
  });

  it('carry a trouble code from then on, where a CMS has no messages but samples', () => {
    const of = { vin: 'V', id: 'V', thingName: 'Vehicle_V' };
    const more = {
      1: [
        { kind: 'dtc' as const, time: 0, code: 'P0217' },
        { kind: 'braking' as const, time: 0, latitude: 48, longitude: 11 },
      ],
    };
    const drive = createFakeDrive({ samples: 3, more });
    const messages = createMessages({
      ...{ drive, codec: vss, vehicle: of, simulationId: 'run', pace: 'drive' },
    });
    const said = all(messages).flat();
    assert.deepEqual(
      said.map(({ type, serial }) => [type, serial]),
      [
        ['sample', 1],
        ['trouble', 2],
        ['sample', 3],
        ['sample', 4],
      ],
    );
    const codes = said.map(({ topic, payload }) => vss.decode(topic, payload)?.code);
    assert.deepEqual(codes, [undefined, 'P0217', 'P0217', 'P0217']);
  });

  it('report a braking as an event', () => {
    const more = { 1: [{ kind: 'braking' as const, time: 0, latitude: 48, longitude: 11 }] };
    assert.deepEqual(types(all(messagesOf(createFakeDrive({ samples: 3, more }))))[1], ['event', 'sample']);
  });

  it('carry the time on the wall; the summary lasts as long as the drive', () => {
    const ticks = all(messagesOf(createFakeDrive({ samples: 61 })), 20);
    const [last, trip] = ticks.at(-1)!;
    assert.ok(ticks.length < 6);
    assert.equal(body(last).CreationTimeStamp, new Date(START + (ticks.length - 1) * 1000).toISOString());
    const { StartTime, Duration, Distance, Fuel } = body(trip).TripSummary;
    assert.deepEqual([StartTime, Duration, Distance, Fuel], ['2026-01-05T10:00:00.000Z', 60_000, 0.6, 600]);
    assert.ok(body(trip).CreationTimeStamp >= body(last).CreationTimeStamp);
  });

  it('pass faster or more slowly with the speed', () => {
    const steps = (seconds: number) => {
      const ticks = all(messagesOf(createFakeDrive({ samples: 41 })), seconds);
      return ticks.flat().filter(({ type }) => type === 'sample');
    };
    assert.equal(steps(1).length, 41);
    assert.equal(steps(20).length, 3);
    assert.equal(steps(0.5).length, 81);
    const slow = steps(0.5).map((message) => body(message).GeoLocation.Longitude);
    assert.ok(
      slow.every((longitude, i) => i === 0 || longitude > slow[i - 1]!),
      'between two steps it is between',
    );
  });

  it('at the pace of points leave none out, whatever the speed', () => {
    for (const seconds of [0.1, 1, 20]) {
      const ticks = all(messagesOf(createFakeDrive({ samples: 12, trips: 2 }), 'points'), seconds);
      assert.equal(ticks.length, 24);
      assert.deepEqual(types(ticks)[11], ['sample', 'trip']);
      assert.deepEqual(types(ticks)[12], ['sample']);
    }
  });

  it('begin a new trip, with an id of its own, for each follow-up', () => {
    const ticks = all(messagesOf(createFakeDrive({ samples: 3, trips: 3 })));
    const ids = ticks.flat().map((message) => body(message).TripId);
    assert.deepEqual([...new Set(ids)], ['run-V-1', 'run-V-2', 'run-V-3']);
    for (const said of ticks) {
      for (const [i, message] of said.entries()) {
        if (message.type === 'trip') assert.equal(body(message).TripId, body(said[i - 1]).TripId);
      }
    }
  });

  it('summarise a trip that is cut off, from what was driven', () => {
    const messages = messagesOf(createFakeDrive({ samples: 100 }));
    for (let i = 0; i < 11; i++) messages.tick(START + i * 1000, 1);
    const [trip, ...rest] = messages.endTrip(START + 10_500);
    assert.deepEqual(rest, []);
    assert.deepEqual(body(trip).TripSummary.Distance, 0.1);
    assert.deepEqual(body(trip).TripSummary.Duration, 10_000);
    assert.deepEqual(messages.endTrip(START + 11_000), [], 'once');
    assert.equal(messages.tick(START + 11_000, 1), undefined, 'the drive is over');
  });

  for (const [hertz, speed] of [
    [3, 1],
    [10, 1],
    [1, 0.1],
    [7, 3.3],
  ] as const) {
    it(`summarise it as the last sample left it, at ${hertz} Hz and x${speed}`, () => {
      const messages = messagesOf(createFakeDrive({ samples: 100 }));
      const ticks = [];
      for (let i = 0; i < 25; i++) ticks.push(...messages.tick(START + i * 1000, speed / hertz)!);
      const sample = body(ticks.findLast(({ type }) => type === 'sample'));
      const [trip] = messages.endTrip(START + 40_000);
      const { Distance, Duration, EndLocation } = body(trip).TripSummary;
      assert.equal(Distance, sample.Odometer.TripOdometer);
      assert.equal(EndLocation.Longitude, sample.GeoLocation.Longitude);
      assert.ok(Math.abs(Duration - (24_000 * speed) / hertz) <= 1, String(Duration));
    });
  }

  it('have nothing to summarise before the first sample', () => {
    assert.deepEqual(messagesOf(createFakeDrive()).endTrip(START), []);
  });

  it('go on from another place after a jump, in the same trip', () => {
    const drive = createFakeDrive({ samples: 101 });
    const messages = messagesOf(drive);
    messages.tick(START, 1);
    messages.tick(START + 1000, 1);
    messages.jumpTo(0.9);
    const [said] = messages.tick(START + 2000, 1)!;
    assert.equal(body(said).GeoLocation.Longitude, 11.09);
    assert.equal(body(said).TripId, 'run-V-1');
    assert.deepEqual(drive.jumps, [0.9]);
  });

  it('tell how far the vehicle is', () => {
    const messages = messagesOf(createFakeDrive({ samples: 5, trips: 2 }));
    for (let i = 0; i < 8; i++) messages.tick(START + i * 1000, 1);
    assert.deepEqual(messages.progress, { fraction: 0.5, metres: 70, trips: 2, serial: 9 });
  });
});

describe('What a message says of the time since the one before', () => {
  it('is the strongest of all steps in between, and their mean', () => {
    const window = createWindow();
    const step = { throttle: 0.2, maxThrottle: 0.3, acceleration: 1, lateralAcceleration: 0.5 };
    window.add(step);
    window.add({ throttle: 0, maxThrottle: 0, acceleration: -6, lateralAcceleration: 0.1 });
    window.add({ throttle: 0.4, maxThrottle: 0.9, acceleration: 2, lateralAcceleration: -0.7 });
    const { throttle, ...most } = window.take();
    assert.ok(Math.abs(throttle - 0.2) < 1e-12);
    assert.deepEqual(most, { maxThrottle: 0.9, acceleration: -6, lateralAcceleration: -0.7 });
    assert.ok(window.isEmpty);
  });

  it('misses no hard braking, however many steps time lapse skips', () => {
    const braking = driveOf({ route: straight, tick: 0.5, events: [{ at: 2000, kind: 'braking' }] });
    const moments = all(messagesOf(braking), 20)
      .flat()
      .flatMap(({ moment }) => moment ?? []);
    assert.ok(moments.length < 60, `${moments.length} messages, of twenty simulated seconds each`);
    const strongest = Math.min(...moments.map(({ acceleration }) => acceleration));
    assert.ok(strongest < -4, `${strongest} m/s²`);
    assert.ok(moments.every(({ throttle, maxThrottle }) => throttle >= 0 && throttle <= maxThrottle));
  });

  it('is that of the step under way when there are several messages in one', () => {
    const messages = messagesOf(driveOf({ route: straight, tick: 0.5 }));
    const moments = Array.from({ length: 20 }, (_, i) => messages.tick(i * 100, 0.1)![0]!.moment!);
    assert.deepEqual(
      moments.slice(1).filter(({ acceleration }) => acceleration < 1.7),
      [],
    );
  });
});

describe('A moment between two', () => {
  const moment = (more: Partial<Moment>): Moment => ({
    latitude: 0,
    longitude: 0,
    altitude: 0,
    heading: 0,
    speed: 0,
    maxSpeed: 0,
    averageSpeed: 0,
    odometer: 0,
    tripOdometer: 0,
    fuel: 0,
    tankCapacity: 60,
    tripFuel: 0,
    charge: 0,
    batteryCapacity: 0,
    tripEnergy: 0,
    engineTemperature: 0,
    oilTemperature: 0,
    throttle: 0,
    maxThrottle: 0,
    acceleration: 0,
    lateralAcceleration: 0,
    ...more,
  });

  it('takes the short way round the north and over the antimeridian', () => {
    const west = between(
      moment({ longitude: 179.9, heading: 350 }),
      moment({ longitude: -179.9, heading: 20 }),
      0.75,
    );
    assert.ok(Math.abs(west.longitude - -179.95) < 1e-9);
    assert.ok(Math.abs(west.heading - 12.5) < 1e-9);
  });

  it('is always a place on earth with a heading', () => {
    const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
    const heading = fc.double({ min: 0, max: 359.99, noNaN: true });
    const any = fc
      .record({ latitude: degrees(90), longitude: degrees(180), heading })
      .map((more) => moment(more));
    fc.assert(
      fc.property(any, any, fc.double({ min: 0, max: 1, noNaN: true }), (from, to, share) => {
        const { latitude, longitude, heading: at } = between(from, to, share);
        assert.ok(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && at >= 0 && at < 360);
      }),
    );
  });
});
