import type { DriveOptions } from '../drive.ts';
import { createBattery, createTank } from './energy.ts';
import type { Gauges } from './gauges.ts';
import { LIMITS } from './limits.ts';

/** A mid-size car. */
const MASS = 1_500;
const ROLLING = 0.011 * MASS * 9.81;
/** Half the density of air times drag coefficient times frontal area. */
const AIR = 0.5 * 1.2 * 0.65;
/** Watts at the wheel, and newtons at standstill. */
const POWER = 90_000;
const FORCE = 6_000;
const STEEPEST = 0.2;

/**
 * Degrees Celsius. The engine gets hotter with its load, and its oil follows with a lag in seconds. An electric drive
 * unit stays far cooler.
 */
const OIL = { cold: 20, lag: 300, coolingLag: 60 };
const COOLANT = { lag: 150, perLoad: 8 };
const WARM = {
  combustion: { oil: 88, perLoad: 25, coolant: 88 },
  electric: { oil: 42, perLoad: 30, coolant: 34 },
} as const;
/** An oil temperature no healthy engine has. */
const OVERHEATED = { to: 150, perSecond: 6, seconds: 120 };

/** The movement of the vehicle since the previous sample. Meters, seconds, meters per second. */
export interface Stretch {
  seconds: number;
  metres: number;
  climb: number;
  speedBefore: number;
  speedAfter: number;
  /** Meters per second squared, at the end of the stretch. */
  lateral: number;
}

/** Energy, engine and gauges of a vehicle, over all its trips. */
export interface Vehicle {
  readonly gauges: Readonly<Gauges>;
  /** Whether the tank or battery is nearly empty. */
  readonly needsEnergy: boolean;
  /** How long it takes to fill it. */
  readonly refillSeconds: number;
  startTrip(): void;
  move(stretch: Stretch): void;
  refill(): void;
  /** The oil gets far too hot for two minutes. */
  overheat(): void;
}

export function createVehicle({
  powertrain = 'combustion',
  start = {},
}: Pick<DriveOptions, 'powertrain' | 'start'>): Vehicle {
  const warm = WARM[powertrain];
  const cold = start.oilTemperature ?? OIL.cold;
  const gauges: Gauges = {
    odometer: start.odometer ?? 12_000,
    tripOdometer: 0,
    fuel: 0,
    tankCapacity: 0,
    tripFuel: 0,
    charge: 0,
    batteryCapacity: 0,
    tripEnergy: 0,
    // An engine that was running before has not cooled down more than its oil.
    engineTemperature: Math.min(cold, warm.coolant),
    oilTemperature: cold,
    throttle: 0,
    maxThrottle: 0,
    acceleration: 0,
    lateralAcceleration: 0,
  };
  const store =
    powertrain === 'electric' ? createBattery(gauges, start.charge) : createTank(gauges, start.fuel);
  let hotFor = 0;

  function heat(seconds: number, load: number): void {
    const hot = Math.min(hotFor, seconds);
    hotFor -= hot;
    gauges.oilTemperature += Math.max(
      0,
      Math.min(OVERHEATED.to - gauges.oilTemperature, OVERHEATED.perSecond * hot),
    );
    const normal = warm.oil + warm.perLoad * load;
    const lag = gauges.oilTemperature > normal ? OIL.coolingLag : OIL.lag;
    gauges.oilTemperature += (normal - gauges.oilTemperature) * -Math.expm1(-(seconds - hot) / lag);
    const coolant = warm.coolant + COOLANT.perLoad * load;
    gauges.engineTemperature += (coolant - gauges.engineTemperature) * -Math.expm1(-seconds / COOLANT.lag);
  }

  return {
    gauges,
    get needsEnergy() {
      return store.nearlyEmpty;
    },
    refillSeconds: store.refillSeconds,
    startTrip() {
      gauges.tripOdometer = 0;
      store.startTrip();
    },
    move(stretch) {
      const { seconds, metres, speedBefore, speedAfter } = stretch;
      const joules = workOf(stretch);
      gauges.odometer += metres;
      gauges.tripOdometer += metres;
      store.take(joules, seconds);
      heat(seconds, seconds > 0 ? Math.min(1, Math.max(0, joules) / seconds / POWER) : 0);
      gauges.throttle = gauges.maxThrottle = throttleOf(joules, metres, seconds);
      gauges.acceleration = seconds > 0 ? (speedAfter - speedBefore) / seconds : 0;
      gauges.lateralAcceleration = stretch.lateral;
    },
    refill: () => store.fill(),
    overheat() {
      hotFor = OVERHEATED.seconds;
    },
  };
}

/** Joules at the wheels; negative when braking. */
function workOf({ seconds, metres, climb, speedBefore, speedAfter }: Stretch): number {
  if (metres <= 0 || seconds <= 0) return 0;
  // Replays with distant points can be faster than any car. Their energy is that of a car on the same path.
  const speed = Math.min(LIMITS.fastest, metres / seconds);
  const after = Math.min(LIMITS.fastest, speedAfter);
  const before = Math.min(LIMITS.fastest, speedBefore);
  const rise = Math.max(-STEEPEST * metres, Math.min(STEEPEST * metres, climb));
  const resistance = (ROLLING + AIR * speed * speed) * metres;
  return resistance + MASS * 9.81 * rise + (MASS * (after * after - before * before)) / 2;
}

/** The fraction of the force that the car can exert at this speed. */
function throttleOf(joules: number, metres: number, seconds: number): number {
  if (joules <= 0 || metres <= 0) return 0;
  return Math.min(1, joules / metres / Math.min(FORCE, (POWER * seconds) / metres));
}
