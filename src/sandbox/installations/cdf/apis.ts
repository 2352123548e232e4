import type { IotJobs, IotRegistry } from '../../services/iot/contract.ts';
import type { TokenCheck, Tokens } from '../../services/cognito/contract.ts';
import type { MessageListener } from '../../broker/contract.ts';
import type { Context } from '../../kernel/context.ts';
import type { HttpRequest, HttpResponse, HttpService } from '../../kernel/http.ts';
import { MOST_MESSAGES, type Overview } from '../overview.ts';
import { apiIdOf, apiUrl } from '../../protocols/apiGateway/apiIds.ts';
import { createApiService } from '../../protocols/apiGateway/apiService.ts';
import { refusal } from '../../protocols/apiGateway/gateway.ts';
import type { CdfSettings, CdfUrls, CmsPools, CmsStackSpec } from './contract.ts';
import { CDF_V1 } from './rest/express.ts';
import { answerFacade, facadeOperation, facadeOperations } from './facade/api.ts';
import type { FacadeDeployment } from './facade/deployment.ts';
import {
  answerFleet,
  type FleetManager,
  fleetOperation,
  fleetOperations,
  fleetPreflight,
} from './fleet/api.ts';
import { cors } from './fleet/chalice.ts';
import { createEnrichment } from './fleet/enrichment.ts';
import { createFleetIndex } from './fleet/fleetIndex.ts';
import { createOtaJobs, desiredVersionOf } from './fleet/otaJobs.ts';
import { createParameters } from './fleet/parameters.ts';
import { createIngest, isRule } from './ingest/ingest.ts';
import { createMessageLog } from './ingest/messageLog.ts';
import { answerLibrary, libraryOperation, libraryOperations } from './library/api.ts';
import { createLibrary, type Library } from './library/library.ts';
import { seedLibrary } from './library/seed.ts';

const STAGE = 'Prod';
/** The group of the asset library below which vehicles are. */
const VEHICLES = '/auto/vehicles';

/** The REST APIs of the stacks, and the fleet manager's ingest. */
export interface CmsApis extends CdfUrls {
  /** `assetlibrary`, `facade`, `fleetmanager`: each serves `/execute-api/<apiId>/Prod/…`. */
  readonly services: readonly HttpService[];
  readonly onMessage: MessageListener;
  /** Whether there is a topic rule of this name. */
  readonly isRule: (name: string) => boolean;
  /** Call when a job execution has ended. The fleet manager learns the new version from over-the-air updates. */
  onJobEnded(execution: { jobId: string; thingName: string; status: string }): void;
  /** The messages received for a VIN, newest last. Used for `GET /_sandbox/vehicles/<VIN>/messages`. */
  messages(vin: string, query: URLSearchParams): unknown;
  /** For the sandbox's page. */
  readonly overview: () => Overview;
  /** Serves the APIs of these stacks, and fills an asset library that is empty. */
  install(stacks: CmsStackSpec): void;
  /** Forgets what was derived from a state that was emptied. */
  reload(): void;
}

export interface CmsParts {
  registry: Pick<IotRegistry, 'registerThing' | 'thing'>;
  pools: CmsPools;
  tokens: Pick<Tokens, 'checkIdToken'>;
  /** Publishes with QoS 1, as the cloud does. */
  publish: (topic: string, payload: string) => void;
  jobs: IotJobs;
}

