import type { Json } from '../../../kit/json.ts';
import type { Data } from '../data.ts';
import { type Call, type Handler, intOf, Refused } from '../lambda.ts';
import { numbersAsText, textOf } from '../rows.ts';
import { guardDriver, maySee } from './scope.ts';
import { idOf } from './vehicles.ts';

/** Positions are shown for so long, whatever became of the vehicle. */
const OLDEST_POSITION_MS = 30 * 86_400_000;
const USUAL_PAGE = 20;
const MOST_CODES = 200;

/** A trip as the list of a vehicle has it: times in seconds, the duration in minutes. */
export function tripShown(data: Data, trip: Json): Json {
  const seconds = (value: unknown): number | null =>
    typeof value === 'number' ? Math.floor(value / 1000) : null;
  const events = data.storage('safety-events').indexed('tripId-index', trip.tripId);
  return {
    tripId: trip.tripId,
    startTime: seconds(trip.startTime),
    endTime: seconds(trip.endTime),
    duration: typeof trip.durationMs === 'number' ? Math.round(trip.durationMs / 60_000) : null,
    distance: trip.totalDistance ?? 0,
    maxSpeed: trip.maxSpeed ?? 0,
    avgSpeed: trip.averageSpeed ?? 0,
    // The level of the fuel, under another name.
    fuelConsumption: trip.fuelLevel ?? null,
    driverName: trip.driverName ?? null,
    driverId: trip.driverId ?? null,
    driverScore: trip.driverScore ?? null,
    safetyEventsCount: events.length,
  };
}

