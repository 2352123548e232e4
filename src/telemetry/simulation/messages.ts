import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Codec, MessageKind } from '../codec.ts';
import type { Drive, DriveStep, TripFigures } from '../drive.ts';
import type { EncodedMessage, MessageContext } from '../sample.ts';
import { between, type Moment } from './between.ts';
import { ownPart, type Skipped, upTo, whole, without } from './tripPart.ts';
import { createWindow } from './window.ts';

/** A message of a simulated vehicle, before it is sent. */
export interface SimulatedMessage extends EncodedMessage {
  type: MessageKind;
  serial: number;
  /** When it was made; milliseconds since 1970. */
  time: number;
  /** When it should have been made, if somebody keeps to a beat. */
  due?: number;
  /** Of a `sample`. */
  moment?: Moment;
  /** Of a `trouble`. */
  code?: string;
}

export interface MessagesOptions {
  drive: Drive;
  codec: Codec;
  vehicle: VehicleRef;
  /** As in `MessageContext`. */
  topic?: string | undefined;
  simulationId: string;
  pace: 'drive' | 'points';
}

/**
 * The messages of one vehicle. The drive counts simulated time; the messages carry the time on the wall, so that a
 * drive in time lapse never reports from the future and delays can be measured. Every message has the next serial.
 */
export interface Messages {
  /** What has to be said at `now`, after so many seconds more of simulated time; undefined when the drive is over. */
  tick(now: number, seconds: number): SimulatedMessage[] | undefined;
  /** A trouble code that somebody wants now; nothing where the next sample carries it. */
  dtc(code: string, now: number): SimulatedMessage[];
  /** The summary of a trip that is cut off; nothing when no trip is under way. */
  endTrip(now: number): SimulatedMessage[];
  jumpTo(fraction: number): void;
  /**
   * Drives without a word to where the vehicle is so many simulated seconds after its start, and begins a new trip
   * there; place, speed, tank and battery are those of the undisturbed drive. What lies behind is not driven back.
   */
  catchUp(seconds: number): void;
  readonly progress: {
    /** Of the current trip's way; what `jumpTo` takes. */
    fraction: number;
    /** Metres since the simulation began. */
    metres: number;
    trips: number;
    serial: number;
  };
}

interface Reached {
  moment: Moment;
  time: number;
}

/** Steps at times that differ by rounding only are at the same time. Milliseconds. */
const ROUNDING_MS = 1e-6;

