import { findThing } from '../../aws/iot/things.ts';
import { defined } from '../../core/defined.ts';
import { isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import { ambiguousVin } from '../contract/ambiguousVin.ts';
import type { PasswordNeed } from '../contract/credentials.ts';
import { everyItem } from '../contract/pages.ts';
import type { LiveVehicle, VehicleDetail, VehicleRecord, Vehicles } from '../contract/vehicles.ts';
import { unlessDenied } from '../kit/denied.ts';
import { unlessNotThere } from './replies.ts';
import type { VehicleDetail as Detail, VehicleRow } from './shapes.ts';
import type { Sources } from './sources.ts';

/** Ids of vehicles begin so; the API takes everything else for a VIN. */
const ID = 'VEH-';
const FLEET = l10n.t('Fleet');
const TELEMETRY = l10n.t('Telemetry');

/** The vehicles of a deployment, as its REST API has them. */
export function createVehicles(sources: Sources, needs: PasswordNeed): Vehicles {
  const { api, connection } = sources;
  return {
    needs,
    async list(page, signal) {
      const { items, next } = await api.vehicles(page, signal);
      return { items: items.map(recordOf), next };
    },
    async find(name, signal) {
      if (name.startsWith(ID)) {
        const row = await rowById(name, sources, signal);
        return row && recordOf(row);
      }
      const rows = await rowsOfVin(name, sources, signal);
      const [one, another] = rows;
      if (another !== undefined)
        throw ambiguousVin(
          name,
          rows.map((row) => ({ id: row.vehicleId })),
        );
      return one && recordOf(one);
    },
    // Only the CMS knows the id.
    refOf: () => undefined,
    detailHeadings: [
      { id: 'fleet', label: FLEET },
      { id: 'telemetry', label: TELEMETRY },
    ],
    async details(vehicle, signal) {
      const detail = await api.vehicle(vehicle.id, signal);
      const thing = await unlessDenied(findThing(connection, vehicle.thingName, signal));
      return [
        fleetDetail(detail),
        telemetryDetail(detail),
        {
          id: 'thing',
          label: l10n.t('Thing'),
          state: thing === undefined ? undefined : 'registered',
          words: thing?.name,
          icon: thing === undefined ? 'circle-slash' : 'chip',
          thingArn: thing?.arn,
          value: thing,
        },
        ...(await historyOf(vehicle, sources, signal)),
      ];
    },
    async live(vehicle, signal) {
      const detail = await api.vehicle(vehicle.id, signal);
      return detail && liveOf(vehicle, detail, await codesOf(vehicle, sources, signal));
    },
  };
}

export function refOf({ vehicleId, vin = vehicleId }: Pick<VehicleRow, 'vehicleId' | 'vin'>): VehicleRef {
  return { vin, id: vehicleId, thingName: vin };
}

export function recordOf(row: VehicleRow): VehicleRecord {
  const { make = '', model = '', year, fleetId, status, connectionStatus, activityStatus } = row;
  return {
    ...refOf(row),
    ...{ make, model, modelYear: year ?? 0, owners: [] },
    attributes: defined({
      fleetId,
      status,
      connectionStatus,
      activityStatus,
      dataSource: row.dataSource,
      modelManifestName: row.modelManifestName,
      fuelType: row.fuelType,
    }),
    condition: {
      words: l10n.list(
        [
          connectionStatus === 'connected' ? l10n.t('connected') : l10n.t('not connected'),
          fleetId === undefined ? l10n.t('in no fleet') : l10n.verbatim(fleetId),
        ],
        'comma',
      ),
      wrong: false,
    },
  };
}

/** A vehicle by its id; by the list where an operator may not read it because it is not enrolled. */
export async function rowById(
  vehicleId: string,
  { api }: Pick<Sources, 'api'>,
  signal: AbortSignal,
): Promise<VehicleRow | undefined> {
  try {
    return (await api.vehicle(vehicleId, signal))?.vehicle;
  } catch (error) {
    if (!isCmsError(error) || error.details.status !== 403) throw error;
  }
  const all = everyItem((page) => api.vehicles(page, signal), l10n.t('listing the vehicles'), 1000);
  for await (const row of all) if (row.vehicleId === vehicleId) return row;
  return undefined;
}

/** Every vehicle of a VIN: nothing keeps the CMS from having several. */
export async function rowsOfVin(
  vin: string,
  { api }: Pick<Sources, 'api'>,
  signal: AbortSignal,
): Promise<VehicleRow[]> {
  const found = new Map<string, VehicleRow>();
  // The search minds the case.
  for (const search of new Set([vin, vin.toUpperCase()])) {
    const all = everyItem(
      (page) => api.vehicles({ ...page, search }, signal),
      l10n.t('looking for {vin} among the vehicles', { vin }),
    );
    for await (const row of all) if (row.vin === search) found.set(row.vehicleId, row);
  }
  return [...found.values()];
}

async function codesOf({ id }: VehicleRef, { api }: Sources, signal: AbortSignal): Promise<string[]> {
  // A gateway may lack the route: then nothing is known of codes.
  return (await unlessNotThere(api.troubleCodes(id, signal))) ?? [];
}

/** Undefined until there was telemetry of it. */
export function liveOf(
  { vin }: Pick<VehicleRef, 'vin'>,
  { vehicle, latestTelemetry }: Detail,
  troubleCodes: readonly string[],
): LiveVehicle | undefined {
  const { currentLocation, make = '', model = '', year } = vehicle;
  const latitude = latestTelemetry?.lat ?? currentLocation?.latitude;
  const longitude = latestTelemetry?.lng ?? currentLocation?.longitude;
  if (latestTelemetry?.timestamp === undefined && latitude === undefined) return undefined;
  return {
    ...{ vin, make, model, modelYear: year ?? 0, troubleCodes: [...troubleCodes], devices: [] },
    ...defined({ at: latestTelemetry?.timestamp }),
    position:
      latitude === undefined || longitude === undefined
        ? undefined
        : { latitude, longitude, headingDegrees: latestTelemetry?.heading ?? currentLocation?.heading ?? 0 },
  };
}

function fleetDetail(detail: Detail | undefined): VehicleDetail {
  const { fleetId, fleetName } = detail?.vehicle ?? {};
  const isIn = fleetId !== undefined;
  const words = fleetName === undefined ? fleetId : `${fleetName} (${fleetId ?? '-'})`;
  return {
    ...{ id: 'fleet', label: FLEET, state: fleetId, words: isIn ? words : l10n.t('in no fleet') },
    icon: isIn ? 'organization' : 'circle-slash',
    value: isIn ? { fleetId, fleetName } : undefined,
  };
}

function telemetryDetail(detail: Detail | undefined): VehicleDetail {
  const time = detail?.latestTelemetry?.timestamp;
  const state = detail?.vehicle.connectionStatus;
  const at = time === undefined ? undefined : new Date(time).toISOString();
  return {
    ...{ id: 'telemetry', label: TELEMETRY, state: at === undefined ? undefined : (state ?? 'seen') },
    words: at === undefined ? l10n.t('nothing yet') : [state, at].filter(Boolean).join(' · '),
    icon: state === 'connected' ? 'pass' : 'circle-outline',
    value: at === undefined ? undefined : { connectionStatus: state, timestamp: time },
  };
}

/** What the stream made of its telemetry, as far as the gateway has the routes. */
async function historyOf(
  { id }: VehicleRef,
  { api }: Sources,
  signal: AbortSignal,
): Promise<VehicleDetail[]> {
  const trips = await unlessNotThere(api.trips(id, signal));
  const events = await unlessNotThere(api.safetyEvents(id, signal));
  const alerts = await unlessNotThere(api.alerts(id, signal));
  const codes = await unlessNotThere(api.troubleCodes(id, signal));
  const detailOf = (
    about: Pick<VehicleDetail, 'id' | 'label' | 'icon'>,
    all: readonly object[] | undefined,
    named: (string | undefined)[],
  ): VehicleDetail[] => {
    if (all === undefined) return [];
    const words = [String(all.length), ...[...new Set(named)].filter((name) => name !== undefined)].join(
      ' · ',
    );
    return [{ ...about, state: String(all.length), words, value: { items: all } }];
  };
  return [
    ...detailOf({ id: 'trips', label: l10n.t('Trips'), icon: 'milestone' }, trips, []),
    ...detailOf(
      { id: 'safetyEvents', label: l10n.t('Safety events'), icon: 'shield' },
      events,
      (events ?? []).map(({ eventType }) => eventType),
    ),
    ...detailOf(
      { id: 'alerts', label: l10n.t('Maintenance alerts'), icon: 'tools' },
      alerts,
      (alerts ?? []).map(({ alertType }) => alertType),
    ),
    ...detailOf(
      { id: 'codes', label: l10n.t('Trouble codes'), icon: 'warning' },
      codes?.map((code) => ({ code })),
      codes ?? [],
    ),
  ];
}
