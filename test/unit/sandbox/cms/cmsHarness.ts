import { type CmsApis, createCmsApis } from '../../../../src/sandbox/installations/cdf/apis.ts';
import { CDF_V1 } from '../../../../src/sandbox/installations/cdf/rest/express.ts';
import type { Thing } from '../../../../src/sandbox/services/iot/contract.ts';
import type { TokenCheck } from '../../../../src/sandbox/services/cognito/contract.ts';
import type { CdfSettings, CmsStackSpec } from '../../../../src/sandbox/installations/cdf/contract.ts';
import { AwsError, type HttpResponse } from '../../../../src/sandbox/kernel/http.ts';
import { createAccountJobs } from '../../../../src/sandbox/services/iot/jobs/accountJobs.ts';
import { createJobs, type Jobs } from '../../../../src/sandbox/services/iot/jobs/jobs.ts';
import { createState } from '../../../../src/sandbox/services/iot/registry/state.ts';
import { createTestContext, type TestContext } from '../../../support/sandboxContext.ts';

export const VIN = 'LSH14J4C4LA046511';
export const TOKEN = 'good-token';
export const CERTIFICATE_ID = 'a'.repeat(64);

export interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The body as JSON; throws when it is none. */
  readonly json: Body;
}

/** An item of a list, and what tests look at in it. */
export interface Row {
  [name: string]: unknown;
  attributes: Record<string, unknown>;
  telemetry: Record<string, unknown>;
  geoLocation: unknown;
  properties: Record<string, unknown>;
}

/** A JSON body, and the lists tests look into. */
export interface Body extends Row {
  results: Row[];
  vehicles: Row[];
  clusters: Row[];
  trips: Row[];
  events: Row[];
}

export interface TemplateBody {
  Resources: Record<string, { Properties: unknown; OverrideSettings?: unknown }>;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  text?: string;
  headers?: Record<string, string>;
  /** Undefined = none. */
  token?: string | undefined;
  stack?: string;
}

export type ApiName = 'assetLibrary' | 'facade' | 'fleetManager';

export interface CmsHarness {
  context: TestContext;
  cms: CmsApis;
  /** Fills what a reset emptied. */
  seed: () => void;
  /** The jobs of the account, of the things that were registered. */
  jobs: Jobs;
  published: { topic: string; payload: Record<string, unknown> }[];
  /** Calls IoT RegisterThing got. */
  registered: { template: TemplateBody; parameters: Record<string, string> }[];
  call: (api: ApiName, method: string, path: string, options?: CallOptions) => Promise<Reply>;
  library: (method: string, path: string, body?: unknown) => Promise<Reply>;
  facade: (path: string, body?: unknown) => Promise<Reply>;
  fleet: (path: string, filters?: unknown) => Promise<Reply>;
  publish: (topic: string, message: unknown) => void;
  /** A supplier, its device and the vehicle it is installed in, all through the facade. */
  onboard: (vin?: string) => Promise<void>;
}

