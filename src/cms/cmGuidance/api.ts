import * as z from 'zod';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { Rest, RestRequest } from '../kit/rest.ts';
import { bodyOf } from './replies.ts';
import {
  alertsSchema,
  codesSchema,
  createdFleetSchema,
  createdSchema,
  driversSchema,
  type Fleet,
  fleetsSchema,
  type Location,
  locationsSchema,
  type Manifest,
  manifestsSchema,
  eventsSchema,
  tripsSchema,
  vehicleDetailSchema,
  type VehicleDetail,
  vehiclePageSchema,
  type VehicleRow,
} from './shapes.ts';

/** What a new vehicle is created with; the rest the API fills in. */
export interface NewVehicle {
  vin: string;
  make: string;
  model: string;
  year: number | undefined;
  licensePlate: string;
  color: string;
  vehicleType: string;
  fuelType: string;
  fleetId: string;
  modelManifestName: string;
}

export interface Created {
  vehicleId: string;
  hasCertificate: boolean;
  certificateError: string | undefined;
  /** Texts of the CMS. */
  warnings: string[];
}

/** One call of each route that is used; the paths are those of 0.4. */
export interface Api {
  readonly rest: Rest;
  vehicles(query: VehicleQuery, signal: AbortSignal): Promise<Page<VehicleRow>>;
  /** Undefined if there is none. @throws CmsError CMS_UNAUTHORIZED for an operator until it is enrolled */
  vehicle(vehicleId: string, signal: AbortSignal): Promise<VehicleDetail | undefined>;
  createVehicle(vehicle: NewVehicle, signal: AbortSignal): Promise<Created>;
  /** Writes `fleetId` and with it the enrollment. @throws CmsError with `routeAbsent` where the gateway lacks it */
  moveVehicle(vehicleId: string, fleetId: string, signal: AbortSignal): Promise<void>;
  /** False if it is gone. @throws CmsError with `routeAbsent` where the gateway lacks it */
  deleteVehicle(vehicleId: string, signal: AbortSignal): Promise<boolean>;
  fleets(signal: AbortSignal): Promise<Fleet[]>;
  createFleet(name: string, description: string, signal: AbortSignal): Promise<Fleet>;
  drivers(
    page: PageRequest,
    signal: AbortSignal,
  ): Promise<Page<z.infer<typeof driversSchema>['drivers'][number]>>;
  createDriver(name: string, signal: AbortSignal): Promise<void>;
  manifests(signal: AbortSignal): Promise<Manifest[]>;
  createManifest(manifest: { modelManifestName: string }, signal: AbortSignal): Promise<void>;
  locations(signal: AbortSignal): Promise<Location[]>;
  /** The newest ones. @param most default 20 */
  trips(vehicleId: string, signal: AbortSignal, most?: number): Promise<z.infer<typeof tripsSchema>['trips']>;
  safetyEvents(vehicleId: string, signal: AbortSignal): Promise<z.infer<typeof eventsSchema>['events']>;
  alerts(
    vehicleId: string,
    signal: AbortSignal,
  ): Promise<NonNullable<z.infer<typeof alertsSchema>['alerts']>>;
  /** Of all vehicles that one may see. @throws CmsError with `routeAbsent` where the gateway lacks it */
  allSafetyEvents(signal: AbortSignal): Promise<Warning[]>;
  allAlerts(signal: AbortSignal): Promise<Warning[]>;
  /** Trouble codes that are ACTIVE. */
  troubleCodes(vehicleId: string, signal: AbortSignal): Promise<string[]>;
}

/** A safety event or a maintenance alert of a vehicle. */
export interface Warning {
  vehicleId: string;
  /** Milliseconds since 1970. */
  time: number | undefined;
  kind: string;
  text: string;
}

export interface VehicleQuery extends PageRequest {
  fleetId?: string;
  search?: string;
}

/** The API takes no more a page. */
const MOST_A_PAGE = 1000;
const BASE = '/api/v1';
/** What is in the answer of a change is not read. */
const anything = z.unknown();
const vehicleAnswer = z.looseObject({ vehicle: z.unknown() });

