import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { generateVin } from '../../src/cms/contract/vin.ts';
import type { RoutePoint } from '../../src/telemetry/drive.ts';
import { chance } from '../../src/telemetry/drive/chance.ts';
import { travel } from '../../src/telemetry/drive/geodesy.ts';
import { readRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import type { SandboxProcess } from '../support/sandbox.ts';
import { run, startCli, withSandbox } from './onboarding.ts';
import { childRunning, usageOf } from './processUsage.ts';
import type { Figure } from './run.ts';

const POINTS = 500_000;

/** Files of 500,000 points, as a logger writes them in 139 hours at 1 Hz: how long nobody hears anything. */
export async function longRoute(): Promise<Figure[]> {
  const points = recorded();
  const files: Readonly<Record<string, string>> = {
    'long.gpx': gpx(points),
    'long.csv': `time,latitude,longitude,altitude\n${points.map(row).join('\n')}\n`,
    'long.geojson': geoJson(points),
  };
  return withSandbox(['--no-limits'], async (sandbox, folder) => {
    const vin = generateVin(Math.random);
    const who = ['--username', 'benchUser', '--first-name', 'Bench', '--last-name', 'User'];
    await run(sandbox, folder, ['onboard', '--vin', vin, ...who]);
    const figures: Figure[] = [];
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      await writeFile(file, text);
      figures.push(
        ...(await simulated(sandbox, folder, vin, file)),
        ...(await read(Buffer.from(text), name)),
      );
    }
    return figures;
  });
}

/** The command as a person gives it, up to the first place that AWS has acknowledged. */
async function simulated(
  sandbox: SandboxProcess,
  folder: string,
  vin: string,
  file: string,
): Promise<Figure[]> {
  const started = performance.now();
  const child = startCli(sandbox, folder, ['simulate', '--vin', vin, '--route', file, '--duration', '5']);
  const peaks = { cli: 0, device: 0 };
  const watch = setInterval(() => {
    try {
      const { pid = 0 } = child;
      const { peakMiB } = usageOf(pid);
      // What has ended tells none.
      if (peakMiB > 0) peaks.cli = peakMiB;
      peaks.device = usageOf(childRunning('device.js', pid)).peakMiB;
    } catch {
      // Not there yet, or no longer.
    }
  }, 50);
  let [word, sample] = [NaN, NaN];
  const seconds = () => (performance.now() - started) / 1000;
  const hear = (line: string): void => {
    if (Number.isNaN(word) && line.includes('Reading ')) word = seconds();
    if (Number.isNaN(sample) && /"(cardata|sample)"/.test(line)) sample = seconds();
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`simulate ended with ${String(code)}`);
  const name = path.basename(file);
  return [
    ...(Number.isNaN(word)
      ? []
      : [{ what: `${name}: first word`, value: word, unit: 's', note: 'of the reading' }]),
    { what: `${name}: first sample`, value: sample, unit: 's', note: 'acknowledged, process start included' },
    { what: `${name}: memory of the command`, value: peaks.cli, unit: 'MiB', note: 'at its peak' },
    { what: `${name}: memory of the device process`, value: peaks.device, unit: 'MiB', note: 'at its peak' },
  ];
}

/** In a process that has other things to do, as the editor's: how long they wait at most. */
async function read(bytes: Uint8Array, name: string): Promise<Figure[]> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await readRoutes(bytes, name);
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  const { max } = delay;
  return [
    { what: `${name}: read`, value: seconds, unit: 's', note: `${(bytes.length / 2 ** 20).toFixed(0)} MiB` },
    { what: `${name}: longest turn`, value: max / 1e6, unit: 'ms', note: 'others wait so long at most' },
  ];
}

function recorded(): RoutePoint[] {
  const points: RoutePoint[] = [];
  let place = { latitude: 33.77521, longitude: -84.39609, heading: 0 };
  for (let i = 0; i < POINTS; i++) {
    points.push({
      latitude: place.latitude,
      longitude: place.longitude,
      altitude: 300 + 20 * Math.sin(i / 500),
      time: Date.UTC(2026, 0, 1) + i * 1000,
    });
    place = travel(place, place.heading + 40 * (chance(1, i) - 0.5), 5 + 20 * chance(2, i));
  }
  return points;
}

function cells({ latitude, longitude, altitude = 0, time = 0 }: RoutePoint) {
  return {
    latitude: latitude.toFixed(6),
    longitude: longitude.toFixed(6),
    altitude: altitude.toFixed(1),
    time: new Date(time).toISOString(),
  };
}

function row(point: RoutePoint): string {
  const { latitude, longitude, altitude, time } = cells(point);
  return `${time},${latitude},${longitude},${altitude}`;
}

function gpx(points: readonly RoutePoint[]): string {
  const track = points.map((point) => {
    const { latitude, longitude, altitude, time } = cells(point);
    return `<trkpt lat="${latitude}" lon="${longitude}"><ele>${altitude}</ele><time>${time}</time></trkpt>`;
  });
  return `<?xml version="1.0"?>\n<gpx version="1.1"><trk><name>Long</name><trkseg>\n${track.join('\n')}\n</trkseg></trk></gpx>\n`;
}

function geoJson(points: readonly RoutePoint[]): string {
  const all = points.map(cells);
  return JSON.stringify({
    type: 'Feature',
    properties: { coordTimes: all.map(({ time }) => time) },
    geometry: {
      type: 'LineString',
      coordinates: all.map((it) => [Number(it.longitude), Number(it.latitude), Number(it.altitude)]),
    },
  });
}