/** CMS with fakes around it: any certificate id of 64 hex digits exists. */
export function createHarness({
  stacks = [{ name: 'cms-dev1', core: 'cdf-core-development' }],
  eventDelayMs = 0,
  assetLibraryAuth = 'none',
}: Partial<CdfSettings> & { stacks?: CmsStackSpec[] } = {}): CmsHarness {
  const context = createTestContext();
  const published: CmsHarness['published'] = [];
  const registered: CmsHarness['registered'] = [];
  const things = new Map<string, Thing>();
  const state = createState(context);
  const silent = () => undefined;
  const jobs = createJobs(state, { pendingChanged: silent, executionEnded: silent, jobEnded: silent });
  const cms = createCmsApis(
    context,
    {
      registry: {
        thing: (name) => things.get(name),
        registerThing(templateBody, parameters) {
          registered.push({ template: JSON.parse(templateBody) as TemplateBody, parameters });
          const { ThingName: thingName = '', CertificateId: id = '' } = parameters;
          if (!/^[0-9a-f]{64}$/.test(id)) {
            return Promise.reject(new AwsError('InvalidRequestException', 'Certificate ID is not valid'));
          }
          const thingArn = `arn:aws:iot:us-west-2:123456789012:thing/${thingName}`;
          things.set(thingName, { thingName, thingArn, thingTypeName: 'tcu', attributes: {}, version: 1 });
          state.things.set(thingName, { thingName, thingId: 'id', attributes: {}, version: 1, sequence: 1 });
          return Promise.resolve({
            thingName,
            certificatePem: 'PEM',
            resourceArns: { thing: thingArn, certificate: `arn:aws:iot:us-west-2:123456789012:cert/${id}` },
            deviceConfiguration: {},
          });
        },
      },
      pools: {
        poolOf: (stack) => ({ userPoolId: `us-west-2_${stack}`, userPoolArn: 'arn', clientId: 'client' }),
      },
      tokens: {
        checkIdToken: (pool, authorization) => Promise.resolve(checked(pool, authorization)),
      },
      publish: (topic, payload) => {
        published.push({ topic, payload: JSON.parse(payload) as Record<string, unknown> });
      },
      jobs: createAccountJobs(state, jobs),
    },
    { eventDelayMs, assetLibraryAuth },
  );
  jobs.onEnded((execution) => cms.onJobEnded(execution));
  const seed = () => {
    cms.reload();
    for (const spec of stacks) cms.install(spec);
  };
  seed();
  published.length = 0;

  async function call(api: ApiName, method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const stack = options.stack ?? 'cms-dev1';
    const core = stacks.find(({ name }) => name === stack)!.core;
    const base = api === 'assetLibrary' ? cms.urlOfCore(core).assetLibrary : cms.urlsOf(stack)[api];
    const [rest = '', query] = path.split('?');
    const token = 'token' in options ? options.token : TOKEN;
    const text = options.text ?? (options.body === undefined ? '' : JSON.stringify(options.body));
    const request = {
      method,
      path: new URL(base).pathname + rest,
      query: new URLSearchParams(query),
      headers: {
        ...(api === 'fleetManager'
          ? { accept: 'application/json' }
          : { accept: CDF_V1, 'content-type': CDF_V1 }),
        ...(token === undefined ? {} : { authorization: token }),
        ...options.headers,
      },
      body: Buffer.from(text),
      requestId: 'request-1',
      region: 'us-west-2',
      signed: false,
      trusted: false,
    };
    const service = cms.services.find((one) => one.operation(request) !== undefined)!;
    return toReply(await service.handle(service.operation(request)!, request));
  }

  const harness: CmsHarness = {
    context,
    cms,
    seed,
    jobs,
    published,
    registered,
    call,
    library: (method, path, body) => call('assetLibrary', method, path, { body }),
    facade: (path, body) => call('facade', 'POST', path, { body }),
    fleet: (path, filters) =>
      call(
        'fleetManager',
        'GET',
        filters === undefined ? path : `${path}?filters=${encodeURIComponent(JSON.stringify(filters))}`,
      ),
    publish: (topic, message) =>
      cms.onMessage({
        topic,
        payload: Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
        clientId: topic.split('/')[2] ?? '',
        certificateId: undefined,
      }),
    async onboard(vin = VIN) {
      await harness.library('POST', '/groups', supplier());
      await harness.facade(`/suppliers/ext-1/devices/${vin}/register`, registration());
      await harness.facade(`/suppliers/ext-1/devices/${vin}/activate`, activation(vin));
    },
  };
  return harness;
}

function checked(pool: string, authorization: string | undefined): TokenCheck {
  if (authorization === undefined) return { ok: false, reason: 'missing' };
  if (authorization === 'expired') return { ok: false, reason: 'expired' };
  if (authorization === TOKEN || authorization === `token of ${pool}`) return { ok: true, username: 'bob' };
  return { ok: false, reason: 'invalid' };
}

function toReply({ status, headers = {}, body }: HttpResponse): Reply {
  const text = body?.toString() ?? '';
  return {
    status,
    headers,
    text,
    get json() {
      return JSON.parse(text) as Body;
    },
  };
}

