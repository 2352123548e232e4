import { setTimeout as delay } from 'node:timers/promises';
import { defined } from './defined.ts';
import { cancelled } from './errors.ts';
import type { Message } from './message.ts';

/** Time as a parameter, so that work can be tested and simulations reproduced. Milliseconds since 1970. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with CANCELLED as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A number in [0, 1). Never used for keys or passwords. */
export type Random = () => number;

/** One line of what the work is doing, for a progress bar, a terminal or a log. Never carries a secret. */
export interface Progress {
  /** Stable step name, such as `sign-in` or `claim-certificate`. */
  step: string;
  /** A sentence fragment for people: "Creating thing SIMULATED-1". */
  message: Message;
  /** `debug` lines belong in the log only. */
  level: 'debug' | 'info' | 'warn';
  /** Which vehicle, when several are worked on at once. */
  vin?: string;
}

/** What every piece of long work is given. */
export interface Work {
  signal: AbortSignal;
  progress: (event: Progress) => void;
  clock: Clock;
  random: Random;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, defined({ signal }));
    } catch {
      throw cancelled();
    }
  },
};
