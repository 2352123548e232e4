import type { Timers } from '../../../core/timers.ts';

/** If it is further behind, such as after the computer slept, a beat continues from now instead of catching up. */
const MAX_BEHIND_MS = 2000;

/** A steady beat: a late tick does not delay the following ones. */
export class Beat {
  readonly #timers: Timers;
  readonly #interval: () => number;
  readonly #tick: () => void;
  #dueAt = 0;
  #cancel: (() => void) | undefined;

  /** @param tick must call `next` to schedule the following tick */
  constructor(timers: Timers, interval: () => number, tick: () => void) {
    this.#timers = timers;
    this.#interval = interval;
    this.#tick = tick;
  }

  /** When the current tick was due. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Ticks now. */
  start(): void {
    this.stop();
    this.#dueAt = this.#timers.now();
    this.#tick();
  }

  /** Schedules the next tick. */
  next(): void {
    const now = this.#timers.now();
    const interval = this.#interval();
    this.#dueAt += interval;
    if (Math.abs(now - this.#dueAt) > MAX_BEHIND_MS + interval) this.#dueAt = now + interval;
    this.#plan();
  }

  /** Applies a new interval at once, so that a faster beat does not wait for the old interval. */
  intervalChanged(): void {
    this.#dueAt = this.#timers.now() + this.#interval();
    this.#plan();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #plan(): void {
    this.#cancel?.();
    this.#cancel = this.#timers.after(Math.max(0, this.#dueAt - this.#timers.now()), () => this.#tick());
  }
}
