import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import type { CdfApi } from '../../src/cms/cdf/api.ts';
import type { SignIn } from '../../src/cms/contract/credentials.ts';
import { createDeployment } from '../../src/cms/cdf/deployment.ts';
import { givenCredentials } from '../../src/cms/contract/credentials.ts';
import type { Deployment } from '../../src/cms/contract/deployment.ts';
import { systemClock, type Progress, type Work } from '../../src/core/work.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { createCloudIdentities, type CloudIdentities } from '../../src/aws/iot/cloudIdentities.ts';
import type { OnboardDeps } from '../../src/onboarding/onboardDeps.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import type { CertificateStore } from '../../src/provisioning/certificates.ts';
import type { Device } from '../../src/provisioning/device.ts';
import { connectTo, openCdf, person } from './cms.ts';
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
  /** Its CMS, as `signIn`, which is `person` unless somebody else is named. */
  open(signal?: AbortSignal, signIn?: SignIn): Promise<Deployment>;
  /** The APIs that it is made of. */
  openApi(signal?: AbortSignal): Promise<CdfApi>;
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
      findDeployment: (signal) => bench.open(signal, { ...person, ...signIn }),
      ...changes,
    }),
    work: (signal = new AbortController().signal) => ({
      signal,
      clock: systemClock,
      random: Math.random,
      progress: (event) => bench.progress.push(event),
    }),
    openApi: async (signal = new AbortController().signal) => ({
      ...(await openCdf(bench.connection, signal)),
      indexDelayMs: INDEX_DELAY_MS,
    }),
    open: async (signal, signIn = person) =>
      createDeployment(await bench.openApi(signal), givenCredentials(signIn)),
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
