/** The cores of the machine, lent to work that runs side by side. The lowest rank that fits goes first, then whoever asked first. */
export interface Room {
  /** Runs the work when so many cores are free; more than there are means all of them. */
  take<T>(cores: number, work: () => Promise<T>, rank?: number): Promise<T>;
}

export function createRoom(size: number): Room {
  let free = size;
  let waiting: { cores: number; rank: number; start: () => void }[] = [];

  function next(): void {
    for (const one of waiting) {
      if (one.cores > free) continue;
      free -= one.cores;
      waiting = waiting.filter((other) => other !== one);
      one.start();
    }
  }

  return {
    async take(wanted, work, rank = 0) {
      const cores = Math.min(wanted, size);
      await new Promise<void>((start) => {
        waiting.push({ cores, rank, start });
        waiting.sort((a, b) => a.rank - b.rank);
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
