import type { Gauges } from './gauges.ts';

type EnergyGauges = Pick<
  Gauges,
  'fuel' | 'tankCapacity' | 'tripFuel' | 'charge' | 'batteryCapacity' | 'tripEnergy'
>;

/** What a vehicle draws its energy from; it keeps the vehicle's gauges up to date. */
export interface EnergyStore {
  readonly nearlyEmpty: boolean;
  /** How long it takes to fill. */
  readonly refillSeconds: number;
  startTrip(): void;
  /** What the wheels took, or gave back when it is negative, in so many seconds. Joules. */
  take(joules: number, seconds: number): void;
  fill(): void;
}

/** Petrol: joules at the wheel from a litre; litres a second at idle. */
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
 * A mid-size battery car: what gets from the battery to the wheels and back, watts of what is always on, and of
 * braking that goes back into the battery.
 */
const BATTERY = {
  capacity: 60 * KILOWATT_HOUR,
  there: 0.88,
  back: 0.65,
  recuperation: 60_000,
  always: 450,
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
      // Brakes give nothing back.
      const used = Math.max(0, joules) / PETROL.joules + PETROL.idling * seconds;
      gauges.tripFuel += used;
      gauges.fuel -= used;
      // A leap of a day's drive from one sample to the next: the tank was filled on the way.
      while (gauges.fuel < 0) gauges.fuel += gauges.tankCapacity;
    },
    fill() {
      gauges.fuel = gauges.tankCapacity;
    },
  };
}

/** @param share of the battery that is charged, [0, 1] */
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
          ? joules / BATTERY.there
          : Math.max(joules, -BATTERY.recuperation * seconds) * BATTERY.back;
      // A full battery takes nothing more.
      const used = Math.max(wheels + BATTERY.always * seconds, gauges.charge - BATTERY.capacity);
      gauges.tripEnergy += used;
      gauges.charge -= used;
      while (gauges.charge < 0) gauges.charge += BATTERY.refillTo * BATTERY.capacity;
    },
    fill() {
      gauges.charge = Math.max(gauges.charge, BATTERY.refillTo * BATTERY.capacity);
    },
  };
}
