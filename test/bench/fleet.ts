import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import type { Route } from '../../src/telemetry/drive.ts';
import { readRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

/** What every benchmark of a fleet has: a sandbox without AWS's quotas, and a way to drive. */
export interface FleetBench {
  sandbox: SandboxProcess;
  connection: Connection;
  route: Route;
}

export async function withFleetBench<T>(
  run: (bench: FleetBench) => Promise<T>,
  more: readonly string[] = [],
): Promise<T> {
  const file = path.join(import.meta.dirname, '../../media/routes/atlanta.csv');
  const { routes } = await readRoutes(await readFile(file), file);
  const sandbox = await startSandbox({ args: ['--no-limits', '--log-level', 'error', ...more] });
  const connection = await connectTo(sandbox);
  try {
    return await run({ sandbox, connection, route: routes[0]! });
  } finally {
    connection.dispose();
    await sandbox.stop();
  }
}
