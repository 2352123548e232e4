import { randomBytes } from 'node:crypto';
import type { Store } from '../../../kernel/store.ts';
import type { Json } from '../../../kit/json.ts';
import type { Data } from '../data.ts';
import { textOf } from '../rows.ts';
import { numberOf } from './rules.ts';

/** A trip that is open, as the app keeps it. Times in ms. */
interface OpenTrip {
  readonly tripId: string;
  readonly vehicleId: string;
  readonly driverId: string | undefined;
  /** By the clock of the app: when it was opened, and when it was touched last. */
  readonly openedAt: number;
  readonly touchedAt: number;
  /** By the messages. */
  readonly startTime: number;
  readonly lastTime: number;
  readonly route: readonly Point[];
  /** km. */
  readonly distance: number;
  /** As the messages have it: mph. */
  readonly maxSpeed: number;
  readonly speedSum: number;
  readonly messages: number;
  readonly violations: number;
  readonly last: Json;
}

interface Point {
  readonly lat: number;
  readonly lng: number;
}

/** The app `trip-processor`. */
export interface Trips {
  /** Opens, updates or ends the trip of a vehicle. Its id, if one is open afterwards or has just ended. */
  take(message: Json): string | undefined;
  /** Ends what nobody ended. */
  sweep(): void;
  /** The id of the trip that is open. */
  openOf(vehicleId: string): string | undefined;
}

/** A trip begins with a message that is not older, ms. */
const OLDEST_START_MS = 5 * 60_000;
/** Ended without a word: after so long without a message, and so long after the start. */
const SILENT_MS = 5 * 60_000;
const LONGEST_MS = 30 * 60_000;
/** The hourly sweeper ends what was not touched for so long. */
const FORGOTTEN_MS = 2 * 3_600_000;
const SWEEP_MS = 3_600_000;
/** The row is written every so many messages. */
const FLUSH = 5;
/** Points of the route are so far apart, m. */
const APART_M = 10;
const NO_VALUE = -999;
const MOST_POINTS = 2000;