/** @param data the API of manifests; undefined where its stack is not deployed */
export function createApi(rest: Rest, data: Rest | undefined): Api {
  const call = async <T extends z.ZodType>(
    schema: T,
    doing: Message,
    request: RestRequest,
    of: Rest = rest,
  ): Promise<z.infer<T>> => bodyOf(schema, of, await of.send(request), doing);
  const get = <T extends z.ZodType>(
    schema: T,
    doing: Message,
    path: string,
    signal: AbortSignal,
    query: Record<string, string> = {},
  ) => call(schema, doing, { method: 'GET', path: `${BASE}${path}`, query, signal });
  const vehiclePath = (vehicleId: string) => `/vehicles/${encodeURIComponent(vehicleId)}`;
  const manifestApi = (): Rest => {
    if (data !== undefined) return data;
    throw new CmsError('STACK_OUTPUT_MISSING', l10n.t('The stack data-processing is not deployed.'), {
      remedy: l10n.t('Deploy the stack, which has the model manifests.'),
    });
  };

  return {
    rest,
    async vehicles({ size, next = '1', fleetId, search }, signal) {
      const page = await get(vehiclePageSchema, l10n.t('listing the vehicles'), '/vehicles', signal, {
        limit: String(Math.min(size, MOST_A_PAGE)),
        page: next,
        // By creation, so that new ones do not move the others between two pages.
        sortBy: 'createdAt',
        sortOrder: 'asc',
        ...(fleetId === undefined ? {} : { fleetId }),
        ...(search === undefined ? {} : { search }),
      });
      const here = Number(next);
      // `hasNextPage` is always false.
      const more = page.vehicles.length > 0 && here < (page.totalPages ?? here);
      return { items: page.vehicles, next: more ? String(here + 1) : undefined };
    },
    async vehicle(vehicleId, signal) {
      const doing = l10n.t('reading vehicle {id}', { id: vehicleId });
      const reply = await rest.send({ method: 'GET', path: `${BASE}${vehiclePath(vehicleId)}`, signal });
      return reply.status === 404 ? undefined : bodyOf(vehicleDetailSchema, rest, reply, doing);
    },
    async createVehicle({ year, ...vehicle }, signal) {
      const doing = l10n.t('creating the vehicle {vin}', { vin: vehicle.vin });
      const entry = {
        ...vehicle,
        ...(year === undefined ? {} : { year }),
        producer: 'cms-native',
        dataSource: 'vehicle-telemetry',
      };
      const { vehicle: made, classificationWarnings } = await call(createdSchema, doing, {
        ...{ method: 'POST', path: `${BASE}/vehicles`, body: { entry }, signal },
      });
      return {
        vehicleId: made.vehicleId,
        hasCertificate: made.hasCertificate === true,
        certificateError: made.certificateError,
        warnings: (classificationWarnings ?? []).map(({ code = '', message = code }) => message),
      };
    },
    async moveVehicle(vehicleId, fleetId, signal) {
      const doing = l10n.t('enrolling vehicle {id} in fleet {fleet}', { id: vehicleId, fleet: fleetId });
      const path = `${BASE}${vehiclePath(vehicleId)}`;
      const reply = await rest.send({ method: 'PUT', path, body: { fleetId }, signal });
      bodyOf(vehicleAnswer, rest, reply, doing);
    },
    async deleteVehicle(vehicleId, signal) {
      const doing = l10n.t('deleting vehicle {id}', { id: vehicleId });
      const reply = await rest.send({ method: 'DELETE', path: `${BASE}${vehiclePath(vehicleId)}`, signal });
      if (reply.status === 404) return false;
      bodyOf(anything, rest, reply, doing);
      return true;
    },
    async fleets(signal) {
      return (await get(fleetsSchema, l10n.t('listing the fleets'), '/fleets', signal)).fleets;
    },
    async createFleet(name, description, signal) {
      const doing = l10n.t('creating the fleet {name}', { name });
      // Without the wrapper the API makes a fleet without a name.
      const body = { entry: { name, description, data_source: 'vehicle-telemetry' } };
      const made = await call(createdFleetSchema, doing, {
        method: 'POST',
        path: `${BASE}/fleets`,
        body,
        signal,
      });
      return made.fleet;
    },
    async drivers({ size, next = '1' }, signal) {
      const doing = l10n.t('listing the drivers');
      const query = { limit: String(size), page: next };
      const page = await get(driversSchema, doing, '/drivers', signal, query);
      const here = Number(next);
      const pages = page.totalPages ?? Math.ceil((page.total ?? 0) / size);
      return {
        items: page.drivers,
        next: page.drivers.length > 0 && here < pages ? String(here + 1) : undefined,
      };
    },
    async createDriver(name, signal) {
      const doing = l10n.t('creating the driver {name}', { name });
      const [firstName = name, ...more] = name.split(' ');
      const body = { name, firstName, lastName: more.join(' '), status: 'active' };
      await call(anything, doing, { method: 'POST', path: `${BASE}/drivers`, body, signal });
    },
    async manifests(signal) {
      const doing = l10n.t('listing the model manifests');
      const request: RestRequest = { method: 'GET', path: `${BASE}/model-manifests`, signal };
      return (await call(manifestsSchema, doing, request, manifestApi())).modelManifests;
    },
    async createManifest(manifest, signal) {
      const doing = l10n.t('creating the model manifest {name}', { name: manifest.modelManifestName });
      const request: RestRequest = {
        method: 'POST',
        path: `${BASE}/model-manifests`,
        body: manifest,
        signal,
      };
      await call(anything, doing, request, manifestApi());
    },
    async locations(signal) {
      const doing = l10n.t('reading where the vehicles are');
      return (await get(locationsSchema, doing, '/vehicles/locations', signal)).vehicles;
    },
    async trips(vehicleId, signal, most = 20) {
      const doing = l10n.t('reading the trips of {id}', { id: vehicleId });
      const query = { limit: String(most) };
      return (await get(tripsSchema, doing, `${vehiclePath(vehicleId)}/trips`, signal, query)).trips;
    },
    async safetyEvents(vehicleId, signal) {
      const doing = l10n.t('reading the safety events of {id}', { id: vehicleId });
      return (await get(eventsSchema, doing, `${vehiclePath(vehicleId)}/safety-events`, signal)).events;
    },
    async alerts(vehicleId, signal) {
      const doing = l10n.t('reading the maintenance alerts of {id}', { id: vehicleId });
      const body = await get(alertsSchema, doing, `${vehiclePath(vehicleId)}/maintenance-alerts`, signal);
      return body.alerts ?? body.maintenanceAlerts ?? [];
    },
    async allSafetyEvents(signal) {
      const { events } = await get(
        eventsSchema,
        l10n.t('reading the safety events'),
        '/safety-events',
        signal,
      );
      return events.flatMap(({ eventType, ...event }) => warningOf(event, eventType ?? 'SAFETY_EVENT'));
    },
    async allAlerts(signal) {
      const doing = l10n.t('reading the maintenance alerts');
      const body = await get(alertsSchema, doing, '/maintenance-alerts', signal);
      const all = body.alerts ?? body.maintenanceAlerts ?? [];
      return all.flatMap(({ alertType, ...alert }) => warningOf(alert, alertType ?? 'MAINTENANCE_ALERT'));
    },
    async troubleCodes(vehicleId, signal) {
      const doing = l10n.t('reading the trouble codes of {id}', { id: vehicleId });
      const query = { limit: '200', status: 'ACTIVE' };
      const { dtcs } = await get(codesSchema, doing, `${vehiclePath(vehicleId)}/dtcs`, signal, query);
      const codes = dtcs.filter(({ status }) => status === undefined || status.toUpperCase() === 'ACTIVE');
      return [...new Set(codes.flatMap((each) => each.code ?? each.dtcCode ?? each.dtc_code ?? []))];
    },
  };
}

function warningOf(
  row: { vehicleId?: string | undefined; timestamp?: number | undefined; message?: string | undefined },
  kind: string,
): Warning[] {
  const { vehicleId, timestamp: time, message: text = kind } = row;
  return vehicleId === undefined ? [] : [{ vehicleId, time, kind, text }];
}
