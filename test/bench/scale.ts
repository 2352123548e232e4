import { codecOf } from '../../src/cms/codecs.ts';
import { Histogram } from '../../src/core/histogram.ts';
import type { VehicleState } from '../../src/protocol/simulation.ts';
import { NO_COUNTS, type ShardStatus, statusSchema } from '../../src/scale/channelMessages.ts';
import { Merge } from '../../src/scale/merge.ts';
import { readResult, shardResult } from '../../src/scale/results.ts';
import { type ShardView, viewOf } from '../../src/scale/runView.ts';
import { createDrive } from '../../src/telemetry/drive/createDrive.ts';
import { createMessages } from '../../src/telemetry/simulation/messages.ts';
import { DriveMeter } from '../../src/text/driveSummary.ts';
import type { Figure } from './run.ts';
import { shardFigures } from './scaleShards.ts';

const HOUR = 3600;
const VEHICLES = 20;
const EACH = 250;

/** Shards against one process; then what runs of several workers cost beside their vehicles, of one core. */
export async function scale(): Promise<Figure[]> {
  return [...(await shardFigures()), catchUp(), mergeOf(400), ...[4, 40, 400].map(followOf)];
}

function durations() {
  const histogram = new Histogram();
  for (let i = 0; i < 5000; i++) histogram.add(Math.exp((i % 100) / 12));
  return histogram.read();
}

/** Processor time in milliseconds. */
function processorOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function catchUp(): Figure {
  const codec = codecOf('cdf');
  const points = Array.from({ length: 200 }, (_, i) => ({
    latitude: 48 + i * 0.002,
    longitude: 11 + (i % 5) * 0.001,
  }));
  const vehicles = Array.from({ length: VEHICLES }, (_, i) =>
    createMessages({
      drive: createDrive({ route: { name: 'r', points }, pace: 'drive', tick: 0.5, seed: i, end: 'loop' }),
      ...{
        codec,
        vehicle: { vin: `V${i}`, id: `V${i}`, thingName: `V${i}` },
        simulationId: 'r',
        pace: 'drive',
      },
    }),
  );
  const ms = processorOf(() => {
    for (const vehicle of vehicles) vehicle.catchUp(HOUR);
  });
  return {
    what: 'catching up',
    value: ms / VEHICLES,
    unit: 'ms a vehicle-hour',
    note: `${VEHICLES} vehicles, one hour`,
  };
}

function mergeOf(shards: number): Figure {
  const state = (id: string): VehicleState => ({
    ...{
      vin: id,
      id,
      phase: 'ended',
      link: 'offline',
      point: 1,
      points: 1,
      fraction: 1,
      metres: 1000,
      trip: 3,
    },
    ...{ serial: 3600, acknowledged: 3600, unacked: 0, queued: 0, lost: 0, resent: 0, connects: 1 },
  });
  const spread = durations();
  const texts = Array.from({ length: shards }, (_, i) => {
    const vehicles = Array.from({ length: EACH }, (__, j) => state(`V${i}-${j}`));
    const head = { run: 'r', generation: 'cdf', shard: { number: i + 1, count: shards }, attempt: 1 };
    const times = { fleet: shards * EACH, startedAt: 0, endedAt: 1 };
    const figures = new DriveMeter().figures({ acknowledged: 0, lost: 0, resent: 0 } as never, []);
    return JSON.stringify(
      shardResult({ ...head, ...times }, { vehicles, durations: { lag: spread, ack: spread } }, figures),
    );
  });
  const ms = processorOf(() => {
    const merge = new Merge();
    for (const [i, text] of texts.entries()) merge.add(readResult(text, String(i)), String(i));
    merge.result();
  });
  return {
    what: `merge of ${shards} results`,
    value: ms,
    unit: 'ms',
    note: `${EACH} vehicles each, read and checked`,
  };
}

function followOf(shards: number): Figure {
  const spread = durations();
  const status: ShardStatus = {
    ...{ attempt: 1, time: 0, phase: 'driving', problems: [], keyless: 0 },
    counts: { ...NO_COUNTS, vehicles: 2500, online: 2500, acknowledged: 9_000_000 },
    durations: { lag: spread, ack: spread },
  };
  const text = JSON.stringify(status);
  const seconds = 20;
  const ms = processorOf(() => {
    for (let i = 0; i < seconds; i++) {
      const views = Array.from({ length: shards }, (_, n): ShardView => ({
        ...{ number: n + 1, goneAt: undefined, done: false, skewMs: 0 },
        status: statusSchema.parse(JSON.parse(text)),
      }));
      viewOf(views, []);
    }
  });
  return {
    what: `following ${shards} shards`,
    value: ms / seconds,
    unit: 'ms a second',
    note: `a status of ${text.length} bytes a second and shard, read, checked and added up`,
  };
}