export function createTrips(store: Store, data: Data, isRunning: () => boolean): Trips {
  const open = store.table<OpenTrip>(`cm-guidance.open-trips/${data.stage}`);
  let sweptAt = 0;

  function driverOf(message: Json): string | undefined {
    const own = textOf(message.driverId);
    if (own !== '') return own;
    const assigned = data
      .storage('drivers')
      .all()
      .find(({ assignedVehicleId }) => assignedVehicleId === message.vehicleId);
    return assigned === undefined ? undefined : textOf(assigned.driverId);
  }

  function begun(message: Json, timestamp: number): OpenTrip {
    const vehicleId = textOf(message.vehicleId);
    const now = data.now();
    return {
      tripId: textOf(message.tripId) || `${vehicleId}-${timestamp}-${randomBytes(4).toString('hex')}`,
      vehicleId,
      driverId: driverOf(message),
      ...{ openedAt: now, touchedAt: now, startTime: timestamp, lastTime: timestamp },
      ...{ route: [], distance: 0, maxSpeed: 0, speedSum: 0, messages: 0, violations: 0, last: {} },
    };
  }

  function write(trip: OpenTrip, status: 'ACTIVE' | 'COMPLETED'): void {
    const events = data.storage('safety-events').indexed('tripId-index', trip.tripId);
    const driver =
      trip.driverId === undefined ? undefined : data.storage('drivers').get({ driverId: trip.driverId });
    data.storage('trips').put({
      tripId: trip.tripId,
      vehicleId: trip.vehicleId,
      // A key of an index is never null.
      driverId: trip.driverId,
      driverName: driver?.name ?? null,
      status,
      startTime: trip.startTime,
      endTime: status === 'COMPLETED' ? trip.lastTime : null,
      durationMs: trip.lastTime - trip.startTime,
      route: trip.route.map(({ lat, lng }) => ({ lat: String(lat), lng: String(lng) })),
      maxSpeed: trip.maxSpeed,
      averageSpeed: trip.messages === 0 ? 0 : rounded(trip.speedSum / trip.messages),
      totalDistance: rounded(trip.distance),
      driverScore: Math.max(0, 100 - 5 * trip.violations),
      telemetryCount: trip.messages,
      lastUpdated: trip.lastTime,
      fuelLevel: numberOf(trip.last.fuelLevel),
      safetyEventsCount: events.length,
    });
  }

  function complete(trip: OpenTrip): void {
    open.delete(trip.vehicleId);
    write(trip, 'COMPLETED');
    const { odometer, tire_pressure_fl, tire_pressure_fr, tire_pressure_rl, tire_pressure_rr } = trip.last;
    const tires = {
      tire_fl: tire_pressure_fl,
      tire_fr: tire_pressure_fr,
      tire_rl: tire_pressure_rl,
      tire_rr: tire_pressure_rr,
    };
    data.storage('vehicles').update(
      { vehicleId: trip.vehicleId },
      {
        ...{ activityStatus: 'idle', connectionStatus: 'connected', odometer, ...tires },
        lastUpdated: data.now(),
      },
    );
  }

  const isOver = ({ touchedAt, openedAt }: OpenTrip): boolean =>
    data.now() - touchedAt >= SILENT_MS || data.now() - openedAt >= LONGEST_MS;

  return {
    openOf: (vehicleId) => open.get(vehicleId)?.tripId,
    take(message) {
      const vehicleId = textOf(message.vehicleId);
      const { ignitionOn } = message;
      const timestamp = numberOf(message.timestamp) ?? data.now();
      const before = open.get(vehicleId);
      if (before !== undefined && isOver(before)) complete(before);
      const current = open.get(vehicleId);
      if (ignitionOn === false) {
        if (current === undefined) return undefined;
        complete(added(current, message, timestamp, data.now()));
        return current.tripId;
      }
      if (ignitionOn !== true) return current?.tripId;
      if (current === undefined && data.now() - timestamp > OLDEST_START_MS) return undefined;
      const trip = added(current ?? begun(message, timestamp), message, timestamp, data.now());
      open.set(vehicleId, trip);
      if (current === undefined || trip.messages % FLUSH === 0) write(trip, 'ACTIVE');
      return trip.tripId;
    },
    sweep() {
      if (isRunning()) for (const trip of [...open.values()]) if (isOver(trip)) complete(trip);
      const now = data.now();
      if (now - sweptAt < SWEEP_MS && now >= sweptAt) return;
      sweptAt = now;
      const rows = data.storage('trips');
      for (const row of rows.all()) {
        if (row.status !== 'ACTIVE' || now - Number(row.lastUpdated) < FORGOTTEN_MS) continue;
        rows.put({ ...row, status: 'COMPLETED', endTime: row.lastUpdated });
      }
    },
  };
}

/** The trip with one more message. */
function added(trip: OpenTrip, message: Json, timestamp: number, now: number): OpenTrip {
  const speed = valueOf(message.speed) ?? 0;
  const point = pointOf(message);
  const before = trip.route.at(-1);
  const step = point === undefined || before === undefined ? 0 : metresBetween(before, point);
  const isNew = point !== undefined && (before === undefined || step >= APART_M);
  return {
    ...trip,
    touchedAt: now,
    lastTime: Math.max(trip.lastTime, timestamp),
    route: isNew ? [...trip.route, point].slice(-MOST_POINTS) : trip.route,
    distance: trip.distance + (isNew ? step / 1000 : 0),
    maxSpeed: Math.max(trip.maxSpeed, speed),
    speedSum: trip.speedSum + speed,
    messages: trip.messages + 1,
    violations: trip.violations + (violates(message) ? 1 : 0),
    last: { ...trip.last, ...message },
  };
}

/** The limits of the score: m/s², mph, degrees Fahrenheit. */
function violates(message: Json): boolean {
  const of = (name: string): number => valueOf(message[name]) ?? 0;
  return (
    of('deceleration') < -3.9 ||
    of('acceleration') > 3.5 ||
    of('lateralAcceleration') > 4.4 ||
    of('speed') > 80 ||
    of('engineTemp') > 240
  );
}

function valueOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number === NO_VALUE ? undefined : number;
}

function pointOf({ lat, lng }: Json): Point | undefined {
  const [north, east] = [valueOf(lat), valueOf(lng)];
  return north === undefined || east === undefined ? undefined : { lat: north, lng: east };
}

const EARTH_M = 6_371_000;

/** Haversine. */
function metresBetween(one: Point, other: Point): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (angle: number): number => Math.sin(angle / 2) ** 2;
  const a =
    half(radians(other.lat - one.lat)) +
    Math.cos(radians(one.lat)) * Math.cos(radians(other.lat)) * half(radians(other.lng - one.lng));
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
