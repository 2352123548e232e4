import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeCarData, encodeDtc, encodeEvent, encodeTrip } from '../../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../../src/telemetry/restingSample.ts';
import type { MessageContext, Sample } from '../../../src/telemetry/sample.ts';
import { textOf } from '../../support/bytes.ts';

const time = Date.parse('2026-01-05T10:00:00.000Z');
const context: MessageContext = {
  vin: 'LSH14J4C4LA046511',
  id: 'LSH14J4C4LA046511',
  thingName: 'LSH14J4C4LA046511',
  tripId: 'trip1',
  simulationId: 'run1',
  serial: 7,
};
const sample: Sample = {
  time,
  latitude: 33.77521,
  longitude: -84.39609,
  altitude: 310,
  heading: 90,
  speed: 42 / 3.6,
  maxSpeed: 60 / 3.6,
  averageSpeed: 40 / 3.6,
  odometer: 67_244_400,
  tripOdometer: 1500,
  fuel: 37.5,
  tankCapacity: 60,
  tripFuel: 0.12,
  charge: 0,
  batteryCapacity: 0,
  tripEnergy: 0,
  engineTemperature: 90,
  oilTemperature: 92.5,
  throttle: 0.125,
  maxThrottle: 0.3,
  acceleration: -2.344,
  lateralAcceleration: 0.8,
};

function keysOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    prefix + key,
    ...keysOf(inner, `${prefix}${key}.`),
  ]);
}

function body(payload: Uint8Array): unknown {
  return JSON.parse(textOf(payload));
}

