import { randomBytes } from 'node:crypto';
import type { Clock, IotRegistry, SandboxConfig, Store } from '../../contracts.ts';
import { isObject, type Json } from '../json.ts';
import type { Library } from '../library/library.ts';
import type { Filter } from '../library/searchQuery.ts';
import { ChaliceError } from './chalice.ts';
import type { FleetIndex } from './fleetIndex.ts';
import { item, repr } from './python.ts';
import { otaSchema, problemsOf } from './requestSchema.ts';

interface Job {
  jobId: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  desiredVersion: string;
  /** ARNs of things. */
  targets: string[];
}

export interface OtaJobs {
  /** POST /ota/create: control units found in the asset library by the filters. */
  createForMany(library: Library, body: unknown): Json;
  /** POST /ota/create/{deviceId}: the thing of that name in upper case. */
  createForOne(deviceId: string, body: unknown): Json;
  list(token: string | null): Json;
  devices(jobId: string, token: string | null, index: FleetIndex): Json;
  statuses(jobId: string, deviceIds: string[]): Json[];
}

const PAGE = 50;

/**
 * Updates over the air, as far as CMS shows them: jobs are recorded with their targets and stay QUEUED, as no
 * device is told of them.
 */
export function createOtaJobs(
  store: Store,
  clock: Clock,
  { region, accountId }: Pick<SandboxConfig, 'region' | 'accountId'>,
  registry: Pick<IotRegistry, 'thing'>,
): OtaJobs {
  const jobs = store.table<Job>('cms/fleet/jobs');

  /** Every failure of a create call, a bad body too, is turned into a 404. */
  function create(body: unknown, targetsOf: (body: Json) => string[]): Json {
    const problems = problemsOf(body, otaSchema);
    if (problems) throw new ChaliceError('NotFoundError', `BadRequestError: ${repr(problems)}`);
    const request = body as Json;
    if (typeof request.desiredVersion !== 'string') {
      throw new ChaliceError('NotFoundError', "'desiredVersion'");
    }
    const targets = targetsOf(request);
    if (targets.length === 0) {
      throw new ChaliceError('NotFoundError', 'ChaliceViewError: CDF Job publish error');
    }
    const jobId = `cdf-${randomBytes(5).toString('hex')}`;
    jobs.set(jobId, { jobId, createdAt: clock.now(), desiredVersion: request.desiredVersion, targets });
    return { jobId };
  }

  function jobOf(jobId: string): Job {
    const job = jobs.get(jobId);
    if (!job) {
      throw new ChaliceError('ChaliceViewError', `An error occurred (ResourceNotFoundException): ${jobId}`);
    }
    return job;
  }

  const seconds = (job: Job): number => job.createdAt / 1000;
  const thingName = (arn: string): string => arn.split('/').at(-1) ?? '';

  return {
    createForMany: (library, body) => create(body, (request) => targetsIn(library, request)),
    createForOne: (deviceId, body) =>
      create(body, () => {
        const thing = registry.thing(deviceId.toUpperCase());
        return thing ? [thing.thingArn] : [];
      }),
    list(token) {
      const { page, nextToken } = cut([...jobs.values()].reverse(), token);
      return {
        jobs: page.map((job) => ({
          jobArn: `arn:aws:iot:${region}:${accountId}:job/${job.jobId}`,
          jobId: job.jobId,
          targetSelection: 'SNAPSHOT',
          status: 'IN_PROGRESS',
          createdAt: seconds(job),
          lastUpdatedAt: seconds(job),
        })),
        ...nextToken,
      };
    },
    devices(jobId, token, index) {
      const job = jobOf(jobId);
      const vins = vinsByDevice(index);
      const { page, nextToken } = cut(job.targets, token);
      return {
        executionSummaries: page.map((thingArn) => {
          const vin = vins.get(thingName(thingArn).toLowerCase());
          return {
            thingArn,
            jobExecutionSummary: {
              status: 'QUEUED',
              queuedAt: seconds(job),
              lastUpdatedAt: seconds(job),
              executionNumber: 1,
            },
            deviceId: thingName(thingArn).toUpperCase(),
            ...(vin === undefined ? {} : { vin }),
          };
        }),
        ...nextToken,
      };
    },
    statuses(jobId, deviceIds) {
      const job = jobOf(jobId);
      return deviceIds.map((given) => {
        const deviceId = given.toUpperCase();
        const thingArn = job.targets.find((arn) => thingName(arn) === deviceId);
        if (thingArn === undefined) {
          throw new ChaliceError(
            'ChaliceViewError',
            `An error occurred (ResourceNotFoundException): no execution of ${jobId} for ${deviceId}`,
          );
        }
        return {
          execution: {
            jobId,
            status: 'QUEUED',
            thingArn,
            queuedAt: seconds(job),
            lastUpdatedAt: seconds(job),
            executionNumber: 1,
            versionNumber: 1,
            deviceId,
          },
        };
      });
    },
  };
}

/** ARNs of the things of the control units that match: of each list of values the first alone counts. */
function targetsIn(library: Library, request: Json): string[] {
  const filters: Filter[] = [];
  const installedIn = [{ relation: 'installed_in', direction: 'out' as const }];
  const given = isObject(request.filters) ? request.filters : {};
  const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);
  const version = isObject(given.software) ? item(given.software, 'swVersion') : undefined;
  if (typeof version === 'string' && version !== '') {
    filters.push({ path: [], field: 'softwareVersion', value: version });
  }
  const vehicle = isObject(given.vehicle) ? given.vehicle : {};
  const wanted = {
    dtc: first(given.troubleCodes),
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

function cut<T>(rows: T[], token: string | null): { page: T[]; nextToken: { nextToken?: string } } {
  const from = /^\d{1,9}$/.test(token ?? '') ? Number(token) : 0;
  const more = rows.length > from + PAGE;
  return { page: rows.slice(from, from + PAGE), nextToken: more ? { nextToken: String(from + PAGE) } : {} };
}
