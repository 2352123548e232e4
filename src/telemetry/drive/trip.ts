import type { DriveStep, ScriptedEvent, TripFigures } from '../drive.ts';
import type { Sample } from '../sample.ts';
import type { Motion, Standing } from './motion.ts';
import { UNNAMED_CODE } from './script.ts';
import type { Stretch, Vehicle } from './vehicle.ts';

export interface TripSetting {
  motion: Motion;
  vehicle: Vehicle;
  /** What happens on the way, in its order. */
  script: readonly ScriptedEvent[];
  /** Seconds between two samples, and how many have passed since the drive began. */
  tick: number;
  ticks: number;
}

/** From the first sample at one end of a route to the last one at the other. */
export interface Trip {
  readonly steps: Iterator<DriveStep, void>;
  /** The ticks since the drive began, at the latest sample. */
  readonly ticks: number;
  jumpTo(fraction: number): void;
}

export function startTrip({ motion, vehicle, script, tick, ticks: firstTick }: TripSetting): Trip {
  let ticks = firstTick;
  let index = 0;
  let told = 0;
  let maxSpeed = 0;
  /** The next sample shows where the vehicle was set down, before it moves. */
  let setDown = true;
  let begun = false;
  let place = motion.where();
  let start = place;

  const timeOf = (seconds: number) => Math.round(seconds * 1000);
  const startTime = timeOf(firstTick * tick);

  /** A generator, so that a jump while it waits is noticed when it goes on. */
  function* steps(): Generator<DriveStep, void> {
    vehicle.startTrip();
    yield { kind: 'trip-start', time: startTime };
    while (setDown || !motion.arrived) {
      const happened = setDown ? stand() : moveOn();
      const sample = sampleHere();
      yield* happened;
      yield sample;
    }
    const { tripOdometer: distance, tripFuel: fuel, tripEnergy: energy } = vehicle.gauges;
    const time = timeOf(ticks * tick);
    const summary: TripFigures = {
      distance,
      duration: time - startTime,
      fuel,
      energy,
      start: placeOf(start),
      end: placeOf(place),
    };
    yield { kind: 'trip-end', time, summary };
  }

  /** At the start of the trip, or where somebody put the vehicle: a tick passes, but it stands. */
  function stand(): DriveStep[] {
    setDown = false;
    place = motion.where();
    if (begun) pass({ metres: 0, climb: 0, speedBefore: 0 });
    else start = place;
    begun = true;
    return [];
  }

  function moveOn(): DriveStep[] {
    const happened: DriveStep[] = [];
    const { position, speed: speedBefore } = motion;
    let left = tick;
    for (;;) {
      const time = timeOf((ticks + 1) * tick - left);
      for (const event of due()) happened.push(...happens(event, time));
      if (left <= 0 || motion.arrived) break;
      left -= motion.advance(left, script[told]?.at ?? Infinity);
    }
    index++;
    const before = place.altitude;
    place = motion.where();
    pass({ metres: motion.position - position, climb: place.altitude - before, speedBefore });
    if (vehicle.needsEnergy) motion.stopFor(vehicle.refillSeconds, () => vehicle.refill());
    return happened;
  }

  /** The events whose place the vehicle has reached, each once. */
  function due(): ScriptedEvent[] {
    const from = told;
    while ((script[told]?.at ?? Infinity) <= motion.position) told++;
    return script.slice(from, told);
  }

  function pass(stretch: Pick<Stretch, 'metres' | 'climb' | 'speedBefore'>): void {
    ticks++;
    vehicle.move({ ...stretch, seconds: tick, speedAfter: motion.speed, lateral: motion.lateral });
    // Whoever starts and stops between two samples was at least as fast as the mean.
    maxSpeed = Math.max(maxSpeed, motion.speed, stretch.metres / tick);
  }

  function happens(event: ScriptedEvent, time: number): DriveStep[] {
    switch (event.kind) {
      case 'dtc':
        return [{ kind: 'dtc', time, code: event.code ?? UNNAMED_CODE }];
      case 'braking': {
        const { latitude, longitude } = motion.where();
        return [{ kind: 'braking', time, latitude, longitude }];
      }
      case 'oil-temperature':
        vehicle.overheat();
        return [];
    }
  }

  function sampleHere(): DriveStep {
    const { speed } = motion;
    const elapsed = (ticks - firstTick) * tick;
    const averageSpeed = elapsed > 0 ? vehicle.gauges.tripOdometer / elapsed : 0;
    const sample: Omit<Sample, 'time'> = { ...place, speed, maxSpeed, averageSpeed, ...vehicle.gauges };
    return { kind: 'sample', time: timeOf(ticks * tick), sample, index };
  }

  return {
    steps: steps(),
    get ticks() {
      return ticks;
    },
    jumpTo(fraction) {
      index = motion.place(fraction);
      told = script.findIndex(({ at }) => at >= motion.position);
      if (told < 0) told = script.length;
      setDown = true;
    },
  };
}

function placeOf({ latitude, longitude, altitude }: Standing): TripFigures['start'] {
  return { latitude, longitude, altitude };
}