export function createMessages(options: MessagesOptions): Messages {
  const { drive, codec } = options;
  const { vin, id, thingName } = options.vehicle;
  let ahead: DriveStep | undefined;
  let over = false;
  /** Simulated milliseconds. */
  let clock: number | undefined;
  let trip: { startedAt: number | undefined; first: Reached | undefined } | undefined;
  let last: Reached | undefined;
  /** What the cloud was told last of the trip; between two steps, it is beyond `last`. */
  let told: Reached | undefined;
  /** The trip that a sample was sent of last. */
  let toldTrip = 0;
  let odometerAtStart: number | undefined;
  let unsaid = false;
  /** It stays until another one comes. */
  let troubleCode: string | undefined;
  /** While it catches up nothing is said, and no serial is used. */
  let silent = false;
  /** When the drive began; simulated milliseconds. */
  let begun: number | undefined;
  /** When its trip under way began, where it caught up. */
  let tripBegun: number | undefined;
  /** What of the drive's trip was over before this one began in the midst of it. */
  let skipped: Skipped | undefined;
  const window = createWindow();
  const progress = { fraction: 0, metres: 0, trips: 0, serial: 0 };
  /** Where the fraction was last known for certain: at the start of a trip, and after a jump. */
  let base: { fraction: number; tripOdometer: number | undefined } = { fraction: 0, tripOdometer: 0 };

  function reached({ sample: { tripOdometer }, index }: Extract<DriveStep, { kind: 'sample' }>): number {
    if (options.pace === 'points') return index / Math.max(1, drive.samplesPerTrip - 1);
    base.tripOdometer ??= tripOdometer;
    return Math.min(1, base.fraction + (tripOdometer - base.tripOdometer) / drive.length);
  }

  function peek(): DriveStep | undefined {
    if (ahead === undefined && !over) {
      ahead = drive.next();
      over = ahead === undefined;
    }
    return ahead;
  }
  function context(serial: number): MessageContext {
    const begins = toldTrip !== progress.trips;
    return {
      ...{ vin, id, thingName },
      simulationId: options.simulationId,
      // The fleet manager finds a trip by its id alone: no two vehicles may have the same.
      tripId: `${options.simulationId}-${id}-${Math.max(1, progress.trips)}`,
      serial,
      troubleCode,
      begins,
      topic: options.topic,
    };
  }
  /** None where this CMS has no such message. */
  function message(
    type: SimulatedMessage['type'],
    now: number,
    encode: (context: MessageContext) => EncodedMessage | undefined,
    more: Pick<SimulatedMessage, 'moment' | 'code'> = {},
  ): SimulatedMessage[] {
    if (silent) return [];
    const serial = progress.serial + 1;
    const encoded = encode(context(serial));
    if (encoded === undefined) return [];
    progress.serial = serial;
    return [{ type, ...encoded, serial, time: now, ...more }];
  }
  function dtc(code: string, now: number): SimulatedMessage[] {
    troubleCode = code;
    const own = message('trouble', now, (of) => codec.trouble({ code, time: now }, of), { code });
    const reached = told ?? last;
    if (own.length > 0 || reached === undefined) return own;
    // The samples carry it: the one that was told last, once more.
    const { moment } = reached;
    return message('trouble', now, (of) => codec.sample({ ...moment, time: now }, of), { moment, code });
  }
  function sample({ moment, time }: Reached, now: number): SimulatedMessage[] {
    unsaid = false;
    const said: Moment = { ...moment, ...window.take() };
    told = { moment: said, time };
    const messages = message('sample', now, (of) => codec.sample({ ...said, time: now }, of), {
      moment: said,
    });
    toldTrip = progress.trips;
    return messages;
  }
  function summary(figures: TripFigures, now: number): SimulatedMessage[] {
    const { duration, distance, fuel, energy, start, end } = figures;
    const startTime = trip?.startedAt ?? now;
    trip = undefined;
    return message('trip', now, (of) =>
      codec.trip({ startTime, endTime: now, duration, distance, fuel, energy, start, end }, of),
    );
  }

  /** Adds what a step has to say; samples are only remembered. */
  function take(step: DriveStep, now: number, said: SimulatedMessage[]): void {
    ahead = undefined;
    switch (step.kind) {
      case 'trip-start':
        trip = { startedAt: now, first: undefined };
        skipped = undefined;
        last = undefined;
        told = undefined;
        progress.trips += 1;
        progress.fraction = 0;
        base = { fraction: 0, tripOdometer: 0 };
        return;
      case 'sample':
        last = { moment: ownPart(skipped, step.sample), time: step.time };
        window.add(step.sample);
        unsaid = true;
        if (trip) trip.first ??= last;
        odometerAtStart ??= step.sample.odometer;
        progress.fraction = reached(step);
        progress.metres = step.sample.odometer - odometerAtStart;
        return;
      case 'dtc':
        said.push(...dtc(step.code, now));
        return;
      case 'braking':
        said.push(
          ...message('event', now, (of) =>
            codec.event({ name: 'Braking', source: 'dashcam', id: of.serial, time: now, place: step }, of),
          ),
        );
        return;
      case 'trip-end':
        // A trip's last sample comes before its summary, whatever the spacing of the samples.
        if (last && unsaid) said.push(...sample(last, now));
        said.push(...summary(without(skipped, step.summary), now));
        skipped = undefined;
        last = undefined;
    }
  }

  /** All steps up to the simulated moment, then the vehicle as it is at that moment. */
  function drivePace(now: number, seconds: number, said: SimulatedMessage[]): void {
    const first = peek();
    if (first === undefined) return;
    begun ??= first.time;
    clock = clock === undefined ? first.time : clock + seconds * 1000;
    for (let step = peek(); step && step.time <= clock + ROUNDING_MS; step = peek()) take(step, now, said);
    if (last === undefined) return;
    const next = peek();
    const share =
      next?.kind === 'sample' && next.time > last.time ? (clock - last.time) / (next.time - last.time) : 0;
    const moment =
      next?.kind === 'sample' ? between(last.moment, ownPart(skipped, next.sample), share) : last.moment;
    // The vehicle is in this step already.
    if (next?.kind === 'sample' && (share > 0 || window.isEmpty)) window.add(next.sample);
    said.push(...sample({ moment, time: Math.max(last.time, clock) }, now));
  }

  /** The next sample, whatever its time, with what comes before it and what ends its trip. */
  function pointsPace(now: number, said: SimulatedMessage[]): void {
    for (let step = peek(); step && step.kind !== 'sample'; step = peek()) take(step, now, said);
    const step = peek();
    if (step) take(step, now, said);
    if (last && unsaid) said.push(...sample(last, now));
    for (let after = peek(); after; after = peek()) {
      if (after.kind === 'sample' || after.kind === 'trip-start') return;
      take(after, now, said);
    }
  }

  function catchUp(seconds: number): void {
    const first = peek();
    if (first === undefined) return;
    begun ??= first.time;
    const until = begun + seconds * 1000;
    silent = true;
    // What was skipped before is part of the trip again while it is driven on.
    if (last !== undefined) last = { ...last, moment: whole(skipped, last.moment) };
    skipped = undefined;
    for (let step = peek(); step && step.time <= until + ROUNDING_MS; step = peek()) {
      if (step.kind === 'trip-start') tripBegun = step.time;
      take(step, 0, []);
    }
    silent = false;
    clock = until;
    odometerAtStart = undefined;
    progress.metres = 0;
    told = undefined;
    unsaid = false;
    window.take();
    progress.trips = trip === undefined ? 0 : 1;
    if (trip === undefined || last === undefined) return;
    const { moment, time } = last;
    skipped = upTo(moment, time - (tripBegun ?? begun));
    last = { ...last, moment: ownPart(skipped, moment) };
    trip = { startedAt: undefined, first: undefined };
  }

  return {
    dtc,
    progress,
    catchUp,
    tick(now, seconds) {
      if (peek() === undefined) return undefined;
      if (trip) trip.startedAt ??= now;
      const said: SimulatedMessage[] = [];
      if (options.pace === 'points') pointsPace(now, said);
      else drivePace(now, seconds, said);
      return said;
    },
    endTrip(now) {
      const first = trip?.first;
      if (first === undefined || last === undefined) return [];
      const said = unsaid ? sample(last, now) : [];
      const { moment, time } = told ?? last;
      const figures: TripFigures = {
        distance: moment.tripOdometer,
        duration: time - first.time,
        fuel: moment.tripFuel,
        energy: moment.tripEnergy,
        start: placeOf(first.moment),
        end: placeOf(moment),
      };
      over = true;
      ahead = undefined;
      return [...said, ...summary(figures, now)];
    },
    jumpTo(fraction) {
      if (over) return;
      // The start or end of a trip that was looked at already still happens.
      if (ahead?.kind === 'sample') ahead = undefined;
      drive.jumpTo(fraction);
      base = { fraction, tripOdometer: undefined };
      // Simulated time goes on from wherever the drive is now, without catching up.
      clock = undefined;
    },
  };
}

function placeOf({ latitude, longitude, altitude }: Moment) {
  return { latitude, longitude, altitude };
}
