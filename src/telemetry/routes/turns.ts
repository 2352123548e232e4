import { setImmediate } from 'node:timers/promises';

/** Points after which others have a turn: some 10 ms of work. */
const POINTS_A_TURN = 10_000;

/**
 * Walks lists of points so that a process that also serves vehicles or an editor is not kept from it meanwhile. One
 * count for all its lists: many short ones are as much work as a long one.
 */
export class Turns {
  #visited = 0;

  /** Visits one after the other; a visit that gives a promise is waited for. */
  async each<T>(items: Iterable<T>, visit: (item: T, index: number) => unknown): Promise<void> {
    let index = 0;
    for (const item of items) {
      const more = visit(item, index++);
      if (more instanceof Promise) await more;
      if (++this.#visited % POINTS_A_TURN === 0) await setImmediate();
    }
  }
}
