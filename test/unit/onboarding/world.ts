import { Agent } from 'node:http';
import type { Connection } from '../../../src/aws/connection.ts';
import type { CloudCertificate } from '../../../src/aws/iot/certificates.ts';
import type { CloudIdentities } from '../../../src/aws/iot/cloudIdentities.ts';
import type { CdfApi, CmsUser } from '../../../src/cms/cdf/api.ts';
import type { StackInfo } from '../../../src/cms/contract/stacks.ts';
import type { LiveVehicle } from '../../../src/cms/contract/vehicles.ts';
import type { VehicleDetails } from '../../../src/cms/cdf/vehicleDetails.ts';
import type { ErrorCode } from '../../../src/core/errorCodes.ts';
import { CmsError, throwIfAborted } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import type { Clock, Progress, Work } from '../../../src/core/work.ts';
import type { OnboardDeps, Provisioning } from '../../../src/onboarding/onboardDeps.ts';
import type { CertificateStore, StoredIdentity } from '../../../src/provisioning/certificates.ts';
import type { Device } from '../../../src/provisioning/device.ts';
import { textOf } from '../../support/bytes.ts';
import { createDeployment } from '../../../src/cms/cdf/deployment.ts';
import type { SignIn } from '../../../src/cms/contract/credentials.ts';
import type { Deployment } from '../../../src/cms/contract/deployment.ts';

/** A CMS, an AWS IoT and a disk in memory, as small as the work's own tests need them. */
export interface World {
  /** Every call, in order, such as `ensureUser bob`. */
  calls: string[];
  users: Map<string, CmsUser>;
  suppliers: Set<string>;
  devices: Map<string, string>;
  vehicles: Map<string, VehicleDetails>;
  owners: Map<string, string>;
  live: Map<string, LiveVehicle>;
  templates: Set<string>;
  stored: Map<string, StoredIdentity>;
  /** Ids of the certificates whose pairs were set aside, by vehicle. */
  replaced: Map<string, string[]>;
  /** Vehicles whose files make no usable pair, and why. */
  unusable: Map<string, CmsError>;
  /** id → status, things and policies. */
  certificates: Map<string, { status: string; things: Set<string>; policies: Set<string> }>;
  things: Set<string>;
  poolUsers: Map<string, string>;
  /** Telemetry is acknowledged, but ingested only when this says so. */
  ingest: (vin: string, attempt: number) => 'full' | 'nameless' | 'lost';
  published: number;
  /** Called before each call's effect; may throw or abort. */
  before: (call: string) => void | Promise<void>;
  /** Called after each call's effect, before its answer. */
  after: (call: string) => void | Promise<void>;
  progress: Progress[];
  now: number;
  deps: OnboardDeps;
  /** What its deployment is made of. */
  api: CdfApi;
  deployment: Deployment;
  /** Who signs in. */
  signIn: SignIn;
  cloud: CloudIdentities;
  work(signal?: AbortSignal): Work;
  /** The next calls that match fail with this code. */
  failNext(call: RegExp, code: ErrorCode, times?: number): void;
}

const POLICY = 'CvraTcuDevicePolicy';

export function idOf(vin: string): string {
  return Buffer.from(vin).toString('hex').padEnd(64, '0').slice(0, 64);
}

export function arnOf(id: string): string {
  return `arn:aws:iot:us-west-2:123456789012:cert/${id}`;
}

function stackInfo(name: string): StackInfo {
  return {
    name,
    id: name,
    status: 'CREATE_COMPLETE',
    description: '',
    outputs: {},
    parameters: {},
    createdAt: undefined,
  };
}

function failure(code: ErrorCode, text: string): CmsError {
  return new CmsError(code, l10n.verbatim(text), { remedy: l10n.verbatim('Try again.') });
}

function unused(name: string): never {
  throw new Error(`${name} is not part of this world`);
}

