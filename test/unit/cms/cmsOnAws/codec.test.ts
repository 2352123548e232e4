import assert from 'node:assert/strict';
import { codec } from '../../../../src/cms/cmsOnAws/codec/codec.ts';
import type { Sample } from '../../../../src/telemetry/sample.ts';
import { bytesOf } from '../../../support/bytes.ts';

const VIN = 'LSH14J4C4LA046511';
const vehicle = { vin: VIN, id: VIN, thingName: `Vehicle_${VIN}` };
const context = { ...vehicle, tripId: 't', simulationId: 's', serial: 7 };
const NOW = Date.parse('2026-01-05T10:00:00Z');
const sample: Sample = {
  time: NOW,
  ...{ latitude: 48.137154, longitude: 11.576124, altitude: 519.04, heading: 359.98 },
  ...{ speed: 10, maxSpeed: 12, averageSpeed: 5 },
  ...{ odometer: 12_345_678, tripOdometer: 1500 },
  ...{ fuel: 15, tankCapacity: 60, tripFuel: 0.1 },
  ...{ charge: 0, batteryCapacity: 0, tripEnergy: 0 },
  ...{ engineTemperature: 88.6, oilTemperature: 91.2, throttle: 0.254, maxThrottle: 0.5 },
  ...{ acceleration: 1.25, lateralAcceleration: -0.5 },
};
const electric: Sample = {
  ...sample,
  ...{ fuel: 0, tankCapacity: 0, charge: 108e6, batteryCapacity: 216e6 },
};

const jsonOf = (of: Sample, more: { troubleCode?: string } = {}) =>
  JSON.parse(Buffer.from(codec.sample(of, { ...context, ...more }).payload).toString()) as object;

/** The values at some paths of a message. */
function valuesOf(body: object, ...paths: string[]): unknown[] {
  return paths.map((path) =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], body),
  );
}

/** Every path of a body with the kind of its value; whether a number is whole counts, too. */
function kinds(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, below]: [string, unknown]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return typeof below === 'object' && below !== null ? kinds(below, at) : [`${at} ${typeof below}`];
  });
}

describe('Telemetry of CMS on AWS', () => {
  it('is one line of nested JSON, all keys in lower case, on the topic of the thing', () => {
    const { topic, payload } = codec.sample(sample, context);
    assert.equal(topic, `cms/data/Vehicle_${VIN}`);
    const text = Buffer.from(payload).toString();
    assert.doesNotMatch(text, /\n/);
    assert.deepEqual(
      kinds(JSON.parse(text) as object).filter((path) => /[A-Z]/.test(path)),
      [],
    );
  });

  it('has the units of VSS 4.0', () => {
    const body = jsonOf(sample);
    assert.deepEqual(valuesOf(body, 'vehicleidentification.vin'), [VIN]);
    // 10 m/s are 36 km/h; meters of the odometer are kilometers.
    const ways = valuesOf(body, 'speed', 'averagespeed', 'traveleddistance', 'tripmeterreading');
    assert.deepEqual(ways, [36, 18, 12_345.678, 1.5]);
    assert.deepEqual(
      valuesOf(
        body,
        'currentlocation.latitude',
        'currentlocation.longitude',
        'currentlocation.altitude',
        'currentlocation.timestamp',
      ),
      [48.137154, 11.576124, 519, '2026-01-05T10:00:00.000Z'],
    );
    assert.deepEqual(valuesOf(body, 'currentlocation.heading'), [0], 'never 360');
    // To the left is positive there, to the right here.
    assert.deepEqual(valuesOf(body, 'acceleration.longitudinal', 'acceleration.lateral'), [1.25, 0.5]);
    assert.deepEqual(
      valuesOf(
        body,
        'powertrain.type',
        'powertrain.fuelsystem.relativelevel',
        'powertrain.fuelsystem.absolutelevel',
        'powertrain.combustionengine.ect',
        'powertrain.combustionengine.eot',
        'powertrain.combustionengine.tps',
      ),
      ['COMBUSTION', 25, 15, 89, 91, 25],
    );
    assert.deepEqual(valuesOf(body, 'obd.coolanttemperature', 'obd.throttleposition'), [88.6, 25.4]);
  });

  it('says how full a battery is, in percent', () => {
    assert.deepEqual(
      valuesOf(
        jsonOf(electric),
        'powertrain.type',
        'powertrain.tractionbattery.stateofcharge.current',
        'powertrain.combustionengine.isrunning',
      ),
      ['ELECTRIC', 50, false],
    );
  });

  it('has the same signals of the same types in every message', () => {
    const still = { ...sample, speed: 0, throttle: 0, acceleration: 0 };
    for (const other of [jsonOf(electric), jsonOf(still), jsonOf(sample, { troubleCode: 'P0217' })]) {
      assert.deepEqual(kinds(other), kinds(jsonOf(sample)));
    }
  });

  it('carries a trouble code with the samples, and has no message for codes, trips and events', () => {
    const paths = ['obd.status.ismilon', 'obd.status.dtccount', 'obd.dtclist'];
    assert.deepEqual(valuesOf(jsonOf(sample, { troubleCode: 'P0217' }), ...paths), [true, 1, 'P0217']);
    assert.deepEqual(valuesOf(jsonOf(sample), ...paths), [false, 0, '']);
    assert.equal(codec.trouble({ code: 'P0217', time: NOW }, context), undefined);
  });

  it('refuses what JSON cannot carry', () => {
    for (const wrong of [{ speed: NaN }, { latitude: 91 }, { time: Infinity }]) {
      assert.throws(() => codec.sample({ ...sample, ...wrong }, context), { code: 'REQUEST_INVALID' });
    }
  });

  it('is read again, in SI units', () => {
    const { topic, payload } = codec.sample(electric, { ...context, troubleCode: 'P0A0F' });
    const reading = codec.decode(topic, payload);
    assert.deepEqual(
      [reading?.thingName, reading?.vin, reading?.time, reading?.code],
      [vehicle.thingName, VIN, NOW, 'P0A0F'],
    );
    assert.deepEqual([reading?.place?.speed, reading?.place?.charge], [10, 0.5]);
    assert.ok(Math.abs((reading?.place?.odometer ?? 0) - 12_345_678) < 1);
  });

  it('reads what others send, and leaves out what is not as it should be', () => {
    const simulated = codec.decode(
      'cms/data/simulated/car-0',
      bytesOf('{"vehicleidentification":{"vin":"W1"},"speed":"fast","currentlocation":{"latitude":1}}'),
    );
    assert.deepEqual([simulated?.thingName, simulated?.vin, simulated?.place], ['car-0', 'W1', undefined]);
    for (const [topic, text] of [
      ['cms/data/Vehicle_A', 'no json'],
      ['cms/data/Vehicle_A', '[1]'],
      ['dt/cvra/A/cardata', '{}'],
      ['cms/notification/Vehicle_A', '{}'],
    ] as const) {
      assert.equal(codec.decode(topic, bytesOf(text)), undefined, `${topic} ${text}`);
    }
  });
});
