import type { DriveStep, ScriptedEvent, TripFigures } from '../drive.ts';
import type { Sample } from '../sample.ts';
import type { Motion, Standing } from './motion.ts';
import { UNNAMED_CODE } from './script.ts';
import type { Stretch, Vehicle } from './vehicle.ts';

export interface TripSetting {
  motion: Motion;
  vehicle: Vehicle;
  /** The events of the trip, ordered by distance. */
  script: readonly ScriptedEvent[];
  /** Seconds between two samples, and the number of ticks since the drive began. */
  tick: number;
  ticks: number;
}

/** A trip from the first sample at one end of a route to the last one at the other. */
export interface Trip {
  readonly steps: Iterator<DriveStep, void>;
  /** The number of ticks from the start of the drive to the latest sample. */
  readonly ticks: number;
  jumpTo(fraction: number): void;
}

export function startTrip({ motion, vehicle, script, tick, ticks: firstTick }: TripSetting): Trip {
  let ticks = firstTick;
  let index = 0;
  let nextEvent = 0;
  let maxSpeed = 0;
  /** Whether the next sample shows where the vehicle was placed, before it moves. */
  let justPlaced = true;
  let begun = false;
  let place = motion.where();
  let start = place;

  const timeOf = (seconds: number) => Math.round(seconds * 1000);
  const startTime = timeOf(firstTick * tick);

  /** A generator, so that a jump between two steps takes effect on the next step. */
  function* steps(): Generator<DriveStep, void> {
    vehicle.startTrip();
    yield { kind: 'trip-start', time: startTime };
    while (justPlaced || !motion.arrived) {
      const happened = justPlaced ? stand() : moveOn();
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

  /** At the start of the trip or after a jump: a tick passes, but the vehicle does not move. */
  function stand(): DriveStep[] {
    justPlaced = false;
    place = motion.where();
    if (begun) advanceTick({ metres: 0, climb: 0, speedBefore: 0 });
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
      for (const event of due()) happened.push(...stepsOf(event, time));
      if (left <= 0 || motion.arrived) break;
      left -= motion.advance(left, script[nextEvent]?.at ?? Infinity);
    }
    index++;
    const before = place.altitude;
    place = motion.where();
    advanceTick({ metres: motion.position - position, climb: place.altitude - before, speedBefore });
    if (vehicle.needsEnergy) motion.stopFor(vehicle.refillSeconds, () => vehicle.refill());
    return happened;
  }

  /** The events that the vehicle has reached, each returned once. */
  function due(): ScriptedEvent[] {
    const from = nextEvent;
    while ((script[nextEvent]?.at ?? Infinity) <= motion.position) nextEvent++;
    return script.slice(from, nextEvent);
  }

  function advanceTick(stretch: Pick<Stretch, 'metres' | 'climb' | 'speedBefore'>): void {
    ticks++;
    vehicle.move({ ...stretch, seconds: tick, speedAfter: motion.speed, lateral: motion.lateral });
    // A vehicle that starts and stops between two samples was at least as fast as its average.
    maxSpeed = Math.max(maxSpeed, motion.speed, stretch.metres / tick);
  }

  function stepsOf(event: ScriptedEvent, time: number): DriveStep[] {
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
      nextEvent = script.findIndex(({ at }) => at >= motion.position);
      if (nextEvent < 0) nextEvent = script.length;
      justPlaced = true;
    },
  };
}

function placeOf({ latitude, longitude, altitude }: Standing): TripFigures['start'] {
  return { latitude, longitude, altitude };
}
