import type { Gauges } from './gauges.ts';

type EnergyGauges = Pick<
  Gauges,
  'fuel' | 'tankCapacity' | 'tripFuel' | 'charge' | 'batteryCapacity' | 'tripEnergy'
>;

/** The vehicle's source of energy. It keeps the vehicle's gauges up to date. */
export interface EnergyStore {
  readonly nearlyEmpty: boolean;
  /** How long it takes to fill. */
  readonly refillSeconds: number;
  startTrip(): void;
  /** Consumes the joules that the wheels took in these seconds. Negative joules were given back by braking. */
  take(joules: number, seconds: number): void;
  fill(): void;
}

/** Gasoline: joules at the wheel per liter; liters per second when idling. */
const PETROL = {
  joules: 34.2e6 * 0.28,
  idling: 0.8 / 3600,
  tank: 60,
  reserve: 5,
  start: 45,
  refillSeconds: 180,
};

const KILOWATT_HOUR = 3.6e6;

/**
 * A mid-size electric car: the efficiency from the battery to the wheels and back, the watts of what is always on, and
 * the most watts that braking can charge the battery with.
 */
const BATTERY = {
  capacity: 60 * KILOWATT_HOUR,
  toWheels: 0.88,
  fromWheels: 0.65,
  recuperation: 60_000,
  auxiliaryWatts: 450,
  reserve: 0.08,
  start: 0.8,
  /** At a fast charger, to four fifths. */
  refillSeconds: 1500,
  refillTo: 0.8,
};

export function createTank(gauges: EnergyGauges, litres: number = PETROL.start): EnergyStore {
  gauges.fuel = litres;
  gauges.tankCapacity = Math.max(PETROL.tank, litres);
  return {
    refillSeconds: PETROL.refillSeconds,
    get nearlyEmpty() {
      return gauges.fuel < PETROL.reserve;
    },
    startTrip() {
      gauges.tripFuel = 0;
    },
    take(joules, seconds) {
      // Brakes do not recover energy.
      const used = Math.max(0, joules) / PETROL.joules + PETROL.idling * seconds;
      gauges.tripFuel += used;
      gauges.fuel -= used;
      // If one sample covers a very long distance, the vehicle was refueled on the way.
      while (gauges.fuel < 0) gauges.fuel += gauges.tankCapacity;
    },
    fill() {
      gauges.fuel = gauges.tankCapacity;
    },
  };
}

/** @param share the charge of the battery, [0, 1] */
export function createBattery(gauges: EnergyGauges, share: number = BATTERY.start): EnergyStore {
  gauges.charge = share * BATTERY.capacity;
  gauges.batteryCapacity = BATTERY.capacity;
  return {
    refillSeconds: BATTERY.refillSeconds,
    get nearlyEmpty() {
      return gauges.charge < BATTERY.reserve * BATTERY.capacity;
    },
    startTrip() {
      gauges.tripEnergy = 0;
    },
    take(joules, seconds) {
      const wheels =
        joules >= 0
          ? joules / BATTERY.toWheels
          : Math.max(joules, -BATTERY.recuperation * seconds) * BATTERY.fromWheels;
      // A full battery cannot be charged further.
      const used = Math.max(wheels + BATTERY.auxiliaryWatts * seconds, gauges.charge - BATTERY.capacity);
      gauges.tripEnergy += used;
      gauges.charge -= used;
      while (gauges.charge < 0) gauges.charge += BATTERY.refillTo * BATTERY.capacity;
    },
    fill() {
      gauges.charge = Math.max(gauges.charge, BATTERY.refillTo * BATTERY.capacity);
    },
  };
}
