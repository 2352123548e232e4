import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateVin } from '../../src/cms/contract/vin.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import type { Figure } from './run.ts';

const cli = path.join(import.meta.dirname, '../../dist/cli.js');

/** One vehicle from nothing to the fleet manager, and the same again when all is there. */
export async function oneVehicle(): Promise<Figure[]> {
  return withSandbox([], async (sandbox, folder) => {
    const who = ['--username', 'benchUser', '--first-name', 'Bench', '--last-name', 'User'];
    const args = ['onboard', '--vin', generateVin(Math.random), ...who];
    const first = await timed(() => run(sandbox, folder, args));
    const again = await timed(() => run(sandbox, folder, args));
    return [
      {
        what: 'Onboard one vehicle',
        value: first,
        unit: 's',
        note: 'CLI process, limits on, 4 s of it CMS’s index delay',
      },
      { what: 'Onboard it again (all found)', value: again, unit: 's', note: 'the same command' },
    ];
  });
}

/** Fifty vehicles from one file, with AWS's rates switched off on both sides. */
export async function fleetOf50(): Promise<Figure[]> {
  return withSandbox(['--no-limits'], async (sandbox, folder) => {
    const vins = Array.from({ length: 50 }, () => generateVin(Math.random));
    const file = path.join(folder, 'fleet.csv');
    await writeFile(
      file,
      `vin,username,firstName,lastName\n${vins.map((vin) => `${vin},benchUser,Bench,User`).join('\n')}\n`,
    );
    const rate = ['--concurrency', '16', '--starts-per-second', '100'];
    const seconds = await timed(() =>
      run(sandbox, folder, ['onboard', '--fleet', file, '--sign-in-as', 'benchUser', ...rate]),
    );
    return [
      {
        what: 'Onboard 50 vehicles',
        value: seconds,
        unit: 's',
        note: 'one manifest, 16 at a time, limits off',
      },
      { what: 'per vehicle', value: seconds / 50, unit: 's/vehicle', note: 'the above divided by 50' },
    ];
  });
}

export async function withSandbox<T>(
  args: string[],
  work: (sandbox: SandboxProcess, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-bench-'));
  const sandbox = await startSandbox({ args });
  try {
    return await work(sandbox, folder);
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Starts a command of the command line against the sandbox. */
export function startCli(sandbox: SandboxProcess, folder: string, args: string[]) {
  const common = ['--endpoint', sandbox.endpoint, '--region', 'us-west-2', '--ca', sandbox.caFile];
  return spawn(process.execPath, [cli, ...args, ...common, '--certs', path.join(folder, 'certs'), '--json'], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
      CMS_PASSWORD: 'Testing1234',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function run(sandbox: SandboxProcess, folder: string, args: string[]): Promise<void> {
  const child = startCli(sandbox, folder, args);
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
  child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the command ended with ${String(code)}:\n${said}`));
    });
  });
}
