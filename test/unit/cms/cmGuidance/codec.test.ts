import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { codec } from '../../../../src/cms/cmGuidance/codec/codec.ts';
import { readingOf } from '../../../../src/cms/cmGuidance/codec/decode.ts';
import { unwrap, wrap } from '../../../../src/cms/cmGuidance/codec/wrap.ts';
import { isCmsError } from '../../../../src/core/errors.ts';
import type { Sample } from '../../../../src/telemetry/sample.ts';

const vehicle = { vin: 'TESTVIN0000000001', id: 'VEH-1790000000', thingName: 'TESTVIN0000000001' };
const topic = `$aws/rules/cms_dev_iot_msk_rule/${vehicle.id}`;
const context = { ...vehicle, tripId: 't', simulationId: 's', serial: 7, topic };
const NOW = Date.parse('2026-10-01T08:15:30.123Z');
const sample: Sample = {
  time: NOW,
  ...{ latitude: 47.61, longitude: -122.33, altitude: 20, heading: 359.98 },
  ...{ speed: 14.0817, maxSpeed: 15, averageSpeed: 9 },
  ...{ odometer: 19_312.128, tripOdometer: 1500 },
  ...{ fuel: 15, tankCapacity: 60, tripFuel: 0.1 },
  ...{ charge: 0, batteryCapacity: 0, tripEnergy: 0 },
  ...{ engineTemperature: 90, oilTemperature: 91, throttle: 0.25, maxThrottle: 0.5 },
  ...{ acceleration: -1.25, lateralAcceleration: -0.5 },
};
const electric: Sample = { ...sample, ...{ fuel: 0, tankCapacity: 0, charge: 54e6, batteryCapacity: 216e6 } };

/** As the first processor of the stream reads it, without any code of ours. */
function received(payload: Uint8Array): Record<string, unknown> {
  const gzip = Buffer.from(Buffer.from(payload).toString('ascii'), 'base64');
  return JSON.parse(gunzipSync(gzip).toString('utf8')) as Record<string, unknown>;
}
const bodyOf = (of: Sample, more: object = {}) => received(codec.sample(of, { ...context, ...more }).payload);

