import { cancelled } from '../../core/errors.ts';

/** The limits of a wait. */
export interface Bounds {
  timeoutMs: number;
  signal: AbortSignal;
  /** Aborted, with the error as its reason, when the connection is gone. */
  lost?: AbortSignal;
}

/** Awaits a promise within bounds. `timedOut` creates the error for a timeout. */
export async function bounded<T>(promise: Promise<T>, bounds: Bounds, timedOut: () => Error): Promise<T> {
  const { signal, lost, timeoutMs } = bounds;
  // If the promise fails after the wait has ended, its error must not count as unhandled.
  promise.catch(() => undefined);
  const cleanUp = new AbortController();
  try {
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(timedOut()), timeoutMs);
      cleanUp.signal.addEventListener('abort', () => clearTimeout(timer));
      const onAbort = (source: AbortSignal | undefined, error: () => Error) => {
        if (source === undefined) return;
        const fail = () => reject(error());
        if (source.aborted) fail();
        else source.addEventListener('abort', fail, { signal: cleanUp.signal });
      };
      onAbort(signal, () => cancelled());
      onAbort(lost, () => lost?.reason as Error);
      promise.then(resolve, reject);
    });
  } finally {
    cleanUp.abort();
  }
}
