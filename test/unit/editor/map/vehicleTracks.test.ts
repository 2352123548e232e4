import assert from 'node:assert/strict';
import fc from 'fast-check';
import { l10n } from '../../../../src/core/message.ts';
import { VehicleTracks, type TracksOptions } from '../../../../src/editor/map/vehicleTracks.ts';
import { mapFrameSchema, type MapFrame } from '../../../../src/protocol/map.ts';
import type { AcknowledgedMessage, VehicleState } from '../../../../src/protocol/simulation.ts';
import { codecOf } from '../../../../src/cms/codecs.ts';
import { bytesOf } from '../../../support/bytes.ts';

const { decode: readTelemetry } = codecOf('cdf');

const VIN = 'WVWZZZ1JZXW000001';
const START = Date.UTC(2026, 0, 1);

/** Tracks whose frames come when the test says so. */
function tracked(options: TracksOptions) {
  const frames: MapFrame[] = [];
  let due: (() => void) | undefined;
  let waits: number | undefined;
  const tracks = new VehicleTracks({
    ...options,
    after(ms, run) {
      waits = ms;
      due = run;
      return () => (due = undefined);
    },
  });
  return {
    tracks,
    frames,
    read: () => tracks.onFrame((frame) => frames.push(frame)),
    get waits() {
      return due === undefined ? undefined : waits;
    },
    beat() {
      const run = due;
      due = undefined;
      run?.();
      return frames.at(-1);
    },
  };
}

function message(serial: number, more: Partial<AcknowledgedMessage> = {}): AcknowledgedMessage {
  return {
    vin: VIN,
    serial,
    topic: `dt/cvra/${VIN}/cardata`,
    type: 'sample',
    time: START + serial * 1000,
    ackMs: 12,
    place: { latitude: 48, longitude: 11 + serial / 1000, heading: 90, speed: 20, odometer: 5000, fuel: 40 },
    ...more,
  };
}

function state(more: Partial<VehicleState> = {}): VehicleState {
  return {
    vin: VIN,
    id: VIN,
    phase: 'driving',
    link: 'online',
    point: 2,
    points: 10,
    fraction: 0.2,
    metres: 300,
    trip: 1,
    serial: 4,
    acknowledged: 3,
    unacked: 1,
    queued: 0,
    lost: 0,
    resent: 0,
    connects: 1,
    ...more,
  };
}