/** Trips, events, alerts, trouble codes and places. */
export function readHandlers(data: Data): Readonly<Record<string, Handler>> {
  const own = (call: Call): string => {
    guardDriver(call.caller, false);
    const vehicleId = idOf(data, call.params.vehicleId ?? '');
    maySee(data, call.caller, vehicleId);
    return vehicleId;
  };
  const newestFirst = (rows: Json[], by: string): Json[] =>
    rows.sort((a, b) => Number(b[by]) - Number(a[by]));
  const ofVehicle = (table: 'trips' | 'safety-events' | 'maintenance-alerts', id: string, by: string) =>
    newestFirst(data.storage(table).indexed('vehicleId-index', id), by);

  function trips(call: Call): Json {
    const vehicleId = own(call);
    const { query } = call.request;
    const limit = intOf(query, 'limit', USUAL_PAGE);
    const page = intOf(query, 'page', 1);
    const all = ofVehicle('trips', vehicleId, 'startTime');
    return {
      trips: all.slice((page - 1) * limit, page * limit).map((trip) => tripShown(data, trip)),
      ...{ total: all.length, page, limit, vehicleId },
      hasNextPage: page * limit < all.length,
      hasPrevPage: page > 1,
    };
  }

  function trip(call: Call): Json {
    const vehicleId = own(call);
    const found = data.storage('trips').get({ tripId: call.params.tripId ?? '-' });
    if (found?.vehicleId !== vehicleId) throw new Refused(404, 'Trip not found');
    return {
      trip: tripShown(data, found),
      safetyEvents: data.storage('safety-events').indexed('tripId-index', found.tripId),
      route: found.route ?? [],
    };
  }

  function events(call: Call): Json {
    const all = ofVehicle('safety-events', own(call), 'timestamp');
    const limit = intOf(call.request.query, 'limit', USUAL_PAGE);
    const page = intOf(call.request.query, 'page', 1);
    return {
      events: all.slice((page - 1) * limit, page * limit),
      pagination: { total: all.length, page, limit, hasNextPage: page * limit < all.length },
    };
  }

  function codes(call: Call): Json {
    const vehicleId = own(call);
    const { query } = call.request;
    const limit = Math.min(intOf(query, 'limit', MOST_CODES), MOST_CODES);
    const [status, source] = [query.get('status'), query.get('source')];
    const all = data
      .storage('dtc-history')
      .partition(vehicleId)
      .reverse()
      .filter(
        (row) => (status === null || row.status === status) && (source === null || row.source === source),
      );
    return { dtcs: all.slice(0, limit), total: all.length, limit, vehicleId, filters: { status, source } };
  }

  function locations(call: Call): Json {
    guardDriver(call.caller, false);
    const now = data.now();
    const rows = data.storage('vehicles').all();
    const shown = rows.map((row) => {
      const state = data.live.get(textOf(row.vehicleId));
      const { vehicleId, vin, fleetId, status, make, model } = row;
      const place = state?.location ?? lastPlaceOf(textOf(vehicleId));
      return {
        ...{ vehicleId, vin, fleetId, status, make, model },
        lat: place?.lat ?? null,
        lng: place?.lng ?? null,
        lastUpdate: place === undefined ? null : Math.floor(place.at / 1000),
        connectionStatus: state === undefined ? 'disconnected' : 'connected',
      };
    });
    const placed = shown.filter(({ lat }) => lat !== null);
    return {
      vehicles: shown,
      total: shown.length,
      withLocations: placed.length,
      cached: false,
      timestamp: Math.floor(now / 1000),
    };
  }

  function lastPlaceOf(vehicleId: string): { lat: number; lng: number; at: number } | undefined {
    const row = data.storage('telemetry').partition(vehicleId).at(-1);
    if (typeof row?.lat !== 'number' || typeof row.lng !== 'number') return undefined;
    const at = Number(row.timestamp);
    return data.now() - at < OLDEST_POSITION_MS ? { lat: row.lat, lng: row.lng, at } : undefined;
  }

  /** The rows of all vehicles that the caller sees, or of one. */
  function visible({ caller, request: { query } }: Call, rows: Json[]): Json[] {
    guardDriver(caller, false);
    const wanted = query.get('vehicleId');
    const kept = wanted === null ? rows : rows.filter(({ vehicleId }) => vehicleId === wanted);
    if (caller.seesAll) return kept;
    const enrolled = new Set(
      data
        .storage('fleet-enrollment')
        .all()
        .filter(({ fleetId }) => caller.fleetIds.includes(textOf(fleetId)))
        .map(({ vehicleId }) => vehicleId),
    );
    return kept.filter(({ vehicleId }) => enrolled.has(vehicleId));
  }

  return {
    'GET /api/v1/vehicles/{vehicleId}/trips': trips,
    'GET /api/v1/vehicles/{vehicleId}/trips/{tripId}': trip,
    'GET /api/v1/vehicles/{vehicleId}/safety-events': events,
    'GET /api/v1/vehicles/{vehicleId}/safety-alerts': (call) => ({
      alerts: ofVehicle('safety-events', own(call), 'timestamp'),
    }),
    'GET /api/v1/vehicles/{vehicleId}/maintenance-alerts': (call) => ({
      alerts: ofVehicle('maintenance-alerts', own(call), 'timestamp'),
    }),
    'GET /api/v1/vehicles/{vehicleId}/dtcs': codes,
    'GET /api/v1/vehicles/locations': locations,
    // Texts in place of numbers, here and for the events.
    'GET /api/v1/trips'(call) {
      const { query } = call.request;
      const limit = intOf(query, 'limit', USUAL_PAGE);
      const all = newestFirst(visible(call, data.storage('trips').all()), 'startTime');
      const after = query.get('last_key');
      const start = after === null ? 0 : all.findIndex(({ tripId }) => tripId === after) + 1;
      const page = all.slice(start, start + limit);
      const hasMore = start + limit < all.length;
      return {
        trips: page.map(numbersAsText),
        count: page.length,
        hasMore,
        lastKey: hasMore ? (page.at(-1)?.tripId ?? null) : null,
      };
    },
    'GET /api/v1/safety-events'(call) {
      const all = newestFirst(visible(call, data.storage('safety-events').all()), 'timestamp');
      return { events: all.map(numbersAsText), count: all.length };
    },
    'GET /api/v1/maintenance-alerts'(call) {
      const all = newestFirst(visible(call, data.storage('maintenance-alerts').all()), 'timestamp');
      return { alerts: all, count: all.length };
    },
  };
}