describe('messages of the CDF generation', () => {
  it('a sample becomes the cardata message CMS stores and shows, in its units', () => {
    const { topic, payload } = encodeCarData(sample, context);
    assert.equal(topic, 'dt/cvra/LSH14J4C4LA046511/cardata');
    assert.deepEqual(body(payload), {
      MessageId: 'LSH14J4C4LA046511-2026-01-05T10:00:00.000Z#7',
      SimulationId: 'run1',
      CreationTimeStamp: '2026-01-05T10:00:00.000Z',
      SendTimeStamp: '2026-01-05T10:00:00.000Z',
      VIN: 'LSH14J4C4LA046511',
      TripId: 'trip1',
      GeoLocation: { Latitude: 33.77521, Longitude: -84.39609, Altitude: 310, Heading: 90, Speed: 42 },
      Speed: { Max: 60, Average: 40 },
      Odometer: { Metres: 67244.4, TripOdometer: 1.5 },
      Fuel: 37.5,
      FuelInfo: { CurrentTripConsumption: 120, TankCapacity: 60 },
      OilTemp: 198.5,
      Throttle: { Max: 30, Average: 12.5 },
      Acceleration: { MaxLongitudinal: { Axis: 0, Value: -2.34 }, MaxLateral: { Axis: 1, Value: 0.8 } },
    });
  });

  it("a battery's energy is the petrol that holds as much, so that gauge and economy of CMS are right", () => {
    const gallon = 33.7 * 3.6e6;
    const electric = { ...sample, fuel: 0, tankCapacity: 0, tripFuel: 0, batteryCapacity: 2 * gallon };
    const { payload } = encodeCarData({ ...electric, charge: gallon, tripEnergy: gallon / 10 }, context);
    const { Fuel, FuelInfo, StateOfCharge } = body(payload) as Record<string, unknown>;
    assert.deepEqual(
      { Fuel, FuelInfo, StateOfCharge },
      {
        Fuel: 3.785,
        FuelInfo: { CurrentTripConsumption: 378.5, TankCapacity: 7.6 },
        StateOfCharge: 50,
      },
    );
  });

  it('a trip that ends with more in the battery than it began with has used nothing', () => {
    const end = { latitude: 1, longitude: 2, altitude: 0 };
    const trip = {
      startTime: time,
      endTime: time + 1000,
      distance: 9,
      fuel: 0,
      energy: -5e6,
      start: end,
      end,
    };
    const { TripSummary } = body(encodeTrip(trip, context).payload) as { TripSummary: { Fuel: number } };
    assert.equal(TripSummary.Fuel, 0);
  });

  it('a cardata message holds one pair of coordinates only', () => {
    const keys = keysOf(body(encodeCarData(sample, context).payload)).map((key) => key.toLowerCase());
    assert.equal(keys.filter((key) => key.includes('latitude')).length, 1);
    assert.equal(keys.filter((key) => key.includes('longitude')).length, 1);
  });

  it('a vehicle at rest reports every number the fleet manager reads', () => {
    const clock = { now: () => time, sleep: () => Promise.resolve() };
    const message = body(encodeCarData(restingSample({ latitude: 1, longitude: 2 }, clock), context).payload);
    const { GeoLocation, Speed, Odometer, Fuel, OilTemp } = message as Record<string, Record<string, number>>;
    for (const value of [
      GeoLocation!.Latitude,
      GeoLocation!.Longitude,
      GeoLocation!.Heading,
      GeoLocation!.Speed,
      Speed!.Max,
      Speed!.Average,
      Odometer!.Metres,
      Fuel,
      OilTemp,
    ]) {
      assert.equal(typeof value, 'number');
    }
    assert.ok(Number(OilTemp) < 280, 'no oil anomaly at rest');
  });

  it('a trip summary carries exactly the keys the trip validator knows', () => {
    const { topic, payload } = encodeTrip(
      {
        startTime: time,
        endTime: time + 600_000,
        distance: 8200,
        fuel: 0.54,
        start: { latitude: 33.775, longitude: -84.396, altitude: 0 },
        end: { latitude: 33.749, longitude: -84.388, altitude: 0 },
      },
      context,
    );
    assert.equal(topic, 'dt/cvra/LSH14J4C4LA046511/trip');
    assert.deepEqual(body(payload), {
      MessageId: 'LSH14J4C4LA046511-2026-01-05T10:10:00.000Z#7',
      CreationTimeStamp: '2026-01-05T10:10:00.000Z',
      SendTimeStamp: '2026-01-05T10:10:00.000Z',
      VIN: 'LSH14J4C4LA046511',
      TripId: 'trip1',
      TripSummary: {
        StartTime: '2026-01-05T10:00:00.000Z',
        Distance: 8.2,
        Duration: 600000,
        Fuel: 540,
        StartLocation: { Latitude: 33.775, Longitude: -84.396, Altitude: 0 },
        EndLocation: { Latitude: 33.749, Longitude: -84.388, Altitude: 0 },
        SpeedProfile: 0,
      },
    });
  });

  it('a trouble code says that it changed with the word the UI path wants', () => {
    const { topic, payload } = encodeDtc({ code: 'P1734', time }, context);
    assert.equal(topic, 'dt/cvra/LSH14J4C4LA046511/dtc');
    assert.deepEqual(body(payload), {
      MessageId: 'LSH14J4C4LA046511-2026-01-05T10:00:00.000Z#7',
      CreationTimeStamp: '2026-01-05T10:00:00.000Z',
      SendTimeStamp: '2026-01-05T10:00:00.000Z',
      VIN: 'LSH14J4C4LA046511',
      DTC: { Code: 'P1734', Changed: 'true' },
    });
  });

  it('a video event carries exactly the keys the event validator knows', () => {
    const { topic, payload } = encodeEvent(
      { name: 'Braking', source: 'dashcam', id: 169, time, place: { latitude: 33.77, longitude: -84.39 } },
      context,
    );
    assert.equal(topic, 'dt/cvra/LSH14J4C4LA046511/event');
    assert.deepEqual(body(payload), {
      MessageId: 'LSH14J4C4LA046511-2026-01-05T10:00:00.000Z#7',
      CreationTimeStamp: '2026-01-05T10:00:00.000Z',
      SendTimeStamp: '2026-01-05T10:00:00.000Z',
      VIN: 'LSH14J4C4LA046511',
      Alert: {
        VideoEvent: {
          event_name: 'Braking',
          event_source: 'dashcam',
          event_id: 169,
          event_data: {},
          event_location: { latitude: 33.77, longitude: -84.39 },
        },
      },
    });
  });

  it('a value that JSON or CMS would lose is refused before it is sent', () => {
    // Of the engine CMS v1 knows the oil only.
    const numbers = (Object.keys(sample) as (keyof Sample)[]).filter((key) => key !== 'engineTemperature');
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.constantFrom(NaN, Infinity, -Infinity), (key, bad) => {
        assert.throws(() => encodeCarData({ ...sample, [key]: bad }, context), { code: 'REQUEST_INVALID' });
      }),
    );
    assert.throws(() => encodeCarData({ ...sample, latitude: 91 }, context), { code: 'REQUEST_INVALID' });
    assert.throws(() => encodeCarData({ ...sample, longitude: -181 }, context), { code: 'REQUEST_INVALID' });
  });

  it('every finite sample has a heading below 360 and only JSON numbers', () => {
    const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        finite(0, 359.9999999),
        finite(-90, 90),
        finite(-180, 180),
        finite(0, 100),
        (h, la, lo, v) => {
          const message = body(
            encodeCarData({ ...sample, heading: h, latitude: la, longitude: lo, speed: v }, context).payload,
          ) as { GeoLocation: Record<string, unknown> };
          const place = message.GeoLocation;
          assert.ok(Object.values(place).every((value) => typeof value === 'number'));
          assert.ok((place.Heading as number) < 360);
        },
      ),
    );
  });
});
