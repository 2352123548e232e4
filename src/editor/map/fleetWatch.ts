import { defined } from '../../core/defined.ts';
import { isCmsError } from '../../core/errors.ts';
import { createRateMeter, type RateMeter } from '../../core/rateMeter.ts';
import { exponential } from '../../core/retry.ts';
import { clockOf, type Timers } from '../../core/timers.ts';
import type { TelemetryHandlers } from '../../onboarding/followTelemetry.ts';
import type { Message } from '../../core/message.ts';
import type { MapRun } from '../../protocol/map.ts';
import type { Reading } from '../../telemetry/codec.ts';
import type { VehicleTracks } from './vehicleTracks.ts';

/** How the watch stands; `failed` stays until it is started again. */
export type WatchState =
  | { is: 'connecting' }
  | { is: 'online'; note?: Message | undefined }
  | { is: 'offline'; why: unknown }
  | { is: 'failed'; why: unknown };

export interface WatchPorts {
  /** Hands on messages until the signal aborts, or throws why it cannot. */
  follow: (handlers: TelemetryHandlers, signal: AbortSignal) => Promise<never>;
  timers: Timers;
  /** The state in words, for the map; `tracks` knows how much there is. */
  describe: (state: WatchState, tracks: VehicleTracks) => string | undefined;
  changed?: (state: WatchState) => void;
  /** Telemetry as it was sent. */
  told?: (read: Reading, topic: string, payload: Uint8Array) => void;
}

/** Waits before the next attempt; without jitter, because there is one map. */
const RECONNECT = exponential(2000, 30_000, 0);
const BEAT_MS = 1000;

/**
 * Keeps watching a fleet: what its vehicles publish goes into tracks. A network that is down is waited for; credentials
 * that are refused are not tried again by themselves, for somebody has to do something first.
 */
export class FleetWatch {
  readonly #tracks: VehicleTracks;
  readonly #ports: WatchPorts;
  readonly #rate: RateMeter;
  #state: WatchState = { is: 'connecting' };
  #running: AbortController | undefined;
  #takeBeat: () => void = () => undefined;

  constructor(tracks: VehicleTracks, ports: WatchPorts) {
    this.#tracks = tracks;
    this.#ports = ports;
    this.#rate = createRateMeter(ports.timers);
  }

  get state(): WatchState {
    return this.#state;
  }

  /** Begins, or begins anew: with whatever the connection is now. */
  start(): void {
    this.#running?.abort();
    this.#takeBeat();
    const running = new AbortController();
    this.#running = running;
    this.#set({ is: 'connecting' });
    this.#beat();
    void this.#run(running.signal);
  }

  dispose(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#takeBeat();
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await this.#ports.follow(
          {
            message: (topic, payload, read) => this.#message(topic, payload, read),
            state: (state, why, note) => {
              if (signal.aborted) return;
              if (state === 'online') failures = 0;
              this.#set(state === 'online' ? { is: 'online', note } : { is: 'offline', why });
            },
          },
          signal,
        );
      } catch (why) {
        if (signal.aborted) return;
        if (!isCmsError(why) || why.code !== 'ENDPOINT_UNREACHABLE') {
          this.#set({ is: 'failed', why });
          return;
        }
        this.#set({ is: 'offline', why });
      }
      try {
        await clockOf(this.#ports.timers).sleep(RECONNECT(failures + 1, Math.random), signal);
      } catch {
        return;
      }
    }
  }

  #message(topic: string, payload: Uint8Array, read: Reading | undefined): void {
    this.#rate.add();
    if (read === undefined) return;
    this.#tracks.watched(topic, read, this.#ports.timers.now());
    this.#ports.told?.(read, topic, payload);
  }

  #set(state: WatchState): void {
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
    const states = {
      connecting: 'starting',
      online: 'running',
      offline: 'starting',
      failed: 'failed',
    } as const;
    const note = this.#ports.describe(this.#state, this.#tracks);
    const run: MapRun = {
      state: states[this.#state.is],
      speed: 1,
      messagesPerSecond: this.#rate.perSecond(),
      ...defined({ note }),
    };
    this.#tracks.run = run;
  }
}
