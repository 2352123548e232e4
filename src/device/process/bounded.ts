import { cancelled } from '../../core/errors.ts';

/** What can end a wait early. */
export interface Bounds {
  timeoutMs: number;
  signal: AbortSignal;
  /** Aborted, with the error as its reason, when the connection is gone. */
  lost?: AbortSignal;
}

/** Waits for a promise within the bounds; `timedOut` makes the error of a timeout. */
export async function bounded<T>(promise: Promise<T>, bounds: Bounds, timedOut: () => Error): Promise<T> {
  const { signal, lost, timeoutMs } = bounds;
  // The promise may fail after the wait has ended: nobody handles that error.
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
