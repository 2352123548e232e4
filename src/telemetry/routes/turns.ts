import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../../core/errors.ts';

/** Points after which others have a turn: some 10 ms of work. */
const POINTS_A_TURN = 10_000;

/**
 * Walks lists of points so that a process that also serves vehicles or an editor is not kept from it meanwhile. One
 * count for all its lists: many short ones are as much work as a long one.
 * After each turn it looks whether the work is still wanted, and throws CANCELLED if not.
 */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #visited = 0;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Gives others their turn. */
  async take(): Promise<void> {
    await setImmediate();
    if (this.#signal !== undefined) throwIfAborted(this.#signal);
  }

  /** Visits one after the other; a visit that gives a promise is waited for. */
  async each<T>(items: Iterable<T>, visit: (item: T, index: number) => unknown): Promise<void> {
    let index = 0;
    for (const item of items) {
      const more = visit(item, index++);
      if (more instanceof Promise) await more;
      if (++this.#visited % POINTS_A_TURN === 0) await this.take();
    }
  }
}
