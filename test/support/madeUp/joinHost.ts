// Runs inside the extension host.
import childProcess from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type * as backendBundle from '../../../src/editor/backend.ts';
import type { Codec } from '../../../src/telemetry/codec.ts';
import { deviceProcesses } from '../editor/processes.ts';
import { until } from '../until.ts';
import { buildWithMadeUp } from './build.ts';
import { codec } from './codec/codec.ts';
import { madeUp } from './generation.ts';

const bundles = path.resolve(__dirname, '../../../dist');
const DEVICE = path.join(bundles, 'device.js');
const { fork } = childProcess;

/**
 * Adds the made-up generation to the extension of this host, as docs/architecture.md says that one is added: to the list
 * of generations and the list of codecs. Its device process is built with the same.
 * @returns what takes it out again
 */
export async function joinHost(): Promise<() => Promise<void>> {
  const { GENERATIONS, CODECS } = createRequire(path.join(bundles, 'extension.js'))(
    './backend.js',
  ) as typeof backendBundle;
  const generations = GENERATIONS as (typeof GENERATIONS)[number][];
  const codecs = CODECS as Record<string, Codec>;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'made-up-'));
  await buildWithMadeUp(path.join(folder, 'dist'), ['device']);
  generations.unshift(madeUp);
  codecs[madeUp.id] = codec;
  childProcess.fork = ((program: string, ...rest: [readonly string[], childProcess.ForkOptions]) =>
    // Other extensions of the host start processes, too.
    fork(program === DEVICE ? path.join(folder, 'dist/device.js') : program, ...rest)) as typeof fork;
  // The next request starts another one.
  await endDevices();
  return async () => {
    childProcess.fork = fork;
    generations.splice(generations.indexOf(madeUp), 1);
    Reflect.deleteProperty(codecs, madeUp.id);
    await endDevices();
    await rm(folder, { recursive: true, force: true });
  };
}

async function endDevices(): Promise<void> {
  const dataFolder = path.join(process.env.CMS_STORAGE ?? '', '../../../..');
  for (const pid of deviceProcesses(dataFolder)) process.kill(pid, 'SIGKILL');
  await until('the end of the device process', () => deviceProcesses(dataFolder).length === 0);
}
