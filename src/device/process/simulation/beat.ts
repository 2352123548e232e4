import type { Timers } from '../../../core/timers.ts';

/** After a longer sleep of the computer a beat goes on from now instead of catching up. */
const MOST_BEHIND_MS = 2000;

/** A steady beat: a tick that was late does not move the ones after it. */
export class Beat {
  readonly #timers: Timers;
  readonly #interval: () => number;
  readonly #tick: () => void;
  #dueAt = 0;
  #cancel: (() => void) | undefined;

  /** @param tick asks for the next one itself, by `next` */
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

  /** Plans the tick after the current one. */
  next(): void {
    const now = this.#timers.now();
    const interval = this.#interval();
    this.#dueAt += interval;
    if (Math.abs(now - this.#dueAt) > MOST_BEHIND_MS + interval) this.#dueAt = now + interval;
    this.#plan();
  }

  /** Takes up a new interval now: a slow beat must not make a fast one wait. */
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
