import { LIMITS } from './limits.ts';

/** A mid-size petrol car. */
const MASS = 1_500;
const ROLLING = 0.011 * MASS * 9.81;
/** Half the density of air times drag coefficient times frontal area. */
const AIR = 0.5 * 1.2 * 0.65;
/** Joules at the wheel from a litre of petrol. */
const JOULES_A_LITRE = 34.2e6 * 0.28;
const IDLING = 0.8 / 3600;
/** Watts. */
const POWER = 90_000;
const STEEPEST = 0.2;

const TANK = 60;
const RESERVE = 5;

/** Degrees Celsius; the warm engine gets hotter with its load, and the oil follows in about so many seconds. */
const OIL = { cold: 20, warm: 88, perLoad: 25, lag: 300, coolingLag: 60 };
/** The anomaly: CMS takes more than 280 °F, that is 137.8 °C, for one. */
const OVERHEATED = { to: 150, perSecond: 6, seconds: 120 };

/** What happened to the vehicle since the sample before. Metres, seconds, metres per second. */
export interface Stretch {
  seconds: number;
  metres: number;
  climb: number;
  speedBefore: number;
  speedAfter: number;
}

export interface Gauges {
  /** Metres. */
  odometer: number;
  tripOdometer: number;
  /** Litres. */
  fuel: number;
  tankCapacity: number;
  tripFuel: number;
  /** Degrees Celsius. */
  oilTemperature: number;
}

/** What burns, turns and warms up in a vehicle, over all its trips. */
export interface Vehicle {
  readonly gauges: Readonly<Gauges>;
  /** The tank is nearly empty. */
  readonly needsFuel: boolean;
  startTrip(): void;
  move(stretch: Stretch): void;
  refuel(): void;
  /** The oil gets far too hot for two minutes. */
  overheat(): void;
}

export function createVehicle(start: { odometer?: number; fuel?: number; oilTemperature?: number }): Vehicle {
  const fuel = start.fuel ?? 45;
  const gauges: Gauges = {
    odometer: start.odometer ?? 12_000,
    tripOdometer: 0,
    fuel,
    tankCapacity: Math.max(TANK, fuel),
    tripFuel: 0,
    oilTemperature: start.oilTemperature ?? OIL.cold,
  };
  let hotFor = 0;

  function burn(litres: number): void {
    gauges.tripFuel += litres;
    gauges.fuel -= litres;
    // A leap of a day's drive from one sample to the next: the tank was filled on the way.
    while (gauges.fuel < 0) gauges.fuel += gauges.tankCapacity;
  }

  function warm(seconds: number, load: number): void {
    const hot = Math.min(hotFor, seconds);
    hotFor -= hot;
    gauges.oilTemperature += Math.max(
      0,
      Math.min(OVERHEATED.to - gauges.oilTemperature, OVERHEATED.perSecond * hot),
    );
    const normal = OIL.warm + OIL.perLoad * load;
    const lag = gauges.oilTemperature > normal ? OIL.coolingLag : OIL.lag;
    gauges.oilTemperature += (normal - gauges.oilTemperature) * -Math.expm1(-(seconds - hot) / lag);
  }

  return {
    gauges,
    get needsFuel() {
      return gauges.fuel < RESERVE;
    },
    startTrip() {
      gauges.tripOdometer = 0;
      gauges.tripFuel = 0;
    },
    move(stretch) {
      const { seconds, metres } = stretch;
      const joules = work(stretch);
      gauges.odometer += metres;
      gauges.tripOdometer += metres;
      burn(joules / JOULES_A_LITRE + IDLING * seconds);
      warm(seconds, seconds > 0 ? Math.min(1, joules / seconds / POWER) : 0);
    },
    refuel() {
      gauges.fuel = gauges.tankCapacity;
    },
    overheat() {
      hotFor = OVERHEATED.seconds;
    },
  };
}

/** Joules that the engine gives; brakes give nothing back. */
function work({ seconds, metres, climb, speedBefore, speedAfter }: Stretch): number {
  if (metres <= 0 || seconds <= 0) return 0;
  // Replays of far points are faster than any car; their fuel is that of a car on the same way.
  const speed = Math.min(LIMITS.speed, metres / seconds);
  const after = Math.min(LIMITS.speed, speedAfter);
  const before = Math.min(LIMITS.speed, speedBefore);
  const rise = Math.max(-STEEPEST * metres, Math.min(STEEPEST * metres, climb));
  const resistance = (ROLLING + AIR * speed * speed) * metres;
  return Math.max(0, resistance + MASS * 9.81 * rise + (MASS * (after * after - before * before)) / 2);
}
