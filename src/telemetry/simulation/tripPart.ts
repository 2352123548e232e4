import type { TripFigures } from '../drive.ts';
import type { Moment } from './between.ts';

/** What of a trip of the drive was over before a trip began in the midst of it: meters, liters, joules, milliseconds. */
export interface Skipped {
  distance: number;
  fuel: number;
  energy: number;
  duration: number;
  start: TripFigures['start'];
}

/** All up to a moment. @param duration since the trip of the drive began */
export function upTo(moment: Moment, duration: number): Skipped {
  const { tripOdometer: distance, tripFuel: fuel, tripEnergy: energy } = moment;
  const { latitude, longitude, altitude } = moment;
  return { distance, fuel, energy, duration, start: { latitude, longitude, altitude } };
}

/** A moment of the drive's trip as one of the trip that began in its midst. */
export function ownPart(skipped: Skipped | undefined, moment: Moment): Moment {
  return skipped === undefined ? moment : shifted(moment, skipped, -1);
}

/** The reverse of `ownPart`. */
export function whole(skipped: Skipped | undefined, moment: Moment): Moment {
  return skipped === undefined ? moment : shifted(moment, skipped, 1);
}

function shifted(moment: Moment, { distance, fuel, energy }: Skipped, sign: 1 | -1): Moment {
  return {
    ...moment,
    tripOdometer: moment.tripOdometer + sign * distance,
    tripFuel: moment.tripFuel + sign * fuel,
    tripEnergy: moment.tripEnergy + sign * energy,
  };
}

/** The summary of the drive's trip without what was skipped. */
export function without(skipped: Skipped | undefined, figures: TripFigures): TripFigures {
  if (skipped === undefined) return figures;
  return {
    distance: figures.distance - skipped.distance,
    duration: figures.duration - skipped.duration,
    fuel: figures.fuel - skipped.fuel,
    energy: figures.energy - skipped.energy,
    start: skipped.start,
    end: figures.end,
  };
}
