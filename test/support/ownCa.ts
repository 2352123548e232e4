import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeCertificateCommand, type IoTClient } from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import { createConnection } from '../../src/aws/createConnection.ts';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { systemClock } from '../../src/core/work.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import type { DeviceIdentity } from '../../src/protocol/device.ts';
import { createCaFolder, openCaFolder, signingIn } from '../../src/provisioning/ca/caFolder.ts';
import type { OwnCa } from '../../src/provisioning/ca/ownCa.ts';
import type { SubjectRule } from '../../src/provisioning/ca/subject.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import type { CertificateStore } from '../../src/provisioning/certificates.ts';
import { connectAs } from '../../src/provisioning/connectAs.ts';
import type { ProvisionDeps, ProvisionRequest } from '../../src/provisioning/contract.ts';
import type { Device } from '../../src/provisioning/device.ts';
import { nobody } from './cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from './sandbox.ts';
import { testWork } from './works.ts';

export const VIN = 'LSH14J4C4LA046511';
export const DAY = 86_400_000;
export const never = new AbortController().signal;

/** A factory with a CA of its own, beside a sandbox; made anew for each test. */
export interface Factory {
  sandbox: SandboxProcess;
  connection: Connection;
  iot: IoTClient;
  folder: string;
  certificates: CertificateStore;
  ca: OwnCa;
  deps: ProvisionDeps;
  /** Made almost three years ago unless said otherwise, so that clocks of tests may go wrong. */
  newCa: (name: string) => Promise<OwnCa>;
  /** Work with short waits, and with a clock that is wrong by so many days. */
  hurried: (days?: number) => ReturnType<typeof testWork>;
  request: (way: 'jitp' | 'jitr', more?: Partial<ProvisionRequest>) => ProvisionRequest;
  statusOf: (certificateId: string) => Promise<string | undefined>;
  /** A vehicle connects once. */
  knock: (pair: DeviceIdentity, vin?: string) => Promise<void>;
}

/** What its CAs are made with, where a test is about that. */
export interface FactoryCa {
  passphrase?: string;
  rule?: SubjectRule;
  /** How long ago they were made. Days. */
  age?: number;
}

/** Called in a `describe`; what it returns is filled before each test. */
export function useFactory({ passphrase, rule = {}, age = 1000 }: FactoryCa = {}): Factory {
  const factory = {} as Factory;
  let device: Device;

  before(async () => {
    factory.sandbox = await startSandbox({ args: ['--no-limits'] });
    device = await startDevice({ command: join(import.meta.dirname, '../../dist/device.js') });
  });
  after(async () => {
    device.dispose();
    await factory.sandbox.stop();
  });
  beforeEach(async () => {
    const { sandbox } = factory;
    await sandbox.reset();
    await sandbox.ask('DELETE', 'faults');
    const { endpoint, caFile, ready } = sandbox;
    const connection = await createConnection(
      { endpoint, caFile, region: ready.region, credentials: testCredentials },
      testWork(),
    );
    const deployment = await openDeployment(connection, {}, nobody, never);
    const iot = await connection.iot();
    const folder = mkdtempSync(join(tmpdir(), 'own-ca-'));
    const certificates = createCertificateStore(join(folder, 'certs'));
    const newCa = async (name: string): Promise<OwnCa> => {
      const at = join(folder, name);
      const wish = { commonName: `Acme ${name}`, rule, days: 3650, passphrase };
      await createCaFolder(at, { ...wish, now: Date.now() - age * DAY, deviceDays: 365 });
      const opening = { now: Date.now(), passphrase: () => Promise.resolve(passphrase ?? '') };
      return signingIn(at, await openCaFolder(at, opening));
    };
    const deps: ProvisionDeps = {
      ...{ connection, certificates, device, provisioner: deployment.certificates! },
      ca: () => Promise.resolve(factory.ca),
    };
    Object.assign(factory, {
      ...{ connection, iot, folder, certificates, deps, newCa, ca: await newCa('ca') },
      hurried: (days = 0) => ({
        ...testWork(),
        clock: {
          now: () => systemClock.now() + days * DAY,
          sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal),
        },
      }),
      request: (way: 'jitp' | 'jitr', more: Partial<ProvisionRequest> = {}): ProvisionRequest => ({
        ...{ vehicle: refOf(VIN), claim: { kind: 'per-vehicle' }, keys: 'keys' },
        ...{ templateName: 'unused', timeoutMs: 8000, way },
        ...more,
      }),
      statusOf: async (certificateId: string) =>
        (await iot.send(new DescribeCertificateCommand({ certificateId }))).certificateDescription?.status,
      knock: (pair: DeviceIdentity, vin = VIN) =>
        connectAs(pair, { vehicle: refOf(vin), timeoutMs: 8000 }, deps, testWork()),
    } satisfies Partial<Factory>);
  });
  afterEach(async () => {
    factory.connection.dispose();
    await rm(factory.folder, { recursive: true, force: true });
  });
  return factory;
}
