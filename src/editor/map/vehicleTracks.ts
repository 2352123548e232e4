import { defined } from '../../core/defined.ts';
import type { Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { VehicleHistory } from '../../protocol/driveHistory.ts';
import type { MapFrame, MapRun, MapVehicle } from '../../protocol/map.ts';
import type { AcknowledgedMessage, VehicleState } from '../../protocol/simulation.ts';
import type { Reading } from '../../telemetry/codec.ts';
import { placesOf } from './historyPlaces.ts';
import type { EarlierPlace } from './lastPlaces.ts';
import { isSetDown, Trail } from './trail.ts';

export interface TracksOptions {
  /** Decides what is said of a vehicle of which only messages are known, and who counts them. */
  kind: 'simulation' | 'watch' | 'recording';
  limits?: Partial<TrackLimits>;
  /** Calls back once, after so many milliseconds; returns how to prevent it. */
  after?: (ms: number, run: () => void) => () => void;
  /** Words a vehicle's problem; English without it. */
  word?: (message: Message) => string;
}

export interface TrackLimits {
  /** Milliseconds between two frames. */
  frameMs: number;
  /** Places kept of one vehicle, and of all together. */
  trail: number;
  places: number;
  /** Anybody may publish under any name: those beyond are left out. */
  vehicles: number;
  troubleCodes: number;
}

const LIMITS: TrackLimits = {
  frameMs: 100,
  trail: 3600,
  places: 100_000,
  vehicles: 20_000,
  troubleCodes: 50,
};
const LONGEST_NAME = 128;
/** With fewer vehicles even full trails are within the bounds. */
const FIRST_TIDY = 64;
/** Acknowledgements overtake each other by less; a place older than that is of a clock that was set back. */
const OVERTAKEN_MS = 60_000;

interface Track {
  /** As it is told, but for the trail. */
  vehicle: Omit<MapVehicle, 'trail'>;
  trail: Trail;
}

/**
 * What a map has to know of vehicles: the last of each, and where it came along. Told by the updates of a simulation,
 * by messages that were watched, or by those of a recording; tells one reader what changed, in frames. Bounded in
 * memory whatever comes.
 */
export class VehicleTracks {
  readonly #kind: TracksOptions['kind'];
  readonly #limits: TrackLimits;
  readonly #after: NonNullable<TracksOptions['after']>;
  readonly #word: NonNullable<TracksOptions['word']>;
  readonly #tracks = new Map<string, Track>();
  readonly #changed = new Set<Track>();
  readonly #readers = new Set<(frame: MapFrame) => unknown>();
  #run: MapRun | undefined;
  #runChanged = false;
  #forgotten = false;
  #leftOut = 0;
  #isHeard = false;
  #tidyAt = FIRST_TIDY;
  #cancel: (() => void) | undefined;

  constructor(options: TracksOptions) {
    this.#kind = options.kind;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#after = options.after ?? afterMs;
    this.#word = options.word ?? english;
  }

  /** How many messages and states were left out, being of more vehicles than are shown. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Whether any message came; places from before are none. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** How many vehicles there is something of. */
  get size(): number {
    return this.#tracks.size;
  }

  /** What people name a vehicle by; of a watched one its payload says so, which decides nothing. */
  vinOf(id: string): string {
    return this.#tracks.get(id)?.vehicle.vin ?? id;
  }

  /** What was last heard of each vehicle. */
  get vehicles(): Omit<MapVehicle, 'trail'>[] {
    return [...this.#tracks.values()].map(({ vehicle }) => vehicle);
  }

  /** The source as a whole: told with the next frame. */
  get run(): MapRun | undefined {
    return this.#run;
  }

  set run(run: MapRun | undefined) {
    if (JSON.stringify(run) === JSON.stringify(this.#run)) return;
    this.#run = run;
    this.#runChanged = true;
    this.#schedule();
  }

  /** States of simulated vehicles; those count their own messages. */
  states(states: readonly VehicleState[]): void {
    for (const state of states) {
      const track = this.#trackOf(state.id, state.vin);
      if (track === undefined) continue;
      const { phase, link, fraction, acknowledged, unacked, lost, problem } = state;
      Object.assign(track.vehicle, {
        phase,
        link,
        fraction: Math.min(1, Math.max(0, fraction)),
        acknowledged,
        unacked,
        lost,
      });
      if (problem === undefined) delete track.vehicle.problem;
      else track.vehicle.problem = this.#word(problem.sentence);
      this.#touch(track);
    }
  }

  /** Acknowledged messages, in order of their acknowledgement. */
  acknowledged(messages: readonly AcknowledgedMessage[]): void {
    for (const message of messages) {
      const { topic, type, serial, ackMs, time, vin, id = vin } = message;
      this.#take({ ...message, id }, { time, topic, type, serial, ackMs });
    }
  }

  /**
   * A message that somebody else's vehicle sent; `now` stands for the time when it has none. Vehicles are told apart by
   * the thing in the topic: a payload may say anything.
   */
  watched(topic: string, read: Reading, now: number): void {
    const { serial, time = now, type, thingName: id } = read;
    this.#take({ ...read, time, id, vin: vinIn(read) }, { time, topic, type, ...defined({ serial }) });
  }

  /** Where vehicles were before; of those that nothing was heard of yet. */
  earlier(places: readonly EarlierPlace[]): void {
    for (const { id, vin, place, at } of places) {
      const track = this.#trackOf(id, vin);
      if (track === undefined || track.vehicle.lastMessage !== undefined) continue;
      track.vehicle.place = { ...place, time: at ?? 0 };
      track.vehicle.earlier = defined({ at });
      this.#touch(track);
    }
  }

  /** Where vehicles of a simulation came along before this window found it. */
  came(histories: readonly VehicleHistory[]): void {
    for (const history of histories) {
      const track = this.#trackOf(history.id, history.vin);
      if (track === undefined) continue;
      track.vehicle.troubleCodes = history.codes.map(({ code }) => code).slice(-this.#limits.troubleCodes);
      for (const place of placesOf(history)) {
        const { longitude, latitude, speed, time } = place;
        track.vehicle.place = place;
        track.trail.add({ longitude, latitude, time, ...defined({ speed }) });
      }
      track.trail.keep(this.#share());
      this.#touch(track);
    }
  }

  /** Forgets every vehicle; the next frame says so. */
  clear(): void {
    this.#tracks.clear();
    this.#changed.clear();
    this.#leftOut = 0;
    this.#tidyAt = FIRST_TIDY;
    this.#forgotten = true;
    this.#schedule();
  }

  /** Everything, for a map that knows nothing yet. The next frame tells what changed from here. */
  snapshot(): MapFrame {
    for (const { trail } of this.#tracks.values()) trail.takeFresh();
    this.#changed.clear();
    this.#runChanged = false;
    this.#forgotten = false;
    return {
      kind: 'frame',
      reset: true,
      vehicles: [...this.#tracks.values()].map(({ vehicle, trail }) => ({ ...vehicle, trail: trail.all() })),
      ...defined({ run: this.#run }),
    };
  }

  /** Frames from now on, ten a second at most. While nobody reads, none are made. */
  readonly onFrame = (reader: (frame: MapFrame) => unknown): { dispose(): void } => {
    this.#readers.add(reader);
    return { dispose: () => this.#readers.delete(reader) };
  };

  dispose(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#readers.clear();
    this.#tracks.clear();
    this.#changed.clear();
  }

  #trackOf(id: string, vin: string): Track | undefined {
    const known = this.#tracks.get(id);
    if (known !== undefined) return known;
    if ([id, vin].some((name) => name === '' || name.length > LONGEST_NAME)) return undefined;
    if (this.#tracks.size >= this.#limits.vehicles) {
      this.#leftOut += 1;
      return undefined;
    }
    const phase = ({ simulation: 'waiting', watch: 'watched', recording: 'driving' } as const)[this.#kind];
    const vehicle = { id, vin, phase, acknowledged: 0, unacked: 0, lost: 0, troubleCodes: [] };
    const track: Track = { vehicle, trail: new Trail() };
    this.#tracks.set(id, track);
    this.#tidy();
    return track;
  }

  #take(
    message: { vin: string; id: string; time: number } & Pick<Partial<Reading>, 'place' | 'code'>,
    lastMessage: NonNullable<MapVehicle['lastMessage']>,
  ): void {
    const track = this.#trackOf(message.id, message.vin);
    if (track === undefined) return;
    const { vehicle } = track;
    const { place, code, time } = message;
    this.#isHeard = true;
    if (this.#kind !== 'simulation') vehicle.acknowledged += 1;
    vehicle.lastMessage = lastMessage;
    if (code !== undefined && !vehicle.troubleCodes.includes(code)) {
      vehicle.troubleCodes = [...vehicle.troubleCodes, code].slice(-this.#limits.troubleCodes);
    }
    if (place !== undefined && Object.values(defined(place)).every(Number.isFinite)) {
      if (vehicle.earlier !== undefined) {
        delete vehicle.earlier;
        delete vehicle.place;
      }
      const late = (vehicle.place?.time ?? time) - time;
      if (!(late > 0 && late < OVERTAKEN_MS)) {
        const before = vehicle.place;
        const { charge, fuelLevel, ...rest } = defined(place);
        const fraction = (value: number | undefined): number | undefined =>
          value === undefined ? undefined : Math.min(1, Math.max(0, value));
        const now = {
          ...rest,
          time,
          // Recordings come from anywhere, and what was computed can be a hair beyond.
          ...defined({ charge: fraction(charge), fuelLevel: fraction(fuelLevel) }),
        };
        vehicle.place = now;
        const { longitude, latitude, speed } = place;
        const apart = before !== undefined && isSetDown(before, now);
        track.trail.add({ longitude, latitude, time, ...defined({ speed }), ...(apart && { apart }) });
        track.trail.keep(this.#share());
      }
    }
    this.#touch(track);
  }

  /** Vehicles that fell silent keep no more than the others, either. Seldom, for it looks at all. */
  #tidy(): void {
    if (this.#tracks.size < this.#tidyAt) return;
    this.#tidyAt = this.#tracks.size * 1.5;
    for (const { trail } of this.#tracks.values()) trail.keep(this.#share());
  }

  /** Places one vehicle may keep: fewer when there are many. */
  #share(): number {
    const { trail, places } = this.#limits;
    return Math.max(2, Math.min(trail, Math.floor(places / this.#tracks.size)));
  }

  #touch(track: Track): void {
    if (this.#readers.size === 0) return;
    this.#changed.add(track);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#readers.size === 0) return;
    this.#cancel ??= this.#after(this.#limits.frameMs, () => {
      this.#cancel = undefined;
      if (this.#readers.size === 0) return;
      const frame = this.#frame();
      for (const reader of this.#readers) reader(frame);
    });
  }

  #frame(): MapFrame {
    if (this.#forgotten) return this.snapshot();
    const vehicles = [...this.#changed].map(({ vehicle, trail }) => ({
      ...vehicle,
      trail: trail.takeFresh(),
    }));
    this.#changed.clear();
    const run = this.#runChanged ? this.#run : undefined;
    this.#runChanged = false;
    return { kind: 'frame', vehicles, ...defined({ run }) };
  }
}

/** What people name a vehicle by, as far as its message says. */
export function vinIn({ vin, id, thingName }: Reading): string {
  return vin ?? id ?? thingName;
}

function afterMs(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