describe('Telemetry of the Guidance for Connected Mobility', () => {
  it('is base64 of gzip of one flat JSON object, on the topic that it is given', () => {
    const message = codec.sample(sample, context);
    assert.equal(message.topic, topic);
    assert.match(Buffer.from(message.payload).toString('latin1'), /^[A-Za-z0-9+/]+={0,2}$/);
    const body = received(message.payload);
    assert.ok(Object.values(body).every((value) => typeof value !== 'object'));
    assert.deepEqual([body.messageType, body.vehicleId], ['TELEMETRY', vehicle.id]);
  });

  it('has miles, degrees Fahrenheit, and milliseconds', () => {
    const { timestamp, speed, odometer, engineTemp, fuelLevel } = bodyOf(sample);
    // 14.0817 m/s are 31.5 mph, 19312.128 m are 12 miles, 90 °C are 194 °F, and 15 of 60 liters a quarter.
    assert.deepEqual([timestamp, speed, odometer, engineTemp, fuelLevel], [NOW, 31.5, 12, 194, 25]);
  });

  it('has forces as magnitudes, and a deceleration that is not positive', () => {
    const { acceleration, deceleration, lateralAcceleration, harsh_brk } = bodyOf(sample);
    assert.deepEqual([acceleration, deceleration, lateralAcceleration, harsh_brk], [0, -1.25, 0.5, 1.25]);
  });

  it('sends nothing of a turbo for a battery car, which the CMS would take for a fault', () => {
    const body = bodyOf(electric);
    assert.deepEqual([body.is_ev, body.soc, body.fuelLevel], [true, 25, 25]);
    assert.equal('turbo_boost' in body || 'engineRPM' in body, false);
  });

  it('starts the engine with the first sample of a trip, and stops it at its end', () => {
    assert.equal(bodyOf(sample, { begins: true }).engineEvent, 'ENGINE_START');
    assert.equal('engineEvent' in bodyOf(sample), false);
    const place = { latitude: 47.6, longitude: -122.3, altitude: 0 };
    const trip = { startTime: NOW, endTime: NOW + 1000, distance: 1, fuel: 0, start: place, end: place };
    const end = codec.trip(trip, context);
    const { ignitionOn, engineEvent, speed, timestamp } = received(end!.payload);
    assert.deepEqual([ignitionOn, engineEvent, speed, timestamp], [false, 'ENGINE_STOP', 0, NOW + 1000]);
  });

  it('says a trouble code by a value beyond its threshold', () => {
    const hot = bodyOf(sample, { troubleCode: 'P0217' });
    assert.ok(Number(hot.engineTemp) > 240);
    assert.ok(Number(bodyOf(sample, { troubleCode: 'P0520' }).oilPressure) < 12);
    assert.ok(Number(bodyOf(sample, { troubleCode: 'p0562' }).batteryVoltage) < 11);
    assert.deepEqual(
      [bodyOf(sample).dtc_codes_active, bodyOf(sample, { troubleCode: 'P1234' }).dtc_codes_active],
      [0, 1],
    );
  });

  it('refuses values that JSON cannot carry, and a vehicle whose topic is not known', () => {
    const refusals: [Sample, object][] = [
      [{ ...sample, speed: NaN }, {}],
      [{ ...sample, latitude: 91 }, {}],
      [{ ...sample, time: Infinity }, {}],
      [sample, { topic: undefined }],
    ];
    for (const [of, more] of refusals) {
      assert.throws(
        () => codec.sample(of, { ...context, ...more }),
        (error) => isCmsError(error) && error.code === 'REQUEST_INVALID',
      );
    }
  });

  it('is read without the measures that a message lacks or that are no numbers', () => {
    const text = JSON.stringify({
      vehicleId: vehicle.id,
      lat: 47.5,
      lng: -122.3,
      speed: '',
      fuelLevel: null,
    });
    const reading = codec.decode(topic, Buffer.from(text));
    assert.deepEqual(reading?.place, { latitude: 47.5, longitude: -122.3 });
  });

  it('is read back in SI units', () => {
    const { payload } = codec.sample(sample, context);
    const reading = codec.decode(topic, payload);
    assert.deepEqual([reading?.id, reading?.time, reading?.place?.latitude], [vehicle.id, NOW, 47.61]);
    assert.ok(Math.abs(reading!.place!.speed! - 14.0817) < 0.01);
    assert.ok(Math.abs(reading!.place!.odometer! - 19_312.128) < 1);
    // A quarter of the tank, whose size nobody says.
    assert.deepEqual([reading?.place?.fuelLevel, reading?.place?.fuel], [0.25, undefined]);
    assert.match(codec.inside?.(payload) ?? '', /"fuelLevel":25/);
  });

  it('is read in every encoding that the stream takes, on both topics', () => {
    const text = JSON.stringify({ vehicleId: 'VEH-1', lat: 1, lng: 2, timestamp: 3 });
    for (const payload of [
      wrap(text),
      Buffer.from(Buffer.from(text).toString('base64')),
      Buffer.from(text),
    ]) {
      for (const on of ['$aws/rules/cms_dev_iot_msk_rule/VEH-1', 'cms/dev/telemetry/VEH-1'])
        assert.equal(codec.decode(on, payload)?.place?.longitude, 2);
    }
    assert.equal(codec.decode('cms/commands/VEH-1/request', wrap(text)), undefined);
  });

  it('gives back every text that was wrapped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const clean = Buffer.from(text).toString('utf8');
        const wrapped = wrap(clean);
        assert.equal(gunzipSync(Buffer.from(wrapped.toString('latin1'), 'base64')).toString('utf8'), clean);
        assert.equal(unwrap(wrapped), clean);
      }),
    );
  });

  it('keeps every sample of a drive within a centimeter and a hundredth of a mile an hour', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: 0, max: 80, noNaN: true }),
        (latitude, longitude, speed) => {
          const read = codec.decode(
            topic,
            codec.sample({ ...sample, latitude, longitude, speed }, context).payload,
          );
          assert.ok(Math.abs(read!.place!.latitude - latitude) <= 1e-7);
          assert.ok(Math.abs(read!.place!.longitude - longitude) <= 1e-7);
          assert.ok(Math.abs(read!.place!.speed! - speed) <= 0.01 * 0.44704);
        },
      ),
    );
  });

  it('never throws at what anybody may send', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        codec.decode(topic, bytes);
        readingOf(Buffer.from(bytes).toString());
        return true;
      }),
    );
    // A bomb of zeros ends at the limit.
    assert.equal(codec.decode(topic, Buffer.from('H4sI')), undefined);
  });
});