export const enc = encodeURIComponent;

export const supplier = (name = 'GenericSupplierName', externalId = 'ext-1') => ({
  parentPath: '/auto/suppliers',
  templateId: 'auto_supplier',
  name,
  attributes: { externalId },
});

export const user = (username = 'bob') => ({ username, firstName: 'Bob', lastName: 'Builder' });

export const userGroup = (name = 'bob') => ({
  parentPath: '/auto/users',
  templateId: 'auto_user',
  name,
  attributes: { firstName: 'Bob', lastName: 'Builder' },
});

export const vehicleAttributes = {
  make: 'Acme',
  model: 'DN',
  modelYear: 2019,
  bodyType: 'Saloon',
  fuelType: 'Gas',
  transmissionType: 'Auto',
  colorCode: 'B1B!',
  iviType: 'Premium',
};

export const vehicleGroup = (name = VIN) => ({
  parentPath: '/auto/vehicles',
  templateId: 'auto_vehicle',
  name,
  attributes: vehicleAttributes,
});

export const device = (deviceId = VIN) => ({
  deviceId,
  templateId: 'auto_ecu',
  state: 'active',
  groups: { manufactured_by: ['/auto/suppliers/genericsuppliername'] },
});

export const registration = () => ({
  templateId: 'auto_ecu',
  certificateId: CERTIFICATE_ID,
  attributes: { type: 'tcu', model: 'TCU-1' },
});

export const activation = (vin = VIN) => ({
  vehicle: { ...vehicleAttributes, vin, ecus: [{ type: 'tcu', id: vin, softwareVersion: '1.9.1' }] },
});

export const carData = (vin = VIN, serial = 1) => ({
  MessageId: `${vin}-2026-01-05T10:00:00.000Z#${serial}`,
  SimulationId: 'run1',
  CreationTimeStamp: '2026-01-05T10:00:00.000Z',
  SendTimeStamp: '2026-01-05T10:00:00.000Z',
  VIN: vin,
  TripId: 'trip1',
  GeoLocation: { Latitude: 33.77521, Longitude: -84.39609, Altitude: 0, Heading: 90, Speed: 42 },
  Speed: { Max: 60, Average: 40 },
  Odometer: { Metres: 67244.4 },
  Fuel: 37.5,
  OilTemp: 198.5,
});

export const trip = (vin = VIN) => ({
  MessageId: 'm1#2',
  CreationTimeStamp: '2026-01-05T10:10:00.000Z',
  SendTimeStamp: '2026-01-05T10:10:00.000Z',
  VIN: vin,
  TripId: 'trip1',
  TripSummary: {
    StartTime: '2026-01-05T10:00:00.000Z',
    Distance: 8.2,
    Duration: 600000,
    Fuel: 540,
    StartLocation: { Latitude: 33.775, Longitude: -84.396, Altitude: 0 },
    EndLocation: { Latitude: 33.749, Longitude: -84.388, Altitude: 0 },
    SpeedProfile: 0,
  },
});

export const dtc = (vin = VIN, code = 'P1734') => ({
  MessageId: 'm2#3',
  CreationTimeStamp: '2026-01-05T10:05:00.000Z',
  SendTimeStamp: '2026-01-05T10:05:00.000Z',
  VIN: vin,
  DTC: { Code: code, Changed: 'true' },
});

export const alert = (vin = VIN) => ({
  MessageId: 'm3#4',
  CreationTimeStamp: '2026-01-05T10:05:00.000Z',
  SendTimeStamp: '2026-01-05T10:05:00.000Z',
  VIN: vin,
  Alert: {
    VideoEvent: {
      event_name: 'Braking',
      event_source: 'dashcam',
      event_id: 169,
      event_data: {},
      event_location: { latitude: 33.77, longitude: -84.39 },
    },
  },
});

export const everywhere = {
  software: { swVersion: '' },
  anomalies: [],
  troubleCodes: [],
  vehicle: { vin: [], make: [], model: [], year: [] },
  boundaries: [[-180, -85, 180, 85]],
};
