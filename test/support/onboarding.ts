import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import type { CmsDeployment, SignIn } from '../../src/cms/deployment.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { systemClock, type Progress, type Work } from '../../src/core/work.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { createCloudIdentities, type CloudIdentities } from '../../src/aws/iot/cloudIdentities.ts';
import type { OnboardDeps } from '../../src/onboarding/onboardDeps.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import type { CertificateStore } from '../../src/provisioning/certificates.ts';
import type { Device } from '../../src/provisioning/device.ts';
import { connectTo, person } from './cms.ts';
import { startSandbox, type SandboxProcess } from './sandbox.ts';

/** How long the sandbox's telemetry side takes to see a change, and how long the work waits (shorter than on AWS). */
const EVENT_DELAY_MS = 100;
const INDEX_DELAY_MS = 400;

/** A sandbox with everything that onboarding needs, and a folder for certificates. */
export interface Bench {
  sandbox: SandboxProcess;
  connection: Connection;
  device: Device;
  certificates: CertificateStore;
  /** The folder of the certificates. */
  folder: string;
  cloud: CloudIdentities;
  progress: Progress[];
  deps(changes?: Partial<OnboardDeps>, signIn?: Partial<SignIn>): OnboardDeps;
  work(signal?: AbortSignal): Work;
  open(signal?: AbortSignal): Promise<CmsDeployment>;
  /** Kills the sandbox and restarts it with its saved state. */
  restart(): Promise<void>;
  /** Empties the sandbox and the certificate folder. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openBench(args: string[] = []): Promise<Bench> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'onboarding-test-'));
  const start = () =>
    startSandbox({
      stateFolder: path.join(root, 'state'),
      args: ['--event-delay-ms', String(EVENT_DELAY_MS), '--no-limits', ...args],
    });
  const device = await startDevice({ command: path.join(import.meta.dirname, '../../dist/device.js') });
  const sandbox = await start();
  const connection = await connectTo(sandbox);

  async function connect(): Promise<void> {
    bench.connection.dispose();
    bench.connection = await connectTo(bench.sandbox);
    bench.cloud = createCloudIdentities(bench.connection);
  }
  let folders = 0;
  const folderOf = () => path.join(root, `certs-${++folders}`);
  const folder = folderOf();

  const bench: Bench = {
    sandbox,
    connection,
    device,
    folder,
    certificates: createCertificateStore(folder),
    cloud: createCloudIdentities(connection),
    progress: [],
    deps: (changes = {}, signIn = {}) => ({
      connection: bench.connection,
      device,
      certificates: bench.certificates,
      signIn: { ...person, ...signIn },
      findDeployment: (signal) => bench.open(signal),
      ...changes,
    }),
    work: (signal = new AbortController().signal) => ({
      signal,
      clock: systemClock,
      random: Math.random,
      progress: (event) => bench.progress.push(event),
    }),
    open: async (signal = new AbortController().signal) => ({
      ...(await openDeployment(bench.connection, {}, signal)),
      indexDelayMs: INDEX_DELAY_MS,
    }),
    async restart() {
      await bench.sandbox.kill();
      bench.sandbox = await start();
      await connect();
    },
    async reset() {
      await bench.sandbox.reset();
      await connect();
      bench.folder = folderOf();
      bench.certificates = createCertificateStore(bench.folder);
      bench.progress.length = 0;
    },
    async close() {
      device.dispose();
      bench.connection.dispose();
      await bench.sandbox.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
  return bench;
}
