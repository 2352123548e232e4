import { cancelled } from './errors.ts';

/** What the work gives. Rejects with CANCELLED as soon as the signal aborts; the work itself goes on. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw cancelled();
  }
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Work that several wait for. Who leaves takes nothing from the others: it runs under a signal of its own, and ends
 * early only when it was dropped and nobody waits any more.
 */
export class Shared<T> {
  readonly #abort = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;
  #dropped = false;

  /** @param onFailure what to do, once, when it failed or was ended */
  constructor(work: (signal: AbortSignal) => Promise<T>, onFailure: () => void = () => undefined) {
    this.#result = work(this.#abort.signal);
    this.#result.catch(onFailure);
  }

  /** Rejects with CANCELLED as soon as the signal of the one who asks aborts. */
  async get(signal: AbortSignal): Promise<T> {
    this.#waiting += 1;
    try {
      return await unlessAborted(this.#result, signal);
    } finally {
      this.#waiting -= 1;
      this.#endUnused();
    }
  }

  /** Nobody new will ask: what nobody waits for ends. */
  drop(): void {
    this.#dropped = true;
    this.#endUnused();
  }

  #endUnused(): void {
    if (this.#dropped && this.#waiting === 0) this.#abort.abort();
  }
}
