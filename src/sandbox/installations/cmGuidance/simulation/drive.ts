import { createHash } from 'node:crypto';
import type { Json } from '../../../kit/json.ts';

/** What a run was asked for. */
export interface RunConfig {
  readonly trips: number;
  /** Points of a trip, 15 s apart. */
  readonly points: number;
  readonly city: string;
  readonly rule: string;
  /** 0-1. */
  readonly safetyRate: number;
  readonly safetyEvent: string | undefined;
  /** The names of the faults that are forced. */
  readonly faults: readonly string[];
  readonly driverId: string | undefined;
  /** Whether a number of vehicles was asked for, and not certain ones. */
  readonly byNumber: boolean;
  /** The body as it came, for the status. */
  readonly given: Json;
}

interface Place {
  readonly vehicleId: string;
  readonly trip: number;
  readonly point: number;
  readonly driverId: string | undefined;
  readonly now: number;
}

export const CITIES: Readonly<Record<string, readonly [lat: number, lng: number]>> = {
  nyc: [40.7128, -74.006],
  sf: [37.7749, -122.4194],
  chicago: [41.8781, -87.6298],
  miami: [25.7617, -80.1918],
  seattle: [47.6062, -122.3321],
  munich: [48.1351, 11.582],
  atlanta: [33.749, -84.388],
};
const SEATTLE = [47.6062, -122.3321] as const;
const FASTEST_MPH = 65;
/** About 300 m of latitude between two points. */
const STEP_DEGREES = 0.0027;

/** Values of each forced fault, beyond the limits of the event catalogue. */
export const FAULTS: Readonly<Record<string, Json>> = {
  force_tire_blowout: { tire_pressure_fl: 0, tire_tread_fl: 1 },
  force_engine_overheat: { engineTemp: 245, coolant_temp: 230 },
  force_battery_critical: { batteryVoltage: 10.8 },
  force_brake_failure: { brake_wear: 10 },
  force_oil_pressure_low: { oilPressure: 10 },
  force_maintenance_alert: { oil_life: 5 },
};
export const SAFETY_EVENTS: Readonly<Record<string, Json>> = {
  hard_braking: { deceleration: -6 },
  seatbelt_violation: { seatbeltStatus: false },
  phone_usage: { phone_use: 1 },
  harsh_cornering: { lateralAcceleration: 5.5 },
  collision_avoidance: { aeb_act: 1 },
};

/** The message of a vehicle at a point of a trip; the last one of a trip switches the engine off. */
export function messageOf(config: RunConfig, { vehicleId, trip, point, driverId, now }: Place): Json {
  const [lat, lng] = CITIES[config.city] ?? SEATTLE;
  const isFirst = point === 0;
  const isLast = point + 1 >= config.points;
  // The same vehicle drives the same way each time.
  const [a = 0, b = 0] = createHash('sha256').update(`${vehicleId}/${trip}`).digest();
  const angle = (a / 256) * 2 * Math.PI;
  const speed = isLast
    ? 0
    : Math.round(FASTEST_MPH * Math.sin((Math.PI * (point + 1)) / (config.points + 1)));
  const forced = config.faults.reduce<Json>((all, name) => ({ ...all, ...FAULTS[name] }), {});
  const chance = createHash('sha256').update(`${vehicleId}/${trip}/${point}`).digest()[0] ?? 0;
  const isUnsafe = chance / 256 < config.safetyRate;
  const safety = { ...SAFETY_EVENTS[config.safetyEvent ?? (isUnsafe ? 'hard_braking' : '')] };
  return {
    messageType: 'TELEMETRY',
    ...{ vehicleId, timestamp: now, speed },
    lat: lat + (b / 256) * 0.02 + Math.cos(angle) * STEP_DEGREES * point,
    lng: lng + (a / 256) * 0.02 + Math.sin(angle) * STEP_DEGREES * point,
    heading: Math.round((angle * 180) / Math.PI),
    ...{ acceleration: 0, deceleration: 0, lateralAcceleration: 0, engineRPM: isLast ? 0 : 800 + speed * 30 },
    ...{ engineTemp: 195, coolant_temp: 190, oilPressure: 40, fuel_pressure: 45, batteryVoltage: 13.8 },
    ...{ tire_pressure_fl: 33, tire_pressure_fr: 33, tire_pressure_rl: 33, tire_pressure_rr: 33 },
    ...{ fuelLevel: 80 - point / 4, oil_life: 70, brake_wear: 60, odometer: 12_000 + trip * 5 + point / 4 },
    ...{ seatbeltStatus: true, phone_use: 0, dtc_codes_active: 0 },
    driverId: driverId ?? null,
    ignitionOn: !isLast,
    ...(isFirst ? { engineEvent: 'ENGINE_START' } : isLast ? { engineEvent: 'ENGINE_STOP' } : {}),
    ...forced,
    ...safety,
    tripProgress: {
      ...{ routeIndex: point, totalRoutePoints: config.points },
      progressPercentage: Math.round((100 * (point + 1)) / config.points),
      estimatedTripDuration: config.points * 15,
      elapsedTripTime: point * 15,
      estimatedRemainingTime: (config.points - point - 1) * 15,
    },
  };
}
