import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import { codec } from '../../src/cms/cdf/codec/codec.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { createDrive } from '../../src/telemetry/drive/createDrive.ts';
import { systemClock } from '../../src/core/work.ts';
import { readRouteFile } from '../../src/telemetry/routes/readRouteFile.ts';
import { createMessages, type SimulatedMessage } from '../../src/telemetry/simulation/messages.ts';
import { connectTo } from './cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from './sandbox.ts';
import { simulatedThings } from './simulated.ts';

export const SPEED = 5;
const CLI = path.join(import.meta.dirname, '../../dist/cli.js');

/** A sandbox, a fleet with certificates, a route, and a folder that stands for one that all machines share. */
export interface ScaleWorld {
  sandbox: SandboxProcess;
  connection: Connection;
  folder: string;
  vins: string[];
  env: Record<string, string>;
  /** Runs the command line; the process may be killed. */
  start(args: readonly string[], env?: Record<string, string>): Started;
  /** What says where the sandbox is. */
  to: string[];
  simulate: string[];
  close(): Promise<void>;
}

export interface Started {
  child: ChildProcess;
  output: () => string;
  objects(): Record<string, unknown>[];
  ended: Promise<number | null>;
}

const START = { latitude: 48.137, longitude: 11.575 };

export async function scaleWorld(count: number, args: string[] = []): Promise<ScaleWorld> {
  const sandbox = await startSandbox({ args });
  const connection = await connectTo(sandbox);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scale-test-'));
  const vins = Array.from({ length: count }, (_, i) => `SCALE${String(i).padStart(12, '0')}`);
  const store = createCertificateStore(path.join(folder, 'certs'));
  // Making keys takes the sandbox a while: a few at a time.
  for (let at = 0; at < vins.length; at += 5) {
    for (const { vin, identity } of await simulatedThings(connection, vins.slice(at, at + 5))) {
      await store.saveProduction(vin, identity);
    }
  }
  const coordinates = Array.from({ length: 40 }, (_, i) => [
    START.longitude + i * 0.002 + (i % 3) * 0.0004,
    START.latitude + i * 0.001,
  ]);
  const route = { type: 'Feature', properties: { name: 'r' }, geometry: { type: 'LineString', coordinates } };
  await writeFile(path.join(folder, 'route.geojson'), JSON.stringify(route));
  await mkdir(path.join(folder, 'aws'));
  const credentials = path.join(folder, 'aws', 'credentials');
  await writeFile(
    credentials,
    `[default]\naws_access_key_id = ${testCredentials.accessKeyId}\naws_secret_access_key = ${testCredentials.secretAccessKey}\n`,
    { mode: 0o600 },
  );
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_CONFIG_FILE: path.join(folder, 'aws', 'config'),
  };
  const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
  const started: ChildProcess[] = [];
  return {
    ...{ sandbox, connection, folder, vins, env, to },
    simulate: [
      ...[
        'simulate',
        '--all',
        '--route',
        'route.geojson',
        '--speed',
        String(SPEED),
        '--spread',
        '--seed',
        '9',
      ],
      ...['--end', 'loop', '--store', 'runs', ...to, '--yes', '--json'],
    ],
    start(args, more = {}) {
      const child = spawn(process.execPath, [CLI, ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, ...env, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      started.push(child);
      let [text, log] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (some: string) => (text += some));
      child.stderr.setEncoding('utf8').on('data', (some: string) => (log += some));
      return {
        child,
        output: () => `${text}\n${log}`,
        objects: () =>
          text
            .split('\n')
            .slice(0, -1)
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line) as Record<string, unknown>),
        // Not when it exits: what it printed last may still be on its way.
        ended: once(child, 'close').then(() => child.exitCode),
      };
    },
    async close() {
      for (const child of started)
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      connection.dispose();
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a vehicle of the fleet says in an undisturbed run of one process, tick by tick, computed without any. */
export async function undisturbed(
  { folder, vins }: Pick<ScaleWorld, 'folder' | 'vins'>,
  index: number,
  ticks: number,
): Promise<SimulatedMessage[][]> {
  const signal = new AbortController().signal;
  const work = { signal, clock: systemClock, progress: () => undefined };
  const { routes } = await readRouteFile(path.join(folder, 'route.geojson'), work);
  const vin = vins[index]!;
  const messages = createMessages({
    drive: createDrive({ route: routes[0]!, pace: 'drive', tick: 0.5, seed: 9 + index, end: 'loop' }),
    ...{ codec, vehicle: { vin, id: vin, thingName: vin }, simulationId: 'run', pace: 'drive' },
  });
  if (index > 0) messages.jumpTo(index / vins.length);
  return Array.from({ length: ticks }, (_, i) => messages.tick(i * 1000, SPEED) ?? []);
}
