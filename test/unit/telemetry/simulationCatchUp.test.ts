import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codec } from '../../../src/cms/cdf/codec/codec.ts';
import { simulatedAt, turned } from '../../../src/telemetry/simulation/runClock.ts';
import {
  createMessages,
  type Messages,
  type SimulatedMessage,
} from '../../../src/telemetry/simulation/messages.ts';
import { textOf } from '../../support/bytes.ts';
import { drive as driveOf, walk } from './drive/drives.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const ROUTE = walk({ latitude: 48.1, longitude: 11.5 }, [[0, 700], [60, 900], [-80, 500]]); // prettier-ignore

function messagesOf(
  seed: number,
  pace: 'drive' | 'points' = 'drive',
  end: 'loop' | 'stop' = 'loop',
): Messages {
  return createMessages({
    drive: driveOf({ route: ROUTE, seed, end, pace, tick: pace === 'points' ? 1 : 0.5 }),
    ...{ codec, vehicle: { vin: 'V', id: 'V', thingName: 'T' }, simulationId: 'run', pace },
  });
}
const placeOf = ({ moment }: SimulatedMessage) =>
  moment &&
  [moment.latitude, moment.longitude, moment.speed, moment.odometer, moment.fuel].map((it) => it.toFixed(6));
const samplesOf = (said: readonly SimulatedMessage[]) =>
  said.filter(({ type }) => type === 'sample').map(placeOf);
const summaryOf = (message: SimulatedMessage) =>
  (
    JSON.parse(textOf(message.payload)) as {
      TripSummary: { Distance: number; Duration: number; Fuel: number };
    }
  ).TripSummary;

describe('A vehicle that catches up with its drive', () => {
  it('is where the undisturbed drive has it, with its speed and its tank, whenever it begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 50 }), (ticks, seed) => {
        const whole = messagesOf(seed);
        const all: SimulatedMessage[][] = [];
        for (let i = 0; i <= ticks + 20; i++) all.push(whole.tick(START + i * 1000, i === 0 ? 0 : 2) ?? []);
        const late = messagesOf(seed);
        late.catchUp(ticks * 2);
        for (let i = ticks; i <= ticks + 20; i++) {
          const said = late.tick(START + i * 1000, i === ticks ? 0 : 2) ?? [];
          assert.deepEqual(samplesOf(said).at(-1), samplesOf(all[i]!).at(-1), `${i}`);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('comes to the same place in one step or in many', () => {
    const [one, many] = [messagesOf(3), messagesOf(3)];
    one.catchUp(200);
    for (const seconds of [10, 90, 91, 199.5, 200]) many.catchUp(seconds);
    for (let i = 0; i < 10; i++)
      assert.deepEqual(samplesOf(many.tick(START, 1) ?? []), samplesOf(one.tick(START, 1) ?? []));
  });

  it('says nothing of what lies behind: serials and trips begin anew, distance and fuel too', () => {
    const late = messagesOf(1, 'drive', 'stop');
    late.catchUp(60);
    const said: SimulatedMessage[] = [];
    for (let i = 0; ; i++) {
      const next = late.tick(START + i * 1000, i === 0 ? 0 : 1);
      if (next === undefined) break;
      said.push(...next);
    }
    assert.deepEqual(said.map(({ serial }) => serial), said.map((_, i) => i + 1)); // prettier-ignore
    assert.equal(late.progress.trips, 1);
    const samples = said.filter(({ type }) => type === 'sample');
    const [first, last] = [samples[0]!.moment!, samples.at(-1)!.moment!];
    const trip = said.at(-1)!;
    assert.equal(trip.type, 'trip');
    const driven = last.odometer - first.odometer;
    assert.ok(driven > 500 && driven < 2000);
    assert.ok(Math.abs(summaryOf(trip).Distance * 1000 - driven) < 20, `${summaryOf(trip).Distance} km`);
    assert.ok(Math.abs(late.progress.metres - driven) < 20);
    assert.ok(first.tripOdometer < 20);
    // One tick a second.
    assert.ok(Math.abs(summaryOf(trip).Duration / 1000 - samples.length) < 3);
  });

  it('ends its trip with what it drove itself when it is stopped', () => {
    const late = messagesOf(1);
    late.catchUp(60);
    const before = late.tick(START, 0)!.at(-1)!.moment!;
    for (let i = 1; i <= 20; i++) late.tick(START + i * 1000, 1);
    const said = late.endTrip(START + 21_000);
    const trip = said.at(-1)!;
    assert.equal(trip.type, 'trip');
    const { metres } = late.progress;
    assert.ok(metres > 50 && before.odometer > metres);
    assert.ok(Math.abs(summaryOf(trip).Distance * 1000 - metres) < 20);
  });

  it('at the pace of points goes on with the point that is due', () => {
    const [whole, late] = [messagesOf(1, 'points'), messagesOf(1, 'points')];
    for (let i = 0; i < 6; i++) whole.tick(START, 1);
    // The points of seconds 0 to 5 are over.
    late.catchUp(5);
    assert.deepEqual(samplesOf(late.tick(START, 1)!), samplesOf(whole.tick(START, 1)!));
  });

  it('has nothing more to say when its drive was over meanwhile', () => {
    const late = messagesOf(1, 'drive', 'stop');
    late.catchUp(100_000);
    assert.equal(late.tick(START, 0), undefined);
  });
});

describe('The clock of a run', () => {
  it('is a line; a turn keeps what has passed', () => {
    const clock = { at: START, simulated: 0, factor: 5 };
    assert.equal(simulatedAt(clock, START - 1000), 0);
    assert.equal(simulatedAt(clock, START + 10_000), 50);
    const paused = turned(clock, START + 10_000, 0);
    assert.equal(simulatedAt(paused, START + 99_000), 50);
    const resumed = turned(paused, START + 99_000, 2);
    assert.equal(simulatedAt(resumed, START + 100_000), 52);
  });
});