describe('vehicle tracks', () => {
  it('tell what changed in one frame, a tenth of a second after the first change', () => {
    const it = tracked({ kind: 'simulation' });
    it.read();
    it.tracks.states([state()]);
    assert.equal(it.waits, 100);
    it.tracks.acknowledged([message(1), message(2)]);
    assert.deepEqual(it.frames, []);
    const frame = it.beat();
    assert.deepEqual(mapFrameSchema.parse(frame), frame);
    assert.equal(frame?.reset, undefined);
    assert.deepEqual(frame?.vehicles, [
      {
        id: VIN,
        vin: VIN,
        phase: 'driving',
        link: 'online',
        fraction: 0.2,
        acknowledged: 3,
        unacked: 1,
        lost: 0,
        troubleCodes: [],
        lastMessage: {
          time: START + 2000,
          topic: `dt/cvra/${VIN}/cardata`,
          type: 'sample',
          serial: 2,
          ackMs: 12,
        },
        place: {
          latitude: 48,
          longitude: 11.002,
          heading: 90,
          speed: 20,
          odometer: 5000,
          fuel: 40,
          time: START + 2000,
        },
        trail: [
          { latitude: 48, longitude: 11.001, speed: 20, time: START + 1000 },
          { latitude: 48, longitude: 11.002, speed: 20, time: START + 2000 },
        ],
      },
    ]);
    assert.equal(it.waits, undefined);
  });

  it('tell each place once, and only vehicles that changed', () => {
    const it = tracked({ kind: 'recording' });
    it.read();
    it.tracks.acknowledged([message(1), message(1, { vin: 'ANOTHER' })]);
    it.beat();
    it.tracks.acknowledged([message(2)]);
    const frame = it.beat();
    assert.deepEqual(
      frame?.vehicles.map(({ vin, trail, acknowledged }) => [vin, trail.length, acknowledged]),
      [[VIN, 1, 2]],
    );
  });

  it('give everything in a snapshot, after which frames tell only what is newer', () => {
    const it = tracked({ kind: 'simulation' });
    it.read();
    it.tracks.run = { state: 'running', speed: 2, messagesPerSecond: 1 };
    it.tracks.acknowledged([message(1), message(2), message(3)]);
    const all = it.tracks.snapshot();
    assert.equal(all.reset, true);
    assert.equal(all.vehicles[0]?.trail.length, 3);
    assert.deepEqual(all.run, { state: 'running', speed: 2, messagesPerSecond: 1 });
    it.tracks.acknowledged([message(4)]);
    const frame = it.beat();
    assert.equal(frame?.vehicles[0]?.trail.length, 1);
    assert.equal(frame.run, undefined);
  });

  it('make no frames while nobody reads, and lose nothing of the snapshot by it', () => {
    const it = tracked({ kind: 'simulation' });
    const reader = it.read();
    reader.dispose();
    it.tracks.acknowledged([message(1), message(2)]);
    assert.equal(it.waits, undefined);
    assert.equal(it.tracks.snapshot().vehicles[0]?.trail.length, 2);
    it.read();
    it.tracks.states([state({ phase: 'paused' })]);
    assert.deepEqual(it.beat()?.vehicles[0]?.trail, []);
  });

  it('say where a vehicle was set down elsewhere, and not where it drove', () => {
    const it = tracked({ kind: 'simulation' });
    const at = (serial: number, longitude: number, odometer: number, speed = 20) =>
      message(serial, { place: { latitude: 48, longitude, heading: 90, speed, odometer, fuel: 40 } });
    it.tracks.acknowledged([
      at(1, 11, 5000),
      // 74 m in a second.
      at(2, 11.001, 5074),
      // 7.4 km in a second at x20 with a kilometre between two points: the odometer explains it.
      at(3, 11.1, 12_450),
      // A jump.
      at(4, 11.2, 12_460),
      // The next round begins where the route does; it stood at the end.
      at(5, 11, 12_460, 0),
      // An hour in a tunnel, without an odometer.
      { ...at(6, 11.5, 12_460), time: START + 3_605_000 },
    ]);
    assert.deepEqual(
      it.tracks.snapshot().vehicles[0]?.trail.map(({ apart }) => apart === true),
      [false, false, false, true, true, false],
    );
  });

  it('say of a place alone nothing but where it is, and take the way there for driven', () => {
    const it = tracked({ kind: 'watch' });
    for (const [i, longitude] of [11, 11.001, 12].entries()) {
      const read = { thingName: VIN, type: 'location', vin: VIN, serial: undefined, tripId: undefined };
      const place = { latitude: 48, longitude };
      it.tracks.watched('t', { ...read, time: START + i * 5000, place, code: undefined }, START);
    }
    const [vehicle] = it.tracks.snapshot().vehicles;
    assert.deepEqual(vehicle?.place, { latitude: 48, longitude: 12, time: START + 10_000 });
    assert.deepEqual(
      vehicle.trail.map(({ speed, apart }) => [speed, apart === true]),
      [
        [undefined, false],
        [undefined, false],
        [undefined, true],
      ],
    );
  });

  it('keep the longest trail for few vehicles and a share of the bound for many', () => {
    const it = tracked({ kind: 'watch', limits: { trail: 100, places: 1000 } });
    const vins = Array.from({ length: 200 }, (_, index) => `VIN${index}`);
    it.tracks.acknowledged(Array.from({ length: 500 }, (_, n) => message(n, { vin: 'VIN0' })));
    const one = it.tracks.snapshot().vehicles[0]?.trail ?? [];
    assert.ok(one.length >= 100 && one.length <= 125, `${one.length}`);
    assert.equal(one.at(-1)?.longitude, 11 + 499 / 1000);
    for (let n = 0; n < 50; n++) it.tracks.acknowledged(vins.map((vin) => message(n, { vin })));
    const places = it.tracks.snapshot().vehicles.reduce((sum, { trail }) => sum + trail.length, 0);
    assert.ok(places <= 1000 * 1.5 * 1.25, `${places}`);
  });

  it('trim the trails of silent vehicles, too, when others come @slow', () => {
    const it = tracked({ kind: 'watch', limits: { trail: 100, places: 1000 } });
    const vins = Array.from({ length: 400 }, (_, index) => `VIN${index}`);
    for (const vin of vins)
      it.tracks.acknowledged(Array.from({ length: 120 }, (_, n) => message(n, { vin })));
    const places = it.tracks.snapshot().vehicles.reduce((sum, { trail }) => sum + trail.length, 0);
    assert.ok(places <= 1000 * 1.5 * 1.5 * 1.25, `${places}`);
  });

  it('leave out vehicles beyond the bound and count what they say', () => {
    const it = tracked({ kind: 'watch', limits: { vehicles: 2 } });
    it.tracks.acknowledged(['A', 'B', 'C', 'C'].map((vin) => message(1, { vin })));
    assert.equal(it.tracks.size, 2);
    assert.equal(it.tracks.leftOut, 2);
  });

  it('do not go back when an older acknowledgement comes late, but do when a clock was set back', () => {
    const it = tracked({ kind: 'simulation' });
    it.tracks.acknowledged([message(5), message(4)]);
    const [vehicle] = it.tracks.snapshot().vehicles;
    assert.equal(vehicle?.place?.time, START + 5000);
    assert.equal(vehicle.trail.length, 1);
    it.tracks.acknowledged([message(6, { time: START - 3_600_000 })]);
    assert.equal(it.tracks.snapshot().vehicles[0]?.place?.time, START - 3_600_000);
  });

  it('list trouble codes once each, the last ones when there are many', () => {
    const it = tracked({ kind: 'recording', limits: { troubleCodes: 2 } });
    for (const code of ['P0217', 'P0217', 'P0300', 'P0420']) {
      it.tracks.acknowledged([message(1, { type: 'trouble', code })]);
    }
    assert.deepEqual(it.tracks.snapshot().vehicles[0]?.troubleCodes, ['P0300', 'P0420']);
  });

  it('say why a vehicle failed, and no more once it is well', () => {
    const it = tracked({ kind: 'simulation' });
    it.tracks.states([
      state({
        phase: 'failed',
        link: 'offline',
        problem: { code: 'X', sentence: l10n.verbatim('It is refused.') },
      }),
    ]);
    assert.equal(it.tracks.snapshot().vehicles[0]?.problem, 'It is refused.');
    it.tracks.states([state()]);
    assert.equal(it.tracks.snapshot().vehicles[0]?.problem, undefined);
  });

  it('forget everything with a frame that says so', () => {
    const it = tracked({ kind: 'recording' });
    it.read();
    it.tracks.acknowledged([message(1)]);
    it.beat();
    it.tracks.clear();
    it.tracks.acknowledged([message(2, { vin: 'ANOTHER' })]);
    const frame = it.beat();
    assert.equal(frame?.reset, true);
    assert.deepEqual(
      frame.vehicles.map(({ vin }) => vin),
      ['ANOTHER'],
    );
  });

  it('show a watched vehicle as such, counting its messages', () => {
    const it = tracked({ kind: 'watch' });
    const payload = JSON.stringify({
      VIN,
      MessageId: `${VIN}-2026#7`,
      GeoLocation: { Latitude: 48, Longitude: 11, Heading: 90, Speed: 72 },
    });
    const topic = `dt/cvra/${VIN}/cardata`;
    it.tracks.watched(topic, readTelemetry(topic, bytesOf(payload))!, START);
    const [vehicle] = it.tracks.snapshot().vehicles;
    assert.equal(vehicle?.phase, 'watched');
    assert.equal(vehicle.acknowledged, 1);
    assert.equal(vehicle.place?.speed, 20);
    assert.deepEqual(vehicle.lastMessage, { time: START, topic, type: 'cardata', serial: 7 });
  });

  it('tell vehicles with one VIN apart, by what their CMS knows them by', () => {
    const it = tracked({ kind: 'simulation' });
    it.tracks.states([state({ id: '1' }), state({ id: '2', phase: 'paused' })]);
    it.tracks.acknowledged([message(1, { id: '2', code: 'P0217' })]);
    assert.deepEqual(
      it.tracks.snapshot().vehicles.map(({ id, vin, phase, troubleCodes }) => [id, vin, phase, troubleCodes]),
      [
        ['1', VIN, 'driving', []],
        ['2', VIN, 'paused', ['P0217']],
      ],
    );
  });

  it('tell watched vehicles apart by the topic, whatever their payloads say', () => {
    const it = tracked({ kind: 'watch' });
    for (const thing of ['A', 'B']) {
      const topic = `dt/cvra/${thing}/cardata`;
      it.tracks.watched(topic, readTelemetry(topic, bytesOf(JSON.stringify({ VIN })))!, START);
    }
    assert.deepEqual(
      it.tracks.snapshot().vehicles.map(({ id, vin }) => [id, vin]),
      [
        ['A', VIN],
        ['B', VIN],
      ],
    );
    assert.deepEqual([it.tracks.vinOf('B'), it.tracks.vinOf('C')], [VIN, 'C']);
  });

  describe('of a battery car', () => {
    const place = { latitude: 48, longitude: 11, heading: 90, speed: 20, odometer: 5000, fuel: 0 };
    const chargeIn = ({ tracks }: ReturnType<typeof tracked>) =>
      mapFrameSchema.parse(tracks.snapshot()).vehicles[0]?.place?.charge;

    for (const kind of ['simulation', 'recording'] as const) {
      it(`tell how far it is charged in a ${kind}, never more than full`, () => {
        const it = tracked({ kind });
        it.tracks.acknowledged([message(1, { place: { ...place, charge: 0.79 } })]);
        assert.equal(chargeIn(it), 0.79);
        it.tracks.acknowledged([message(2, { place: { ...place, charge: 1.0000001 } })]);
        assert.equal(chargeIn(it), 1);
        it.tracks.acknowledged([message(3, { place })]);
        assert.equal(chargeIn(it), undefined);
      });
    }

    it('tell how far it is charged in a watch', () => {
      const it = tracked({ kind: 'watch' });
      const payload = JSON.stringify({
        VIN,
        GeoLocation: { Latitude: 48, Longitude: 11, Heading: 90, Speed: 72 },
        Fuel: 12.3,
        StateOfCharge: 79,
      });
      const topic = `dt/cvra/${VIN}/cardata`;
      it.tracks.watched(topic, readTelemetry(topic, bytesOf(payload))!, START);
      assert.equal(chargeIn(it), 0.79);
    });
  });

  it('bound what is kept while hidden for hours, and are whole again in one frame @slow', () => {
    const it = tracked({ kind: 'simulation', limits: { trail: 300 } });
    it.read().dispose();
    const updates = 40_000;
    for (let n = 1; n <= updates; n++) {
      it.tracks.states([state({ acknowledged: n, fraction: n / updates })]);
      it.tracks.acknowledged([
        message(n, { place: { ...message(n).place!, longitude: 11 + n / 100_000 } }),
        message(n, { type: 'trouble', code: `P${n % 1000}`, place: undefined }),
      ]);
      it.tracks.run = { state: 'running', speed: 1, messagesPerSecond: n };
    }
    assert.equal(it.waits, undefined, 'nobody reads, yet a frame is due');
    const shown = it.tracks.snapshot();
    assert.equal(shown.reset, true);
    assert.equal(shown.run?.messagesPerSecond, updates);
    const [vehicle] = shown.vehicles;
    assert.ok(vehicle !== undefined && shown.vehicles.length === 1);
    assert.equal(vehicle.acknowledged, updates);
    assert.equal(vehicle.trail.at(-1)?.longitude, 11 + updates / 100_000);
    assert.ok(vehicle.trail.length >= 300 && vehicle.trail.length <= 375, `${vehicle.trail.length}`);
    assert.equal(vehicle.troubleCodes.length, 50);
    // What was missed is not told again after the snapshot.
    it.read();
    assert.equal(it.waits, undefined);
    it.tracks.acknowledged([message(updates + 1)]);
    const next = it.beat();
    assert.equal(it.frames.length, 1);
    assert.equal(next?.reset, undefined);
    assert.equal(next?.vehicles[0]?.trail.length, 1);
  });

  it('make frames that the map accepts of anything that is published @slow', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(1e308, -1e308, 0));
    const body = fc.record({
      VIN: fc.oneof(fc.string({ maxLength: 200 }), fc.integer()),
      MessageId: fc.string(),
      GeoLocation: fc.record({ Latitude: number, Longitude: number, Heading: number, Speed: number }),
      Odometer: fc.record({ Metres: number }),
      Fuel: number,
      StateOfCharge: number,
      DTC: fc.record({ Code: fc.string() }),
    });
    fc.assert(
      fc.property(fc.array(body), fc.string({ minLength: 1 }), (bodies, name) => {
        const tracks = new VehicleTracks({ kind: 'watch' });
        const topic = `dt/cvra/${name.replaceAll('/', '_')}/cardata`;
        for (const value of bodies) {
          const read = readTelemetry(topic, bytesOf(JSON.stringify(value)));
          if (read) tracks.watched(topic, read, START);
        }
        mapFrameSchema.parse(JSON.parse(JSON.stringify(tracks.snapshot())));
      }),
    );
  });

  it('begins a watch with places from before, which a message replaces without a trail from there', () => {
    const it = tracked({ kind: 'watch' });
    const at = START - 3_600_000;
    it.tracks.earlier([
      { id: VIN, vin: VIN, at, place: { longitude: 9, latitude: 47, heading: 10 } },
      { id: 'another', vin: 'another', at: undefined, place: { longitude: 8, latitude: 46, heading: 20 } },
    ]);
    assert.equal(it.tracks.isHeard, false);
    const before = it.tracks.snapshot().vehicles;
    assert.deepEqual(
      before.map(({ earlier, place, trail }) => [earlier, place?.longitude, trail]),
      [
        [{ at }, 9, []],
        [{}, 8, []],
      ],
    );
    assert.equal(mapFrameSchema.safeParse(it.tracks.snapshot()).success, true);
    it.tracks.acknowledged([message(1)]);
    const [now, other] = it.tracks.snapshot().vehicles;
    assert.equal(now?.earlier, undefined);
    assert.equal(now?.place?.longitude, 11.001);
    assert.equal(now.trail.length, 1);
    assert.deepEqual(other?.earlier, {});
    it.tracks.earlier([{ id: VIN, vin: VIN, at, place: { longitude: 9, latitude: 47, heading: 10 } }]);
    assert.equal(it.tracks.snapshot().vehicles[0]?.place?.longitude, 11.001);
  });
});
