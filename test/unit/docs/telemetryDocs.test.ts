import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { encodeCarData, encodeDtc, encodeEvent, encodeTrip } from '../../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../../src/telemetry/restingSample.ts';
import type { EncodedMessage } from '../../../src/telemetry/sample.ts';
import { textOf } from '../../support/bytes.ts';
import { sectionsOf } from './tables.ts';

const text = readFileSync(path.join(import.meta.dirname, '../../../docs/telemetry.md'), 'utf8');
const sections = sectionsOf(text);

const at = (time: string) => Date.parse(`2026-01-05T${time}.000Z`);
const context = (serial: number) => ({
  vin: 'LSH14J4C4LA046511',
  id: 'LSH14J4C4LA046511',
  thingName: 'LSH14J4C4LA046511',
  tripId: 'run-20260105T100000000Z-LSH14J4C4LA046511-1',
  simulationId: 'run-20260105T100000000Z',
  serial,
});
const place = { latitude: 48.1425, longitude: 11.5775, altitude: 516 };

/** What the examples show: a battery car, so that no key is missing. */
const EXAMPLES: Record<string, EncodedMessage> = {
  cardata: encodeCarData(
    {
      ...restingSample(
        { latitude: 48.161834742, longitude: 11.582437512, altitude: 507.876, heading: 267.0494 },
        { now: () => at('10:05:00'), sleep: () => Promise.resolve() },
        'electric',
      ),
      speed: 12.5894,
      maxSpeed: 12.5894,
      averageSpeed: 8.4553,
      odometer: 12_002_536.6,
      tripOdometer: 2536.6,
      charge: 0.917 * 60 * 3.6e6,
      tripEnergy: 0.5 * 3.6e6,
      oilTemperature: 44.9,
      throttle: 0.0412,
      maxThrottle: 0.043,
      acceleration: -0.7,
      lateralAcceleration: -0.041,
    },
    context(300),
  ),
  trip: encodeTrip(
    {
      startTime: at('10:00:00'),
      endTime: at('10:17:22'),
      distance: 10_052,
      fuel: 0.7513,
      start: place,
      end: place,
    },
    context(1045),
  ),
  dtc: encodeDtc({ code: 'P0217', time: at('10:05:54') }, context(355)),
  event: encodeEvent(
    {
      name: 'Braking',
      source: 'dashcam',
      id: 572,
      time: at('10:09:31'),
      place: { latitude: 48.1551, longitude: 11.5672 },
    },
    context(572),
  ),
};

/** `GeoLocation.Latitude`, … of all values; an empty object is one. */
function keysOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  const entries = Object.entries(value);
  if (entries.length === 0) return [prefix];
  return entries.flatMap(([key, inner]) => keysOf(inner, prefix === '' ? key : `${prefix}.${key}`));
}

function documentedKeys(title: string): string[] {
  const table = sections.find((section) => section.title === title)?.tables[0];
  assert.ok(table, `a table in ${title}`);
  return table.rows.map(({ cells }) => (cells[0] ?? '').replaceAll('`', ''));
}

describe('docs/telemetry.md', () => {
  for (const [type, { topic, payload }] of Object.entries(EXAMPLES)) {
    it(`shows a message of ${type} as the encoder makes it`, () => {
      const [, example = ''] = new RegExp(`\\n## ${type}\\n[^]*?\`\`\`json\\n([^]*?)\`\`\``).exec(text) ?? [];
      assert.deepEqual(JSON.parse(example), JSON.parse(textOf(payload)));
    });

    it(`has every key of ${type} in its table, and no other`, () => {
      const documented = [...documentedKeys('In every message'), ...documentedKeys(type)];
      assert.deepEqual(documented.sort(), keysOf(JSON.parse(textOf(payload))).sort());
    });

    it(`names the topic of ${type}`, () => {
      assert.ok(documentedKeys('Topics').includes(topic.replace('LSH14J4C4LA046511', '<thing>')));
    });
  }
});
