import { randomBytes } from 'node:crypto';
import type { IotJobs, IotRegistry } from '../../../services/iot/contract.ts';
import { AwsError } from '../../../kernel/http.ts';
import { isObject, type Json } from '../../../kit/json.ts';
import type { Library } from '../library/library.ts';
import type { Filter } from '../library/searchQuery.ts';
import { defined } from '../../../kit/defined.ts';
import { lastSegment } from '../library/paths.ts';
import { ChaliceError } from './chalice.ts';
import type { FleetIndex } from './fleetIndex.ts';
import { item, repr } from './python.ts';
import { otaSchema, problemsOf } from './requestSchema.ts';

export interface OtaJobs {
  /** POST /ota/create: for all control units in the asset library that match the filters. */
  createForMany(library: Library, body: unknown): Json;
  /** POST /ota/create/{deviceId}: for the thing with that name in upper case. */
  createForOne(deviceId: string, body: unknown): Json;
  list(token: string | null): Json;
  devices(jobId: string, token: string | null, index: FleetIndex): Json;
  statuses(jobId: string, deviceIds: string[]): Json[];
}

const PAGE = 50;

/**
 * Over-the-air updates. Each is an AWS IoT job whose document is made from the CDF command template `OtaUpdate`,
 * which CMS installs.
 */
export function createOtaJobs(jobs: IotJobs, registry: Pick<IotRegistry, 'thing'>): OtaJobs {
  /** As in the original, every failure of a create call, even an invalid body, becomes a 404. */
  function create(body: unknown, targetsOf: (body: Json) => string[]): Json {
    const problems = problemsOf(body, otaSchema);
    if (problems) throw new ChaliceError('NotFoundError', `BadRequestError: ${repr(problems)}`);
    const request = body as Json;
    const { desiredVersion } = request;
    if (typeof desiredVersion !== 'string') throw new ChaliceError('NotFoundError', "'desiredVersion'");
    const commandId = randomBytes(5).toString('hex');
    const jobId = `cdf-${commandId}`;
    const document = JSON.stringify({ operation: 'OtaUpdate', desiredVersion, commandId });
    const targets = targetsOf(request);
    try {
      if (targets.length === 0) throw new AwsError('InvalidRequestException', 'no targets');
      jobs.create({ jobId, targets, document });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new ChaliceError('NotFoundError', 'ChaliceViewError: CDF Job publish error');
    }
    return { jobId };
  }

  const paged = (token: string | null) => ({ size: PAGE, token: token ?? undefined });

  return {
    createForMany: (library, body) => create(body, (request) => targetsIn(library, request)),
    createForOne: (deviceId, body) =>
      create(body, () => {
        const thing = registry.thing(deviceId.toUpperCase());
        return thing ? [thing.thingArn] : [];
      }),
    list: (token) => forwarding(() => ({ ...jobs.list(paged(token)) })),
    devices(jobId, token, index) {
      const { executionSummaries, ...rest } = forwarding(() => jobs.executions(jobId, paged(token)));
      const vins = vinsByDevice(index);
      return {
        executionSummaries: executionSummaries.map((summary) => {
          const device = lastSegment(summary.thingArn);
          const vin = vins.get(device.toLowerCase());
          return { ...summary, deviceId: device.toUpperCase(), ...defined({ vin }) };
        }),
        ...rest,
      };
    },
    statuses: (jobId, deviceIds) =>
      deviceIds.map((id) => {
        const deviceId = id.toUpperCase();
        const { execution } = forwarding(() => jobs.execution(jobId, deviceId));
        return { execution: { ...execution, deviceId } };
      }),
  };
}

/** When AWS IoT refuses a call, the backend answers 500. */
function forwarding<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new ChaliceError('ChaliceViewError', `An error occurred (${error.code}): ${error.message}`);
  }
}

/** The target version in a job's document; undefined when the job is not an update. */
export function desiredVersionOf(document: string): string | undefined {
  const value: unknown = JSON.parse(document);
  return isObject(value) && typeof value.desiredVersion === 'string' ? value.desiredVersion : undefined;
}

/** Thing ARNs of the matching control units. As in the original, only the first value of each list counts. */
function targetsIn(library: Library, request: Json): string[] {
  const filters: Filter[] = [];
  const installedIn = [{ relation: 'installed_in', direction: 'out' as const }];
  const requested = isObject(request.filters) ? request.filters : {};
  const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);
  const version = isObject(requested.software) ? item(requested.software, 'swVersion') : undefined;
  if (typeof version === 'string' && version !== '') {
    filters.push({ path: [], field: 'softwareVersion', value: version });
  }
  const vehicle = isObject(requested.vehicle) ? requested.vehicle : {};
  const wanted = {
    dtc: first(requested.troubleCodes),
    name: first(vehicle.vin),
    make: first(vehicle.make),
    model: first(vehicle.model),
    modelYear: first(vehicle.year),
  };
  for (const [field, value] of Object.entries(wanted)) {
    if (typeof value === 'string' || typeof value === 'number') {
      filters.push({ path: installedIn, field, value: String(value) });
    }
  }
  const { results } = library.search.find({
    types: ['auto_ecu'],
    ancestorPath: undefined,
    filters: filters.map((filter) => ({ comparison: 'eq' as const, filter })),
    exist: [],
    nexist: [],
    facet: undefined,
    summarize: false,
    offset: '0',
    count: '10000',
    sort: [],
  });
  return results.map((device) => device.awsIotThingArn).filter((arn) => typeof arn === 'string');
}

function vinsByDevice(index: FleetIndex): Map<string, string> {
  const vins = new Map<string, string>();
  for (const { vin, shared } of index.allLatest()) {
    for (const { deviceid } of shared?.devices ?? []) vins.set(deviceid, vin);
  }
  return vins;
}
