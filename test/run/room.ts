/** The cores of the machine, lent to work that runs side by side. Whoever asked first and fits goes first. */
export interface Room {
  /** Runs the work when so many cores are free; more than there are means all of them. */
  take<T>(cores: number, work: () => Promise<T>): Promise<T>;
}

export function createRoom(size: number): Room {
  let free = size;
  let waiting: { cores: number; start: () => void }[] = [];

  function next(): void {
    for (const one of waiting) {
      if (one.cores > free) continue;
      free -= one.cores;
      waiting = waiting.filter((other) => other !== one);
      one.start();
    }
  }

  return {
    async take(wanted, work) {
      const cores = Math.min(wanted, size);
      await new Promise<void>((start) => {
        waiting.push({ cores, start });
        next();
      });
      try {
        return await work();
      } finally {
        free += cores;
        next();
      }
    },
  };
}
