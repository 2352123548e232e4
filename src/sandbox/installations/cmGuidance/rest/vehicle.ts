import type { Json } from '../../../kit/json.ts';
import type { Data } from '../data.ts';
import { type Call, type Handler, Refused } from '../lambda.ts';
import { newestOf, valuesOf } from '../live.ts';
import { textOf } from '../rows.ts';
import { tripShown } from './reads.ts';
import { guardDriver, maySee } from './scope.ts';
import { classificationOf, idOf } from './vehicles.ts';

/** How many items the single read has of each list. */
const MOST_ITEMS = 20;
/** `/health` judges by the row, and by another age than the lists. */
const HEALTH_MS = 180_000;

/** The single read of a vehicle. */
export function vehicleHandlers(data: Data): Readonly<Record<string, Handler>> {
  function found({ caller, params }: Call): Json {
    guardDriver(caller, false);
    const vehicleId = idOf(data, params.vehicleId ?? '');
    maySee(data, caller, vehicleId);
    const row = data.storage('vehicles').get({ vehicleId });
    if (row === undefined) throw new Refused(404, `Vehicle ${vehicleId} not found`);
    return row;
  }

  function listOf(table: 'trips' | 'safety-events' | 'maintenance-alerts', by: string, id: string): Json[] {
    return data
      .storage(table)
      .indexed('vehicleId-index', id)
      .sort((a, b) => Number(b[by]) - Number(a[by]));
  }
  const part = (rows: readonly Json[]): Json => ({
    items: rows.slice(0, MOST_ITEMS),
    total: rows.length,
    hasMore: rows.length > MOST_ITEMS,
  });

  function signalsOf(vehicleId: string): Json[] {
    const state = data.live.get(vehicleId);
    if (state === undefined) return [];
    return data.signals.all().flatMap((row) => {
      const signal = state.signals[textOf(row.json_field)];
      if (signal === undefined) return [];
      return [
        {
          signalId: row.signal_id,
          name: row.json_field,
          vssPath: row.signal_name,
          value: String(signal.value),
          unit: row.unit,
          dataType: row.data_type,
          timestamp: signal.timestamp,
          ageMs: data.now() - signal.timestamp,
        },
      ];
    });
  }

  function single(call: Call): Json {
    const row = found(call);
    const vehicleId = textOf(row.vehicleId);
    const state = data.live.get(vehicleId);
    const values = state === undefined ? {} : valuesOf(state);
    const fleet = data.storage('fleets').get({ fleetId: textOf(row.fleetId) || '-' });
    const driver = data
      .storage('drivers')
      .all()
      .find(({ assignedVehicleId }) => assignedVehicleId === vehicleId);
    const campaigns = data.campaigns.indexed('targetArn-index', `vehicle:${textOf(row.vin)}`);
    const trips = listOf('trips', 'startTime', vehicleId);
    const newest = data.storage('telemetry').partition(vehicleId).at(-1);
    return {
      vehicle: {
        ...camelised(row),
        fleetName: fleet?.name ?? null,
        connectionStatus: state === undefined ? 'disconnected' : 'connected',
        lastConnectedAt: state?.lastSeenAt ?? null,
        liveSignals: signalsOf(vehicleId),
        currentLocation:
          state?.location === undefined
            ? null
            : {
                latitude: state.location.lat,
                longitude: state.location.lng,
                lastUpdated: state.location.at,
              },
        speed: values.speed ?? null,
        fuelLevel: values.fuelLevel ?? null,
        odometer: values.odometer ?? row.odometer ?? null,
        hasCertificate: data.storage('vehicle-certificates').get({ vehicleId }) !== undefined,
        currentDriverId: driver?.driverId ?? null,
        currentDriverName: driver?.name ?? null,
        // Whether Redis has something: it says nothing of fleets.
        enrollmentStatus: state === undefined ? 'NOT_ENROLLED' : 'ACTIVE',
        telemetrySource: state?.source ?? null,
        classification: classificationOf(row),
        hasCampaign: campaigns.length > 0,
      },
      trips: part(trips.map((trip) => tripShown(data, trip))),
      safetyAlerts: part(listOf('safety-events', 'timestamp', vehicleId)),
      maintenanceAlerts: part(listOf('maintenance-alerts', 'timestamp', vehicleId)),
      campaigns: { items: campaigns, total: campaigns.length },
      lastTrip: trips[0] === undefined ? null : tripShown(data, trips[0]),
      latestTelemetry:
        state === undefined ? (newest ?? null) : { ...values, vehicleId, timestamp: newestOf(state) },
    };
  }

  function health(call: Call): Json {
    const row = found(call);
    const vehicleId = textOf(row.vehicleId);
    const seen = Number(row.lastSeenAt ?? row.lastUpdated ?? 0);
    const isConnected = row.connectionStatus === 'connected' && data.now() - seen < HEALTH_MS;
    return {
      vehicleId,
      connectionStatus: isConnected ? 'connected' : 'disconnected',
      openAlerts: listOf('maintenance-alerts', 'timestamp', vehicleId).filter(
        ({ status }) => status === 'OPEN',
      ).length,
      timestamp: data.now(),
    };
  }

  return {
    'GET /api/v1/vehicles/{vehicleId}': single,
    'GET /api/v1/vehicles/{vehicleId}/health': health,
  };
}

/** The names of a row in camel case: those of other seeds are not. */
function camelised(row: Json): Json {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
