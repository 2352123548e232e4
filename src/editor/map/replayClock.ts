import { cancelled } from '../../core/errors.ts';
import type { Clock } from '../../core/work.ts';
import type { Timers } from '../../core/timers.ts';

/** Rounding of timers. Milliseconds. */
const ENOUGH_MS = 0.5;

/** A clock that can be stopped and made to run faster or slower, for what was recorded. One sleeps at a time. */
export class ReplayClock implements Clock {
  readonly #timers: Timers;
  #speed = 1;
  #paused = false;
  /** What the clock showed, and when that was. */
  #shown = 0;
  #since: number;
  #sleeper: { until: number; wake: () => void } | undefined;
  #takeTimer: () => void = () => undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#since = timers.now();
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#settle();
    this.#speed = speed;
    this.#schedule();
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    this.#settle();
    this.#paused = paused;
    this.#schedule();
  }

  now(): number {
    return this.#paused ? this.#shown : this.#shown + (this.#timers.now() - this.#since) * this.#speed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(cancelled());
        return;
      }
      const over = (then: () => void): void => {
        signal?.removeEventListener('abort', stop);
        this.#sleeper = undefined;
        this.#takeTimer();
        then();
      };
      const stop = () => over(() => reject(cancelled()));
      signal?.addEventListener('abort', stop, { once: true });
      this.#sleeper = { until: this.now() + ms, wake: () => over(resolve) };
      this.#schedule();
    });
  }

  /** From here on the time passes otherwise. */
  #settle(): void {
    this.#shown = this.now();
    this.#since = this.#timers.now();
  }

  #schedule(): void {
    this.#takeTimer();
    const sleeper = this.#sleeper;
    if (sleeper === undefined || this.#paused) return;
    const left = sleeper.until - this.now();
    if (left <= ENOUGH_MS) sleeper.wake();
    else this.#takeTimer = this.#timers.after(left / this.#speed, () => this.#schedule());
  }
}
