import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { createDrive } from '../../../../src/telemetry/drive/createDrive.ts';
import type { DriveOptions, DriveStep, Route } from '../../../../src/telemetry/drive.ts';
import { encodeCarData, encodeDtc, encodeEvent, encodeTrip } from '../../../../src/cms/cdf/codec/encode.ts';
import { readRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';
import { textOf } from '../../../support/bytes.ts';
import type { EncodedMessage } from '../../../../src/telemetry/sample.ts';
import { stepsOf } from './drives.ts';

const media = path.join(import.meta.dirname, '../../../../media/routes');
const started = Date.parse('2026-01-05T10:00:00.000Z');
const context = {
  vin: 'LSH14J4C4LA046511',
  id: 'LSH14J4C4LA046511',
  thingName: 'LSH14J4C4LA046511',
  tripId: 'trip1',
  simulationId: 'run1',
};

const ajv = new Ajv({ allErrors: true });
ajvFormats(ajv);

const number = { type: 'number' };
const share = { type: 'number', minimum: 0, maximum: 100 };
const text = { type: 'string', minLength: 1 };
const iso = { type: 'string', format: 'date-time' };
const strictly = (properties: Record<string, object>, ...optional: string[]) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  additionalProperties: false,
});
const head = { MessageId: text, CreationTimeStamp: iso, SendTimeStamp: iso, VIN: text };
const place = strictly({ Latitude: number, Longitude: number, Altitude: number });

/**
 * What the fleet manager of CMS v1 needs to read each message back, which is more than its validators ask for:
 * without a coordinate a message is lost, without a speed a list fails. Nested keys that it does not know it refuses.
 */
const SCHEMAS = {
  sample: strictly({
    ...head,
    SimulationId: text,
    TripId: text,
    GeoLocation: strictly({
      Latitude: { type: 'number', minimum: -90, maximum: 90 },
      Longitude: { type: 'number', minimum: -180, maximum: 180 },
      Altitude: number,
      Heading: { type: 'number', minimum: 0, exclusiveMaximum: 360 },
      Speed: { type: 'number', minimum: 0, maximum: 130 },
    }),
    Speed: strictly({ Max: number, Average: number }),
    Odometer: strictly({ Metres: number, TripOdometer: number }),
    Fuel: { type: 'number', minimum: 0, maximum: 60 },
    FuelInfo: strictly({ CurrentTripConsumption: number, TankCapacity: number }),
    OilTemp: number,
    Throttle: strictly({ Max: share, Average: share }),
    Acceleration: strictly({
      MaxLongitudinal: strictly({ Axis: { const: 0 }, Value: number }),
      MaxLateral: strictly({ Axis: { const: 1 }, Value: { type: 'number', minimum: -2.5, maximum: 2.5 } }),
    }),
  }),
  'trip-end': strictly({
    ...head,
    TripId: text,
    TripSummary: strictly({
      StartTime: iso,
      Distance: number,
      Duration: number,
      Fuel: number,
      StartLocation: place,
      EndLocation: place,
      SpeedProfile: number,
    }),
  }),
  dtc: strictly({ ...head, DTC: strictly({ Code: text, Changed: { const: 'true' } }) }),
  braking: strictly({
    ...head,
    Alert: strictly({
      VideoEvent: strictly({
        event_name: text,
        event_source: text,
        event_id: { type: 'integer' },
        event_data: { type: 'object' },
        event_location: strictly({ latitude: number, longitude: number }),
      }),
    }),
  }),
} as const;

function encoded(step: DriveStep, serial: number): string | undefined {
  const message = messageOf(step, serial);
  return message && textOf(message.payload);
}

function messageOf(step: DriveStep, serial: number): EncodedMessage | undefined {
  const time = started + step.time;
  const of = { ...context, serial };
  switch (step.kind) {
    case 'trip-start':
      return undefined;
    case 'sample':
      return encodeCarData({ ...step.sample, time }, of);
    case 'dtc':
      return encodeDtc({ code: step.code, time }, of);
    case 'braking': {
      const { latitude, longitude } = step;
      return encodeEvent(
        { name: 'Braking', source: 'dashcam', id: serial, time, place: { latitude, longitude } },
        of,
      );
    }
    case 'trip-end': {
      const { distance, fuel, start, end, duration } = step.summary;
      return encodeTrip({ startTime: time - duration, endTime: time, distance, fuel, start, end }, of);
    }
  }
}

