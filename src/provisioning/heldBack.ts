import type { Work } from '../core/work.ts';

/** An answer that is worth waiting for comes within this time. Milliseconds. */
const PATIENCE_MS = 30_000;

/** Work that can be kept from being cancelled for a while. */
export interface HeldBack {
  /** The same work, with a signal of its own. */
  readonly work: Work;
  /** From now on a cancellation waits until `release`, but no longer than half a minute. */
  hold: () => void;
  release: () => void;
}

/** @param waiting called when somebody cancels what is held */
export function heldBack(work: Work, waiting: () => void): HeldBack {
  const stop = new AbortController();
  const over = new AbortController();
  let isHeld = false;
  const cancel = (): void => {
    if (!isHeld) {
      stop.abort();
      return;
    }
    waiting();
    const late = (): void => stop.abort();
    work.clock.sleep(PATIENCE_MS, over.signal).then(late, () => undefined);
  };
  if (work.signal.aborted) stop.abort();
  work.signal.addEventListener('abort', cancel, { once: true, signal: over.signal });
  return {
    work: { ...work, signal: stop.signal },
    hold: () => {
      isHeld = true;
    },
    release: () => over.abort(),
  };
}
