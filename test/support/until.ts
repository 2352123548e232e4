import { inspect } from 'node:util';

// Taken before a test can put fake timers in their place.
const { setImmediate: soon, setTimeout: later } = globalThis;
const now = performance.now.bind(performance);

export interface Patience {
  /** How long to wait before giving up; well below the timeout of the tests, so that the sentence is what one reads. */
  withinMs?: number;
  /** The pause between two looks; 0 looks again as soon as the event loop has gone round. */
  everyMs?: number;
  /** What to show of the state when it did not come, such as everything received so far. */
  seen?: () => unknown;
}

/**
 * Waits for a state and gives what the condition gives for it. It throws a sentence when the state does not come.
 * @param what names the state, such as `the first message`
 * @param condition gives undefined or false until the state is there; what it throws ends the waiting
 */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs = 30_000, everyMs = 5, seen }: Patience = {},
): Promise<T> {
  const end = now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (now() > end) {
      const last = seen === undefined ? '' : `; seen last: ${inspect(await seen(), { depth: 4 })}`;
      throw new Error(`${what} did not come within ${withinMs / 1000} s${last}`);
    }
    await new Promise<void>((resolve) => {
      if (everyMs === 0) soon(resolve);
      else later(resolve, everyMs);
    });
  }
}
