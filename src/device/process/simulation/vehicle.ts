import { background } from '../../../core/background.ts';
import { defined } from '../../../core/defined.ts';
import { problemOf } from '../../../core/problem.ts';
import { asCmsError, type CmsError } from '../../../core/errors.ts';
import type { VehicleState } from '../../../protocol/simulation.ts';
import type { Messages, SimulatedMessage } from '../../../telemetry/simulation/messages.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { Timers } from '../../../core/timers.ts';
import { Beat } from './beat.ts';
import type { Link, LinkEvents } from './link.ts';

export interface VehicleOptions {
  ref: VehicleRef;
  /** Number of points of its route. */
  points: number;
  messages: Messages;
  link: (events: LinkEvents) => Link;
  timers: Timers;
  /** Samples a second. */
  rate: number;
  speed: number;
  pace: 'drive' | 'points';
  drainTimeoutMs: number;
  /** Simulated seconds since its start, for one that begins in the midst of its drive. */
  reached?: (() => number) | undefined;
}

export interface VehicleEvents {
  changed(vehicle: Vehicle): void;
  /** `lagMs`: the time from when the message was due to when it was sent. */
  sent(message: SimulatedMessage, lagMs: number): void;
  acknowledged(vehicle: Vehicle, message: SimulatedMessage, ackMs: number): void;
  /** Called when the vehicle has ended or failed. Nothing follows. */
  over(vehicle: Vehicle): void;
  /** Called for an unexpected error: a bug in this program. */
  crashed(error: unknown): void;
}

/** Below the rate limit of a connection, so that points do not queue up. */
const MAX_POINTS_PER_SECOND = 80;

/** A vehicle that drives and reports: one message source, one connection, one beat. */
export class Vehicle {
  readonly ref: VehicleRef;
  /** The last acknowledged message. */
  lastMessage: SimulatedMessage | undefined;
  readonly #options: VehicleOptions;
  readonly #events: VehicleEvents;
  readonly #link: Link;
  readonly #beat: Beat;
  #phase: VehicleState['phase'] = 'waiting';
  #linkState: VehicleState['link'] = 'connecting';
  #speed: number;
  #acknowledged = 0;
  #lost = 0;
  #problem: CmsError | undefined;
  #cancelDrain: (() => void) | undefined;
  #resumesTo: 'driving' | 'paused' = 'driving';
  /** Until its first beat. */
  #begins = true;

