import { inspect } from 'node:util';

// Saved before a test can install fake timers.
const { setImmediate: soon, setTimeout: later } = globalThis;
const now = performance.now.bind(performance);

export interface Patience {
  /** How long to wait. Well below the timeout of the tests, so that they fail with this function's message. */
  withinMs?: number;
  /** The pause between two checks; 0 checks in every turn of the event loop. */
  everyMs?: number;
  /** The current state for the error message, such as everything received so far. */
  seen?: () => unknown;
}

/**
 * Waits for a state and returns the result of the condition. Throws an error that names the state if time runs out.
 * @param what names the state, such as `the first message`
 * @param condition returns undefined or false until the state is reached; an exception ends the wait
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
