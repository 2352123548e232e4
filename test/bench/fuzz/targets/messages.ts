import { errorOf } from '../../../../src/core/problem.ts';
import { english } from '../../../../src/core/wording.ts';
import { deviceMessageSchema, deviceRequestSchema } from '../../../../src/protocol/device.ts';
import { mapMessageSchema, mapRequestSchema } from '../../../../src/protocol/map.ts';
import { packed } from '../../../../src/protocol/packedPoints.ts';
import { simulationRequestSchema, simulationUpdateSchema } from '../../../../src/protocol/simulation.ts';
import { codecOf } from '../../../../src/cms/codecs.ts';
import { Broken, type Target } from '../target.ts';

const VIN = 'LSH14J4C4LA046511';
const identity = { certificatePem: 'a', privateKeyPem: 'b' };
const broker = { host: 'localhost', port: 8883, rootCaPem: 'c' };
const text = {
  kind: 'text',
  text: 'Could not reach {host}.',
  values: { host: { kind: 'verbatim', text: 'x' } },
};
const plural = { kind: 'plural', count: 2, one: text, other: { kind: 'capital', of: text } };
const list = { kind: 'list', items: ['a', 1, plural], by: 'and' };

const seeds = [
  { id: 1, kind: 'claim', broker, claim: identity, clientId: VIN, templateName: 't', parameters: { VIN }, timeoutMs: 1 },
  { id: 1, kind: 'publish', broker, identity, clientId: VIN, messages: [{ topic: 'a', payload: '{}' }], timeoutMs: 1 },
  { id: 1, kind: 'progress', step: 's', message: list, level: 'debug' },
  { id: 1, kind: 'failed', problem: { code: 'NETWORK', sentence: plural, remedy: text, details: { a: 1, b: true } } },
  { id: 1, kind: 'done', result: { a: [] } },
  {
    id: 1, kind: 'simulate', simulationId: 's', broker,
    routes: [{ name: 'r', points: packed([{ latitude: 1, longitude: 2 }, { latitude: 3, longitude: 4, time: 5 }]) }],
    vehicles: [{ vin: VIN, id: VIN, thingName: VIN, identity, seed: 1 }], events: [{ at: 1, kind: 'dtc', code: 'P0217' }],
  },
  { id: 1, kind: 'control', control: { do: 'speed', factor: 2, ids: [VIN] } },
  { kind: 'scene', source: 'watch', title: 't', routes: [{ name: 'r', points: [[1, 2], [3, 4]] }], steers: [], acts: [] },
  { kind: 'frame', vehicles: [{ vin: VIN, trail: [], phase: 'watched', acknowledged: 1, unacked: 0, lost: 0, troubleCodes: [] }] },
  { kind: 'act', act: 'diagnose', id: VIN },
  {
    VIN, MessageId: 'a#12', CreationTimeStamp: '2026-01-01T00:00:00Z', TripId: 't', Fuel: 1, StateOfCharge: 50,
    GeoLocation: { Latitude: 1, Longitude: 2, Heading: 3, Speed: 4 }, Odometer: { Metres: 1 }, DTC: { Code: 'P0217' },
  },
].map((seed) => JSON.stringify(seed)); // prettier-ignore

const schemas = {
  deviceRequestSchema, deviceMessageSchema, simulationRequestSchema, simulationUpdateSchema, mapMessageSchema,
  mapRequestSchema,
}; // prettier-ignore

/** What processes and the map's page tell each other, and what vehicles tell everyone. */
const messages: Target = {
  name: 'messages',
  seeds,
  words: [
    '"kind":',
    '"verbatim"',
    '"capital"',
    '"of":',
    '"items":',
    '"ids":',
    '"problem":',
    '"values":',
    '{"a":1}',
  ],
  sources: ['/src/protocol/', '/src/core/', '/src/cms/cdf/codec/', '/src/telemetry/simulation/'],
  open: () => Promise.resolve({ read: (input) => read(Buffer.from(input).toString('utf8')) }),
};

function read(json: string): string {
  const told = codecOf('cdf').decode(`dt/cvra/${VIN}/cardata`, Buffer.from(json, 'utf8'));
  for (const value of Object.values(told?.place ?? {})) {
    if (!Number.isFinite(value)) throw new Broken(`a place that is none: ${JSON.stringify(told)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'no JSON';
  }
  const fits: string[] = [];
  for (const [name, schema] of Object.entries(schemas)) {
    const parsed = schema.safeParse(value);
    if (!parsed.success) continue;
    fits.push(name);
    const { data } = parsed;
    if (data.kind === 'progress') english(data.message);
    if (data.kind === 'failed') english(errorOf(data.problem, 'INTERNAL').sentence);
    if (data.kind === 'simulation-update' && data.notice) english(data.notice.sentence);
  }
  return fits.join(' ') || (told === undefined ? 'none' : 'telemetry');
}

export const messageTargets: readonly Target[] = [messages];