/** The REST APIs of CMS and its CDF core, and the fleet manager's ingest. */
export function createCmsApis(
  context: Context,
  { registry, pools, tokens, publish, jobs: iotJobs }: CmsParts,
  settings: CdfSettings,
): CmsApis {
  const { store, clock, log, faults } = context;
  const index = createFleetIndex(store);
  const enrichment = createEnrichment(store, clock, settings, index.shared);
  const messages = createMessageLog(store, clock);
  const parameters = createParameters(store);
  const jobs = createOtaJobs(iotJobs, registry);
  const installed: CmsStackSpec[] = [];
  /** By core stack. */
  const libraries = new Map<string, Library>();
  /** By API id. */
  const cores = new Map<string, { core: string; library: Library }>();
  const facades = new Map<string, FacadeDeployment & { stack: string }>();
  const fleets = new Map<string, FleetManager & { stack: string }>();

  function libraryOf(core: string): Library {
    const known = libraries.get(core);
    if (known) return known;
    const library = createLibrary(context, core, { publish, onEvent: (event) => enrichment.onEvent(event) });
    libraries.set(core, library);
    cores.set(apiIdOf(core, 'assetlibrary'), { core, library });
    return library;
  }

  const check = (stack: string, request: HttpRequest): Promise<TokenCheck> =>
    tokens.checkIdToken(pools.poolOf(stack).userPoolId, request.headers.authorization);

  /**
   * By default the asset library is open, as in the documented installation. Otherwise users of any paired CMS may
   * call it.
   */
  async function authorizeLibrary(core: string, request: HttpRequest): Promise<HttpResponse | undefined> {
    if (settings.assetLibraryAuth === 'none' || request.method === 'OPTIONS') return undefined;
    const stacks = installed.filter((stack) => stack.core === core);
    const checks = await Promise.all(stacks.map((stack) => check(stack.name, request)));
    const best = checks.find(({ ok }) => ok) ?? checks.find((one) => !one.ok && one.reason === 'expired');
    return refusal(best ?? checks[0] ?? { ok: false, reason: 'invalid' });
  }

  const services: HttpService[] = [
    createApiService({
      name: 'assetlibrary',
      apis: cores,
      stage: STAGE,
      proxy: true,
      operations: libraryOperations,
      operationOf: libraryOperation,
      authorize: ({ core }, request) => authorizeLibrary(core, request),
      answer: ({ library }, request, path) => answerLibrary(library, request, path, log),
      failure: (code, message) => ({
        headers: { 'content-type': CDF_V1 },
        body: JSON.stringify({ error: message || code }),
      }),
    }),
    createApiService({
      name: 'facade',
      apis: facades,
      stage: STAGE,
      proxy: true,
      operations: facadeOperations,
      operationOf: facadeOperation,
      authorize: async ({ stack }, request) =>
        request.method === 'OPTIONS' ? undefined : refusal(await check(stack, request)),
      answer: (facade, request, path) => answerFacade(facade, request, path, log),
      failure: (code, message) => ({
        headers: { 'content-type': CDF_V1, ...cors },
        body: JSON.stringify({ error: message || code }),
      }),
    }),
    createApiService({
      name: 'fleetmanager',
      apis: fleets,
      stage: STAGE,
      proxy: true,
      operations: fleetOperations,
      operationOf: fleetOperation,
      authorize: async ({ stack }, request, path) =>
        fleetPreflight(request, path) ?? refusal(await check(stack, request)),
      answer: (fleet, request, path) => answerFleet(fleet, request, path, log),
      failure: (code, message) => ({
        headers: { 'content-type': 'application/json', ...cors },
        body: JSON.stringify({ Code: code, Message: `${code}: ${message}` }),
      }),
    }),
  ];

  const ingest = createIngest({
    store,
    clock,
    log,
    index,
    enrichment,
    messages,
    updateTroubleCode(vin, code) {
      const path = `${VEHICLES}/${vin}`;
      for (const library of libraries.values()) {
        if (library.groups.get(path, false)) library.groups.update(path, { attributes: { dtc: code } });
      }
    },
  });

  const url = (owner: string, api: string): string =>
    apiUrl(context.endpoints.http, apiIdOf(owner, api), STAGE);

  return {
    services,
    onMessage(message) {
      if (installed.length > 0) ingest(message);
    },
    isRule: (name) => installed.length > 0 && isRule(name),
    urlsOf: (stack) => ({ facade: url(stack, 'facade'), fleetManager: url(stack, 'fleetmanager') }),
    urlOfCore: (core) => ({ assetLibrary: url(core, 'assetlibrary') }),
    onJobEnded({ jobId, thingName, status }) {
      const version = status === 'SUCCEEDED' ? desiredVersionOf(iotJobs.document(jobId)) : undefined;
      if (version !== undefined) index.shared.changeSoftware(thingName.toLowerCase(), version);
    },
    messages: (vin, query) => messages.list(vin, query),
    overview() {
      const registered = [...libraries.values()].flatMap(({ groups }) =>
        groups
          .related(VEHICLES, { direction: 'in', label: 'group', relation: 'parent', sort: [] })
          .results.map(({ name }) => String(name)),
      );
      return {
        vehicles: messages.totalsOf(registered),
        messages: messages.newest(MOST_MESSAGES),
      };
    },
    install(stacks) {
      const { name: stack, core } = stacks;
      const library = libraryOf(core);
      seedLibrary(library);
      if (installed.some(({ name }) => name === stack)) return;
      facades.set(apiIdOf(stack, 'facade'), { stack, library, registry, publish, clock, faults });
      fleets.set(apiIdOf(stack, 'fleetmanager'), { stack, index, parameters, jobs, library });
      installed.push(stacks);
    },
    reload() {
      index.reload();
      enrichment.reload();
      messages.clear();
      for (const library of libraries.values()) library.reload();
    },
  };
}
