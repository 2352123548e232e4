import assert from 'node:assert/strict';
import fc from 'fast-check';
import { refusalOf } from '../../../../src/sandbox/installations/cdf/ingest/validate.ts';
import { lowerKeys } from '../../../../src/sandbox/installations/cdf/fleet/payload.ts';
import type { MessageType } from '../../../../src/sandbox/installations/cdf/ingest/schema.ts';
import { timeOf } from '../../../../src/sandbox/installations/cdf/fleet/times.ts';
import { alert, carData, createHarness, dtc, trip, VIN } from './cmsHarness.ts';

type Message = Record<string, unknown>;
const valid: Record<MessageType, Message> = { cardata: carData(), trip: trip(), dtc: dtc(), event: alert() };
const types = Object.keys(valid) as MessageType[];

const refused = (type: MessageType, message: Message): string | undefined =>
  refusalOf(type, lowerKeys(message) as Message);

/** A copy of a message with the value at a path replaced; undefined takes it away. */
function changed(message: Message, path: string, value: unknown): Message {
  const [name = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : changed((message[name] ?? {}) as Message, rest.join('.'), value);
  const entries = Object.entries({ ...message, [name]: inner });
  return Object.fromEntries(entries.filter(([key]) => key !== name || inner !== undefined));
}

describe('the telemetry validator', () => {
  it('accepts the smallest messages and the safe ones', () => {
    for (const type of types) assert.equal(refused(type, valid[type]), undefined, type);
    const least = { SendTimeStamp: '2026-01-05T10:00:00Z', VIN: 'v' };
    assert.equal(refused('cardata', { ...least, TripId: '' }), undefined);
    assert.equal(refused('trip', { ...least, TripId: '' }), undefined);
    assert.equal(refused('dtc', least), undefined);
    assert.equal(refused('event', least), undefined);
  });

  it('demands what each kind requires', () => {
    const required: Record<MessageType, string[]> = {
      cardata: ['SendTimeStamp', 'VIN', 'TripId'],
      trip: ['SendTimeStamp', 'VIN', 'TripId'],
      dtc: ['SendTimeStamp', 'VIN', 'DTC.Code'],
      event: ['SendTimeStamp', 'VIN', 'Alert.VideoEvent'],
    };
    for (const type of types) {
      for (const path of required[type]) {
        assert.equal(
          refused(type, changed(valid[type], path, undefined)),
          `${path.toLowerCase()}: missing`,
          `${type} ${path}`,
        );
      }
    }
  });

  it('refuses unknown keys, but for the top level of cardata', () => {
    const cases: [MessageType, string, boolean][] = [
      ['cardata', 'IgnitionStatus', true],
      ['cardata', 'GeoLocation.Accuracy', false],
      ['cardata', 'Speed.Current', false],
      ['cardata', 'Communications.LTE', false],
      ['cardata', 'Communications.GSM.anything', true],
      ['trip', 'SimulationId', false],
      ['trip', 'TripSummary.EndTime', false],
      ['trip', 'TripSummary.StartLocation.Heading', false],
      ['dtc', 'TripId', false],
      ['dtc', 'DTC.Severity', false],
      ['event', 'TripId', false],
      ['event', 'Alert.Body', false],
      ['event', 'Alert.VideoEvent.clip', false],
    ];
    for (const [type, path, accepted] of cases) {
      const reason = refused(type, changed(valid[type], path, 'x'));
      assert.equal(reason, accepted ? undefined : `${path.toLowerCase()}: unknown field`, `${type} ${path}`);
    }
  });

  it('checks types as the matrix says', () => {
    const cases: [MessageType, string, unknown, boolean][] = [
      ['cardata', 'TripId', 5, false],
      ['cardata', 'TripId', '', true],
      ['cardata', 'VIN', null, false],
      ['cardata', 'Fuel', 12, true],
      ['cardata', 'Fuel', '12.5', true],
      ['cardata', 'Fuel', 'full', false],
      ['cardata', 'Fuel', '', false],
      ['cardata', 'Fuel', null, false],
      ['cardata', 'Fuel', true, false],
      ['cardata', 'Odometer.Metres', '1e3', true],
      ['cardata', 'Odometer', 5, false],
      ['cardata', 'GeoLocation', null, false],
      ['cardata', 'Communications.GSM.Fix', 3, false],
      ['cardata', 'Acceleration.MaxLateral.Axis', 'x', false],
      ['dtc', 'DTC.Changed', 'true', true],
      ['dtc', 'DTC.Changed', true, false],
      ['dtc', 'DTC.Code', 1734, false],
      ['event', 'Alert.VideoEvent.event_id', 'x', false],
      ['event', 'Alert.VideoEvent.event_id', '169', true],
      ['event', 'Alert.VideoEvent.event_data', 'x', false],
      ['trip', 'TripSummary.Duration', '600000', true],
      ['trip', 'TripSummary.StartTime', 1700000000, false],
    ];
    for (const [type, path, value, accepted] of cases) {
      const reason = refused(type, changed(valid[type], path, value));
      assert.equal(reason === undefined, accepted, `${type} ${path} ${JSON.stringify(value)}: ${reason}`);
    }
  });

  it('takes times of ISO 8601 with a time, and no others', () => {
    const times: [unknown, boolean][] = [
      ['2026-01-05T10:00:00Z', true],
      ['2026-01-05T10:00:00.123456Z', true],
      ['2026-01-05T10:00:00+02:00', true],
      ['2026-01-05T10:00:00+0200', true],
      ['2026-01-05T10:00', true],
      ['2026-01-05 10:00:00', true],
      ['2026-01-05', false],
      ['2026-02-30T10:00:00Z', false],
      ['2026-01-05T25:00:00Z', false],
      ['yesterday', false],
      ['', false],
      [1_700_000_000_000, false],
      [null, false],
    ];
    for (const type of types) {
      for (const [time, accepted] of times) {
        const reason = refused(type, changed(valid[type], 'SendTimeStamp', time));
        assert.equal(reason === undefined, accepted, `${type} ${String(time)}: ${reason}`);
      }
    }
  });

  it('does not mind the case of keys', () => {
    const anyCase = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom(...types), anyCase, (type, flips) => {
        const mixed = (value: unknown): unknown =>
          typeof value === 'object' && value !== null
            ? Object.fromEntries(
                Object.entries(value).map(([key, inner]) => [
                  Array.from(key, (c) => (flips.next().value ? c.toUpperCase() : c.toLowerCase())).join(''),
                  mixed(inner),
                ]),
              )
            : value;
        assert.equal(refused(type, mixed(valid[type]) as Message), undefined);
      }),
    );
  });

  it('answers any JSON with a reason or none, never with an exception', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.dictionary(fc.string(), fc.jsonValue()), (type, message) => {
        const reason = refused(type, message);
        assert.ok(reason === undefined || reason.includes(': '));
      }),
    );
  });

  it('refuses any single nested key it does not know', () => {
    const known = ['latitude', 'longitude', 'altitude', 'heading', 'speed'];
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (key, value) => {
        fc.pre(!known.includes(key.toLowerCase()));
        const message = { ...carData(), GeoLocation: { ...carData().GeoLocation, [key]: value } };
        assert.match(refused('cardata', message) ?? '', /unknown field$/);
      }),
    );
  });

  it('reads times as milliseconds, without an offset as UTC', () => {
    const noon = Date.UTC(2026, 0, 5, 12);
    for (const text of [
      '2026-01-05T12:00:00Z',
      '2026-01-05 12:00:00',
      '2026-01-05T14:00:00+0200',
      '2026-01-05T14:00+02',
    ]) {
      assert.equal(timeOf(text), noon, text);
    }
    assert.ok(Number.isNaN(timeOf('2026-01-05')));
  });
});

describe('a topic rule that is published to by its name', () => {
  it('takes messages of its own kind, whatever their topic', () => {
    const { cms } = createHarness();
    const payload = Buffer.from(JSON.stringify(carData()));
    const from = { topic: 'anything', payload, clientId: VIN, certificateId: undefined };
    cms.onMessage({ ...from, rule: 'cdf_auto_fleetmanager_iot_car_data' });
    cms.onMessage({ ...from, rule: 'unknown' });
    assert.equal(cms.isRule('unknown'), false);
    // `ProjectName` of the fleet manager's template, an underscore, and the name it joins to it.
    for (const name of ['iot_car_data', 'iot_trip_data', 'iot_dtc_data', 'iot_event_data']) {
      assert.equal(cms.isRule(`cdf_auto_fleetmanager_${name}`), true, name);
    }
    const { messages } = cms.messages(VIN, new URLSearchParams()) as { messages: Message[] };
    assert.deepEqual(
      messages.map(({ topic, type, accepted }) => [topic, type, accepted]),
      [['anything', 'cardata', true]],
    );
  });
});