  constructor(options: VehicleOptions, events: VehicleEvents) {
    this.#options = options;
    this.#events = events;
    this.ref = options.ref;
    this.#speed = options.speed;
    this.#beat = new Beat(
      options.timers,
      () => this.#interval,
      () => this.#tick(),
    );
    this.#link = options.link({
      state: (state, why) => this.#onLink(state, why),
      sent: (message) => this.#onSent(message),
      acknowledged: (message, ackMs) => this.#onAcknowledged(message, ackMs),
      lost: () => {
        this.#lost += 1;
        this.#changed();
      },
      failed: (error) => this.#fail(error),
    });
  }

  get isOver(): boolean {
    return this.#phase === 'ended' || this.#phase === 'failed';
  }

  get state(): VehicleState {
    const { fraction, metres, trips, serial } = this.#options.messages.progress;
    const { points } = this.#options;
    return {
      vin: this.ref.vin,
      id: this.ref.id,
      phase: this.#phase,
      link: this.#linkState,
      point: Math.min(points, 1 + Math.floor(fraction * (points - 1))),
      points,
      fraction,
      metres,
      trip: trips,
      serial,
      acknowledged: this.#acknowledged,
      lost: this.#lost,
      ...this.#link.counts,
      ...defined({ problem: this.#problem && problemOf(this.#problem) }),
    };
  }

  start(): void {
    this.#link.start();
  }

  /** Computes where a vehicle is by now that begins in the midst of its drive. */
  catchUp(): void {
    const { reached, messages } = this.#options;
    if (reached !== undefined && !this.isOver) this.#guard(() => messages.catchUp(reached()));
  }

  pause(): void {
    this.#resumesTo = 'paused';
    if (this.#phase === 'driving') this.#enter('paused');
  }

  resume(): void {
    this.#resumesTo = 'driving';
    if (this.#phase === 'paused') this.#enter('driving');
  }

  setSpeed(factor: number): void {
    this.#speed = factor;
    if (this.#phase === 'driving' && this.#options.pace === 'points') this.#beat.intervalChanged();
  }

  jumpTo(fraction: number): void {
    if (this.#phase === 'driving' || this.#phase === 'paused' || this.#phase === 'waiting') {
      this.#options.messages.jumpTo(fraction);
      this.#changed();
    }
  }

  reportTrouble(code: string): void {
    if (this.isOver) return;
    this.#guard(() => {
      for (const message of this.#options.messages.dtc(code, this.#options.timers.now())) {
        this.#link.send(message);
      }
    });
    this.#changed();
  }

  /** Ends the trip and waits a while for the last acknowledgments. */
  stop(): void {
    if (this.isOver) return;
    if (this.#phase !== 'ending') {
      this.#guard(() => {
        for (const message of this.#options.messages.endTrip(this.#options.timers.now())) {
          this.#link.send(message);
        }
      });
      this.#inBackground(this.#end());
    }
    this.#cancelDrain ??= this.#options.timers.after(this.#options.drainTimeoutMs, () =>
      this.#inBackground(this.#close('ended')),
    );
  }

  /** Ends at once, without a trip summary. */
  async abort(): Promise<void> {
    if (this.isOver) return;
    await this.#close('ended');
  }

  #onLink(state: VehicleState['link'], why: CmsError | undefined): void {
    this.#linkState = state;
    if (state === 'online') this.#problem = undefined;
    else if (why !== undefined) this.#problem = why;
    // The vehicle starts when it is connected, and keeps driving when it is offline later.
    if (state === 'online' && this.#phase === 'waiting') this.#enter(this.#resumesTo);
    this.#changed();
  }

  #enter(phase: 'driving' | 'paused'): void {
    this.#phase = phase;
    if (phase === 'driving' && this.#begins) {
      // What passed since it was computed, by as much as is left of it.
      this.catchUp();
    }
    if (phase === 'driving') this.#beat.start();
    else this.#beat.stop();
    this.#changed();
  }

  get #interval(): number {
    const { rate, pace } = this.#options;
    // No point is skipped, so time lapse shortens the interval.
    return 1000 / (pace === 'points' ? Math.min(rate * this.#speed, MAX_POINTS_PER_SECOND) : rate);
  }

  #tick(): void {
    const { messages, timers, rate } = this.#options;
    const more = this.#guard(() => {
      const begins = this.#begins && this.#options.reached !== undefined;
      this.#begins = false;
      const due = messages.tick(timers.now(), begins ? 0 : this.#speed / rate);
      for (const message of due ?? []) this.#link.send({ ...message, due: this.#beat.dueAt });
      return due !== undefined;
    });
    if (this.isOver) return;
    if (more !== true) {
      this.#inBackground(this.#end());
      return;
    }
    this.#beat.next();
    this.#changed();
  }

  #onSent(message: SimulatedMessage): void {
    // Messages that waited for a connection do not count for this program's own lag.
    if ((this.#link.openSince ?? Infinity) > message.time) return;
    this.#events.sent(message, this.#options.timers.now() - (message.due ?? message.time));
  }

  #onAcknowledged(message: SimulatedMessage, ackMs: number): void {
    this.#acknowledged += 1;
    this.lastMessage = message;
    this.#events.acknowledged(this, message, ackMs);
    this.#changed();
  }

  /** After the drive, waits for all acknowledgments, even while the connection is interrupted. */
  async #end(): Promise<void> {
    if (this.isOver) return;
    this.#phase = 'ending';
    this.#beat.stop();
    this.#changed();
    await this.#link.idle();
    await this.#close('ended');
  }

  async #close(phase: 'ended' | 'failed'): Promise<void> {
    if (this.isOver) return;
    this.#phase = phase;
    this.#beat.stop();
    this.#cancelDrain?.();
    this.#lost += await this.#link.close();
    this.#linkState = 'offline';
    this.#changed();
    this.#events.over(this);
  }

  #fail(error: CmsError): void {
    this.#problem = error;
    this.#inBackground(this.#close('failed'));
  }

  /** Runs work of the drive or the encoder. An error ends this vehicle, but not the others. */
  #guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#fail(asCmsError(error));
      return undefined;
    }
  }

  #inBackground(work: Promise<void>): void {
    background(work, (error) => this.#events.crashed(error));
  }

  #changed(): void {
    this.#events.changed(this);
  }
}
