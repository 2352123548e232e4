import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeCarData, encodeDtc } from '../../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../../src/telemetry/restingSample.ts';
import { codecOf } from '../../../src/cms/codecs.ts';
import { bytesOf } from '../../support/bytes.ts';

const { decode: readTelemetry } = codecOf('cdf');

const context = { vin: 'V', id: 'V', thingName: 'T', tripId: 'trip', simulationId: 's', serial: 12 };
const time = Date.parse('2026-01-05T10:00:00Z');

describe('Telemetry that is read back', () => {
  it('is what was sent, in SI units', () => {
    const clock = { now: () => time, sleep: () => Promise.resolve() };
    const sample = { ...restingSample({ latitude: -17.5, longitude: 179.9, heading: 45 }, clock), speed: 20 };
    const { topic, payload } = encodeCarData(sample, context);
    assert.deepEqual(readTelemetry(topic, payload), {
      thingName: 'T',
      type: 'cardata',
      vin: 'V',
      serial: 12,
      time,
      tripId: 'trip',
      place: { latitude: -17.5, longitude: 179.9, heading: 45, speed: 20, odometer: 12_000, fuel: 45 },
      code: undefined,
    });
  });

  it('of a battery car says how much of it is charged', () => {
    const clock = { now: () => time, sleep: () => Promise.resolve() };
    const sample = restingSample({ latitude: 1, longitude: 2 }, clock, 'electric');
    const { topic, payload } = encodeCarData(sample, context);
    const place = readTelemetry(topic, payload)?.place;
    assert.equal(place?.charge, 0.8);
    assert.ok(place.fuel! > 5 && place.fuel! < 6, 'and of petrol what holds as much');
  });

  it('names a trouble code', () => {
    const { topic, payload } = encodeDtc({ code: 'P1734', time }, context);
    assert.equal(readTelemetry(topic, payload)?.code, 'P1734');
  });

  it('leaves out what is not as it should be, and never fails', () => {
    const body = JSON.stringify({
      VIN: 7,
      GeoLocation: { Latitude: 91, Longitude: 0 },
      CreationTimeStamp: 'soon',
    });
    const read = readTelemetry('dt/cvra/T/cardata', bytesOf(body))!;
    assert.deepEqual([read.vin, read.place, read.time, read.serial], ['T', undefined, undefined, undefined]);
    for (const [topic, payload] of [
      ['other/topic', '{}'],
      ['dt/cvra/T', '{}'],
      ['dt/cvra/T/cardata', '{'],
      ['dt/cvra/T/cardata', '[]'],
      ['dt/cvra/T/cardata', '7'],
    ] as const) {
      assert.equal(readTelemetry(topic, bytesOf(payload)), undefined);
    }
    fc.assert(fc.property(fc.json(), (json) => void readTelemetry('dt/cvra/T/cardata', bytesOf(json))));
  });
});