export function createWorld(): World {
  const failures: { call: RegExp; code: ErrorCode; times: number }[] = [];

  async function call<T>(name: string, signal: AbortSignal | undefined, effect: () => T): Promise<T> {
    world.calls.push(name);
    if (signal) throwIfAborted(signal);
    await world.before(name);
    if (signal) throwIfAborted(signal);
    const planned = failures.find((f) => f.times > 0 && f.call.test(name));
    if (planned) {
      planned.times--;
      throw failure(planned.code, `${name} failed.`);
    }
    const result = effect();
    await world.after(name);
    return result;
  }
  const ensured = (map: { has(key: string): boolean }, key: string, make: () => unknown) => {
    const found = map.has(key);
    if (!found) make();
    return found ? ('found' as const) : ('created' as const);
  };

  const clock: Clock = {
    now: () => world.now,
    async sleep(ms, signal) {
      if (signal) throwIfAborted(signal);
      await Promise.resolve();
      world.now += ms;
      if (signal) throwIfAborted(signal);
    },
  };

  const api: CdfApi = {
    stack: stackInfo('cms-dev1'),
    core: stackInfo('cdf-core-development'),
    uiUrl: 'https://ui.example',
    indexDelayMs: 3000,
    signIn: ({ username, password }, { create }, signal) =>
      call(`signIn ${username}`, signal, () => {
        const known = world.poolUsers.get(username);
        if (known !== undefined && known !== password)
          throw failure('USER_HAS_OTHER_PASSWORD', 'Other password.');
        if (known === undefined && !create) throw failure('SIGN_IN_FAILED', 'No such user.');
        return ensured(world.poolUsers, username, () => world.poolUsers.set(username, password));
      }),
    checkPassword: () => Promise.resolve(),
    passwordRules: () => Promise.resolve(undefined),
    poolPasswordRules: () => Promise.resolve(undefined),
    ensureSupplier: (name, signal) =>
      call(`ensureSupplier ${name}`, signal, () => ({
        supplier: { name, externalId: `ext-${name}` },
        result: ensured(world.suppliers, name, () => world.suppliers.add(name)),
      })),
    ensureUser: (user, signal) =>
      call(`ensureUser ${user.username}`, signal, () =>
        ensured(world.users, user.username, () => world.users.set(user.username, user)),
      ),
    ensureDevice: ({ vin, certificateId }, signal) =>
      call(`ensureDevice ${vin}`, signal, () =>
        ensured(world.devices, vin, () => world.devices.set(vin, certificateId)),
      ),
    ensureActivated: ({ vin, vehicle }, signal) =>
      call(`ensureActivated ${vin}`, signal, () => {
        if (!world.devices.has(vin)) throw failure('CMS_REQUEST_REFUSED', 'TCU_NOT_WHITELISTED');
        return ensured(world.vehicles, vin, () => world.vehicles.set(vin, vehicle));
      }),
    ensureOwner: (vin, username, signal) =>
      call(`ensureOwner ${vin}`, signal, () =>
        ensured(world.owners, vin, () => world.owners.set(vin, username)),
      ),
    vehicles: ({ size, next }, signal) =>
      call(`vehicles ${next ?? '0'}`, signal, () => {
        const from = Number(next ?? 0);
        const page = [...world.vehicles].slice(from, from + size).map(([vin]) => recordOf(vin));
        return { items: page, next: from + size < world.vehicles.size ? String(from + size) : undefined };
      }),
    users: () => unused('users'),
    suppliers: () => unused('suppliers'),
    vehicle: (vin, signal) =>
      call(`vehicle ${vin}`, signal, () => (world.vehicles.has(vin) ? recordOf(vin) : undefined)),
    device: (vin, signal) =>
      call(`device ${vin}`, signal, () =>
        world.devices.has(vin)
          ? {
              deviceId: vin.toLowerCase(),
              status: world.vehicles.has(vin) ? 'installed' : 'assembled',
              type: 'tcu',
              model: 'TCU-1',
              softwareVersion: '1.9.1',
              thingArn: undefined,
              vehicles: [vin],
              suppliers: [],
            }
          : undefined,
      ),
    liveVehicle: (vin, signal) => call(`liveVehicle ${vin}`, signal, () => world.live.get(vin)),
    assetLibraryOpen: (signal) => call('assetLibraryOpen', signal, () => true),
    removeOwners: (vin, signal) => call(`removeOwners ${vin}`, signal, () => world.owners.delete(vin)),
    removeDevice: (vin, signal) => call(`removeDevice ${vin}`, signal, () => world.devices.delete(vin)),
    removeVehicle: (vin, signal) => call(`removeVehicle ${vin}`, signal, () => world.vehicles.delete(vin)),
    removeUser: (name, signal) => call(`removeUser ${name}`, signal, () => world.users.delete(name)),
    removeCognitoUser: (name, signal) =>
      call(`removeCognitoUser ${name}`, signal, () => world.poolUsers.delete(name)),
  };

  function recordOf(vin: string) {
    const details = world.vehicles.get(vin);
    const owner = world.owners.get(vin);
    return {
      vin,
      make: details?.make ?? '',
      model: details?.model ?? '',
      modelYear: details?.modelYear ?? 0,
      attributes: {},
      owners: owner === undefined ? [] : [owner],
    };
  }

  const provisioning: Provisioning = {
    ensureSetup: ({ templateName }, _deps, work) =>
      call(`ensureSetup ${templateName}`, work.signal, () => ({
        result: ensured(world.templates, templateName, () => world.templates.add(templateName)),
      })),
    rotate: () => Promise.reject(new Error('nobody asked for another certificate')),
    provision: ({ vehicle: { vin } }, _deps, work) =>
      call(`provision ${vin}`, work.signal, () => {
        const result = ensured(world.stored, vin, () => {
          world.stored.set(vin, storedOf(vin));
          world.things.add(vin);
          world.certificates.set(idOf(vin), {
            status: 'ACTIVE',
            things: new Set([vin]),
            policies: new Set([POLICY]),
          });
        });
        return {
          result,
          identity: storedOf(vin),
          certificateArn: arnOf(idOf(vin)),
          files: [`/certs/${vin}/cert`],
        };
      }),
  };

  const device: Device = {
    claim: () => unused('claim'),
    publish: ({ clientId, messages, identity }, work) =>
      call(`publish ${clientId} ${messages.length}`, work.signal, () => {
        const certificate = world.certificates.get(identity.certificatePem);
        if (certificate?.status !== 'ACTIVE' || !certificate.things.has(clientId)) {
          throw failure('MQTT_CONNECT_REFUSED', 'The connection was refused.');
        }
        for (const { payload } of messages) {
          const { GeoLocation: at } = JSON.parse(textOf(payload)) as {
            GeoLocation: { Latitude: number; Longitude: number; Heading: number };
          };
          world.published++;
          const how = world.ingest(clientId, world.published);
          if (how === 'lost') continue;
          const details = how === 'full' ? world.vehicles.get(clientId) : undefined;
          world.live.set(clientId, {
            vin: clientId,
            make: details?.make ?? '',
            model: details?.model ?? '',
            modelYear: details?.modelYear ?? 0,
            position: { latitude: at.Latitude, longitude: at.Longitude, headingDegrees: at.Heading },
            troubleCodes: [],
            devices: [],
          });
        }
      }),
    dispose: () => undefined,
  };

  const store: CertificateStore = {
    folder: '/certs',
    ready: () => call('ready', undefined, () => undefined),
    ids: () => Promise.resolve([...world.stored.keys()]),
    production: (vin) =>
      call(`production ${vin}`, undefined, () => {
        const pair = world.stored.get(vin);
        const why = world.unusable.get(vin);
        if (why !== undefined) return { kind: 'unusable', why, foreignIssuer: false };
        return pair === undefined ? { kind: 'none' } : { kind: 'ok', pair };
      }),
    bootstrap: () => Promise.resolve({ kind: 'none' }),
    candidate: () => Promise.resolve({ kind: 'none' }),
    previousIds: (vin) => Promise.resolve(world.replaced.get(vin) ?? []),
    facts: () => Promise.resolve(undefined),
    rootCa: () => Promise.resolve(undefined),
    finish: () => Promise.resolve(),
    setBootstrapAside: () => unused('setBootstrapAside'),
    remove: (vin) =>
      call(`removeFiles ${vin}`, undefined, () => {
        world.stored.delete(vin);
      }),
    saveBootstrap: () => unused('saveBootstrap'),
    saveProduction: () => unused('saveProduction'),
    saveCandidate: () => unused('saveCandidate'),
    promoteCandidate: () => unused('promoteCandidate'),
    dropCandidate: () => unused('dropCandidate'),
    setAside: () => unused('setAside'),
    saveFacts: () => unused('saveFacts'),
    saveRootCa: () => unused('saveRootCa'),
    removeBootstrap: () => unused('removeBootstrap'),
  };

  const certificateAt = (arn: string) => world.certificates.get(arn.split('/')[1] ?? '');
  const cloud: CloudIdentities = {
    thing: (name, signal) =>
      call(`thing ${name}`, signal, () =>
        world.things.has(name) ? { name, arn: name, type: 'tcu' } : undefined,
      ),
    template: (name, signal) =>
      call(`template ${name}`, signal, () =>
        world.templates.has(name)
          ? { enabled: true, body: `"${POLICY}"`, roleArn: undefined, type: undefined }
          : undefined,
      ),
    policy: (name, signal) =>
      call(`policy ${name}`, signal, () => ({
        document: 'topic/$aws/provisioning-templates/T/provision/*',
        versionId: '1',
      })),
    certificate: (id, signal) =>
      call(`certificate ${id}`, signal, (): CloudCertificate | undefined => {
        const found = world.certificates.get(id);
        return found && { id, arn: arnOf(id), status: found.status, notAfter: undefined };
      }),
    cas: (signal) => call('cas', signal, () => []),
    principalsOf: (name, signal) =>
      call(`principalsOf ${name}`, signal, () =>
        [...world.certificates].filter(([, c]) => c.things.has(name)).map(([id]) => arnOf(id)),
      ),
    thingsOf: (arn, signal) => call(`thingsOf ${arn}`, signal, () => [...(certificateAt(arn)?.things ?? [])]),
    policiesOf: (arn, signal) =>
      call(`policiesOf ${arn}`, signal, () => [...(certificateAt(arn)?.policies ?? [])]),
    detachThing: (name, arn, signal) =>
      call(`detachThing ${name}`, signal, () => certificateAt(arn)?.things.delete(name) ?? false),
    deleteCertificate: ({ id }, { signal }) =>
      call(`deleteCertificate ${id}`, signal, () => world.certificates.delete(id)),
    deleteThing: (name, { signal }) => call(`deleteThing ${name}`, signal, () => world.things.delete(name)),
  };

  const connection: Connection = {
    label: l10n.verbatim('profile test, us-west-2'),
    region: 'us-west-2',
    endpoint: undefined,
    clock,
    random: () => 0,
    cloudFormation: () => unused('cloudFormation'),
    cognito: () => unused('cognito'),
    iam: () => unused('iam'),
    iot: () => unused('iot'),
    dynamoDb: () => unused('dynamoDb'),
    s3: () => unused('s3'),
    secretsManager: () => unused('secretsManager'),
    ssm: () => unused('ssm'),
    identity: () =>
      Promise.resolve({ accountId: '123456789012', arn: 'arn:aws:iam::123456789012:user/test' }),
    mqttEndpoint: () => Promise.resolve({ host: 'localhost', port: 8883 }),
    rootCa: () => Promise.resolve('root'),
    broker: () => Promise.resolve({ host: 'localhost', port: 8883, rootCaPem: 'root', proxy: undefined }),
    http: () => unused('http'),
    agent: new Agent(),
    proxyTo: () => undefined,
    dispose: () => undefined,
  };

  const deployment = createDeployment(api, {
    password: () => Promise.resolve(world.signIn),
    token: () => unused('token'),
  });

  const world: World = {
    calls: [],
    users: new Map(),
    suppliers: new Set(),
    devices: new Map(),
    vehicles: new Map(),
    owners: new Map(),
    live: new Map(),
    templates: new Set(),
    stored: new Map(),
    replaced: new Map(),
    unusable: new Map(),
    certificates: new Map(),
    things: new Set(),
    poolUsers: new Map(),
    ingest: () => 'full',
    published: 0,
    before: () => undefined,
    after: () => undefined,
    progress: [],
    now: Date.UTC(2026, 0, 5),
    api,
    deployment,
    signIn: { username: 'bob', password: 'Testing1234' },
    cloud,
    deps: {
      connection,
      certificates: store,
      device,
      provisioning,
      findDeployment: (signal) => call('findDeployment', signal, () => deployment),
    },
    work: (signal = new AbortController().signal) => ({
      signal,
      clock,
      random: () => 0.5,
      progress: (event) => world.progress.push(event),
    }),
    failNext: (pattern, code, times = 1) => failures.push({ call: pattern, code, times }),
  };
  return world;
}

function storedOf(vin: string): StoredIdentity {
  return {
    // The certificate's text names it, so that the device of this world can look it up.
    identity: { certificatePem: idOf(vin), privateKeyPem: 'PRIVATE' },
    certificateId: idOf(vin),
    notAfter: new Date(Date.UTC(2049, 11, 31)),
    facts: undefined,
    files: { certificate: `/certs/${vin}/cert`, privateKey: `/certs/${vin}/key` },
  };
}
