import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runCli, type CliRun, type CliStart } from './cli.ts';
import { type GuidanceClient, guidanceClient, PASSWORD } from './guidance.ts';
import { startSandbox, testCredentials, type SandboxProcess } from './sandbox.ts';
import { shortRoute } from './simulated.ts';

export const ADMIN = 'admin@example.com';

/** A sandbox with the Guidance in it, and the command line that works on it. */
export interface GuidanceBench {
  readonly sandbox: SandboxProcess;
  readonly folder: string;
  readonly guidance: GuidanceClient;
  readonly env: Record<string, string>;
  /** Where the sandbox is, and which stage. */
  place(stage?: string): string[];
  newVin(): string;
  cli(args: string[], start?: CliStart): Promise<CliRun>;
  /** Onboards a vehicle into the fleet Vans, as an administrator; its id. */
  onboard(vin: string, ...more: string[]): Promise<string>;
  close(): Promise<void>;
}

/** @param first of the numbers that its VINs end with, so that no two tests share one */
export async function openGuidance(first: number, installs = ['cm-guidance:dev']): Promise<GuidanceBench> {
  const sandbox = await startSandbox({
    args: [...installs.flatMap((spec) => ['--install', spec]), '--no-limits'],
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cm-guidance-'));
  const guidance = guidanceClient(() => sandbox);
  await guidance.signIn({ email: ADMIN, groups: ['platform-admin'] });
  const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
  await writeFile(path.join(folder, 'short.geojson'), JSON.stringify({ type: 'LineString', coordinates }));
  let vehicles = 0;
  const env = {
    AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    CMS_PASSWORD: PASSWORD,
  };
  const place = (stage = 'dev'): string[] => [
    ...['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'],
    ...['--deployment', stage],
  ];
  const cli = (args: string[], start: CliStart = {}): Promise<CliRun> =>
    runCli(args, { env, cwd: folder, ...start });
  return {
    ...{ sandbox, folder, guidance, env, place, cli },
    newVin: () => `LSH14J4C4LA0${String(first + vehicles++).padStart(5, '0')}`,
    async onboard(vin, ...more) {
      const args = ['onboard', ...place(), '--username', ADMIN, '--vin', vin, '--fleet-name', 'Vans'];
      const run = await cli([...args, '--enrollment', 'table', '--json', ...more]);
      assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
      const result = run.objects().find(({ type }) => type === 'result');
      return String(result?.vehicleId);
    },
    async close() {
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
