/** Places to work at, fewer than there is work. Who waits for something in one can leave it to others meanwhile. */
export interface Slots {
  /** Runs in a slot as soon as one is free, in the order of the calls. */
  readonly run: <T>(task: () => Promise<T>) => Promise<T>;
  /** Inside `run`: waits outside the slot. Goes on in the next free one, before all that have not begun yet. */
  readonly aside: <T>(wait: () => Promise<T>) => Promise<T>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const beginning: (() => void)[] = [];
  const returning: (() => void)[] = [];

  function enter(queue: (() => void)[]): Promise<void> {
    if (free === 0) return new Promise((resolve) => queue.push(resolve));
    free -= 1;
    return Promise.resolve();
  }

  function leave(): void {
    const next = returning.shift() ?? beginning.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async run(task) {
      await enter(beginning);
      try {
        return await task();
      } finally {
        leave();
      }
    },
    async aside(wait) {
      leave();
      try {
        return await wait();
      } finally {
        await enter(returning);
      }
    },
  };
}
