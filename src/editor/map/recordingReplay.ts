import { defined } from '../../core/defined.ts';
import { isCancelled } from '../../core/errors.ts';
import type { Clock } from '../../core/work.ts';
import { createRateMeter, type RateMeter } from '../../core/rateMeter.ts';
import type { Timers } from '../../core/timers.ts';
import type { MapRun } from '../../protocol/map.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import type { AcknowledgedMessage } from '../../protocol/simulation.ts';
import { ReplayClock } from './replayClock.ts';
import type { VehicleTracks } from './vehicleTracks.ts';

export type ReplayState = { is: 'playing' | 'paused' | 'ended' } | { is: 'failed'; why: unknown };

export interface ReplayPorts {
  /**
   * Tells each message at its moment on the clock, and the milliseconds from the beginning at which that is; those before
   * `from` at once. Resolves at the end of the recording.
   */
  play: (
    clock: Clock,
    options: { from: number; signal: AbortSignal },
    told: (message: AcknowledgedMessage, at: number) => void,
  ) => Promise<void>;
  /** How long it plays, in milliseconds. */
  length: (signal: AbortSignal) => Promise<number>;
  timers: Timers;
  /** The state in words, for the map. */
  describe: (state: ReplayState) => string | undefined;
  changed?: (state: ReplayState) => void;
}

const BEAT_MS = 1000;

/** Plays a recording into tracks: to be paused, played faster or slower or from elsewhere, ended, and played again. */
export class RecordingReplay {
  readonly #tracks: VehicleTracks;
  readonly #ports: ReplayPorts;
  readonly #rate: RateMeter;
  readonly #clock: ReplayClock;
  #state: ReplayState = { is: 'playing' };
  #playing: AbortController | undefined;
  readonly #closed = new AbortController();
  /** What the clock showed at the beginning of the recording. */
  #begun = 0;
  #length: number | undefined;
  #takeBeat: () => void = () => undefined;

  constructor(tracks: VehicleTracks, ports: ReplayPorts) {
    this.#tracks = tracks;
    this.#ports = ports;
    this.#rate = createRateMeter(ports.timers);
    this.#clock = new ReplayClock(ports.timers);
  }

  get state(): ReplayState {
    return this.#state;
  }

  /** From the first message, or from so many milliseconds on; not after its map was closed. */
  start(from = 0): void {
    if (this.#closed.signal.aborted) return;
    this.#playing?.abort();
    this.#tracks.clear();
    this.#measure();
    const playing = new AbortController();
    this.#playing = playing;
    this.#begun = this.#clock.now() - from;
    // Where somebody looks for a moment, the recording stays paused.
    if (this.#state.is !== 'paused') {
      this.#clock.paused = false;
      this.#set({ is: 'playing' });
    } else this.#tell();
    this.#takeBeat();
    this.#beat();
    this.#ports
      .play(this.#clock, { from, signal: playing.signal }, (message, at) => {
        if (at >= from) this.#rate.add();
        this.#tracks.acknowledged([message]);
      })
      .then(
        () => this.#end(playing, { is: 'ended' }),
        (why: unknown) => this.#end(playing, isCancelled(why) ? { is: 'ended' } : { is: 'failed', why }),
      );
  }

  /** All vehicles at once, whichever are named: a recording is one. */
  steer(control: SimulationControl): void {
    const over = this.#state.is === 'ended' || this.#state.is === 'failed';
    switch (control.do) {
      case 'pause':
        if (over) return;
        this.#clock.paused = true;
        this.#set({ is: 'paused' });
        return;
      case 'resume':
        if (over) {
          this.start();
          return;
        }
        this.#clock.paused = false;
        this.#set({ is: 'playing' });
        return;
      case 'speed':
        this.#clock.speed = control.factor;
        this.#tell();
        return;
      case 'jump':
        if (this.#length !== undefined) this.start(control.to * this.#length);
        return;
      case 'stop':
        this.#playing?.abort();
        return;
      default:
        // What happened cannot be changed.
        return;
    }
  }

  dispose(): void {
    this.#closed.abort();
    this.#playing?.abort();
    this.#playing = undefined;
    this.#takeBeat();
  }

  /** Reads how long it is, once. What is wrong with the file is told by playing it. */
  #measure(): void {
    if (this.#length !== undefined) return;
    this.#ports.length(this.#closed.signal).then(
      (length) => {
        this.#length = length;
        this.#tell();
      },
      () => undefined,
    );
  }

  /** Undefined until the length is known. */
  get #played(): MapRun['played'] {
    const length = this.#length;
    if (length === undefined) return undefined;
    const now = this.#clock.now() - this.#begun;
    return { at: this.#state.is === 'ended' ? length : Math.min(length, Math.max(0, now)), length };
  }

  #end(playing: AbortController, state: ReplayState): void {
    // Another one has begun meanwhile.
    if (this.#playing !== playing) return;
    this.#takeBeat();
    this.#set(state);
  }

  #set(state: ReplayState): void {
    this.#state = state;
    this.#ports.changed?.(state);
    this.#tell();
  }

  #beat(): void {
    this.#takeBeat = this.#ports.timers.after(BEAT_MS, () => {
      this.#tell();
      this.#beat();
    });
  }

  #tell(): void {
    const { is } = this.#state;
    const note = this.#ports.describe(this.#state);
    this.#tracks.run = {
      state: is === 'playing' ? 'running' : is,
      speed: this.#clock.speed,
      messagesPerSecond: is === 'playing' ? this.#rate.perSecond() : 0,
      ...defined({ note, played: this.#played }),
    };
  }
}
