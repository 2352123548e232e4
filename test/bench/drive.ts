import type { RoutePoint } from '../../src/telemetry/drive.ts';
import { chance } from '../../src/telemetry/drive/chance.ts';
import { createDrive } from '../../src/telemetry/drive/createDrive.ts';
import { travel } from '../../src/telemetry/drive/geodesy.ts';
import type { Figure } from './run.ts';

const POINTS = 500_000;
const SAMPLES = 100_000;

/** What a long route costs: every leg is measured when its drive is made, and every sample is a place on a leg. */
export function drive(): Promise<Figure[]> {
  const points: RoutePoint[] = [];
  let place = { latitude: 33.77521, longitude: -84.39609, heading: 0 };
  for (let i = 0; i < POINTS; i++) {
    points.push({ latitude: place.latitude, longitude: place.longitude });
    place = travel(place, place.heading + 40 * (chance(1, i) - 0.5), 5 + 20 * chance(2, i));
  }
  const before = process.cpuUsage();
  const driving = createDrive({
    route: { name: 'long', points },
    pace: 'drive',
    tick: 1,
    seed: 1,
    end: 'stop',
  });
  const made = secondsSince(before);
  const then = process.cpuUsage();
  for (let i = 0; i < SAMPLES; i++) driving.next();
  return Promise.resolve([
    { what: 'A drive is made', value: made, unit: 's', note: `processor time; ${POINTS} points` },
    {
      what: 'It is driven',
      value: secondsSince(then),
      unit: 's',
      note: `processor time; ${SAMPLES} samples`,
    },
  ]);
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
