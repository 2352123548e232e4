import { systemTimers, type Timers } from '../../core/timers.ts';

/** Runs something once for all calls within a while; it never waits longer than that. */
export class Soon {
  readonly #ms: number;
  readonly #run: () => void;
  readonly #timers: Timers;
  #cancel: (() => void) | undefined;

  /** @param ms the while, in milliseconds */
  constructor(ms: number, run: () => void, timers: Timers = systemTimers) {
    this.#ms = ms;
    this.#run = run;
    this.#timers = timers;
  }

  readonly call = (): void => {
    this.#cancel ??= this.#timers.after(this.#ms, () => {
      this.#cancel = undefined;
      this.#run();
    });
  };

  dispose(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