async function sampleRoute(name: string): Promise<Route> {
  const { routes } = await readRoutes(readFileSync(path.join(media, name)), name);
  return routes[0]!;
}

const events: DriveOptions['events'] = [
  { at: 3000, kind: 'dtc', code: 'P0217' },
  { at: 3000, kind: 'oil-temperature' },
  { at: 5000, kind: 'braking' },
];

describe('the messages of a drive', () => {
  for (const name of ['atlanta.csv', 'munich.gpx', 'tokyo.kml', 'taveuni.geojson']) {
    for (const pace of ['drive', 'points'] as const) {
      it(`hold everything that CMS reads, along ${name} with pace ${pace} @slow`, async () => {
        const drive = createDrive({
          route: await sampleRoute(name),
          pace,
          tick: 1,
          seed: 42,
          end: 'stop',
          events,
        });
        const steps = stepsOf(drive);
        assert.deepEqual(
          new Set(steps.map(({ kind }) => kind)),
          new Set(['trip-start', 'sample', 'dtc', 'braking', 'trip-end']),
        );
        const validators = Object.fromEntries(
          Object.entries(SCHEMAS).map(([kind, schema]) => [
            kind,
            ajv.compile(withoutSpeedLimit(schema, pace)),
          ]),
        );
        for (const [serial, step] of steps.entries()) {
          const payload = encoded(step, serial);
          if (payload === undefined) continue;
          const validate = validators[step.kind]!;
          assert.ok(validate(JSON.parse(payload)), `${ajv.errorsText(validate.errors)}\n${payload}`);
        }
      });
    }
  }

  it('are these for this seed, down to the last digit', async () => {
    const drive = createDrive({
      route: await sampleRoute('munich.gpx'),
      pace: 'drive',
      tick: 1,
      seed: 42,
      end: 'stop',
      events,
      start: { odometer: 12_000_000, fuel: 40, oilTemperature: 15 },
    });
    const steps = stepsOf(drive);
    const sample = steps.findIndex((step) => step.kind === 'sample' && step.index === 300);
    assert.deepEqual(JSON.parse(encoded(steps[sample]!, 300)!), GOLDEN_SAMPLE);
    assert.deepEqual(JSON.parse(encoded(steps.at(-1)!, 999)!), GOLDEN_TRIP);
  });
});

/** A replay of points is as fast as they are far apart. */
function withoutSpeedLimit(schema: object, pace: 'drive' | 'points'): object {
  if (pace === 'drive') return schema;
  return JSON.parse(JSON.stringify(schema).replace(',"maximum":130', '')) as object;
}

const GOLDEN_SAMPLE = {
  MessageId: 'LSH14J4C4LA046511-2026-01-05T10:05:00.000Z#300',
  CreationTimeStamp: '2026-01-05T10:05:00.000Z',
  SendTimeStamp: '2026-01-05T10:05:00.000Z',
  VIN: 'LSH14J4C4LA046511',
  SimulationId: 'run1',
  TripId: 'trip1',
  GeoLocation: {
    Latitude: 48.1618347,
    Longitude: 11.5824375,
    Altitude: 507.9,
    Heading: 267,
    Speed: 45.32,
  },
  Speed: { Max: 45.32, Average: 30.44 },
  Odometer: { Metres: 12002.537, TripOdometer: 2.537 },
  Fuel: 39.835,
  FuelInfo: { CurrentTripConsumption: 164.8, TankCapacity: 60 },
  OilTemp: 143.1,
  Throttle: { Max: 4.3, Average: 4.3 },
  Acceleration: { MaxLongitudinal: { Axis: 0, Value: 0 }, MaxLateral: { Axis: 1, Value: -0.04 } },
};
const GOLDEN_TRIP = {
  MessageId: 'LSH14J4C4LA046511-2026-01-05T10:17:22.000Z#999',
  CreationTimeStamp: '2026-01-05T10:17:22.000Z',
  SendTimeStamp: '2026-01-05T10:17:22.000Z',
  VIN: 'LSH14J4C4LA046511',
  TripId: 'trip1',
  TripSummary: {
    StartTime: '2026-01-05T10:00:00.000Z',
    Distance: 10.052,
    Duration: 1042000,
    Fuel: 751.3,
    StartLocation: { Latitude: 48.1425, Longitude: 11.5775, Altitude: 516 },
    EndLocation: { Latitude: 48.1425, Longitude: 11.5775, Altitude: 516 },
    SpeedProfile: 0,
  },
};
