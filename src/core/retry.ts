import { throwIfAborted } from './errors.ts';
import type { Work } from './work.ts';

/** How long to wait after so many failures (1 after the first), in milliseconds. */
export type Backoff = (failures: number, random: () => number) => number;

/** When to give up, and how long to wait before the next attempt. */
export interface RetryPolicy {
  /** Calls at most, the first one included; `Infinity` for what is kept up for good. */
  readonly attempts: number;
  readonly backoff: Backoff;
}

/**
 * Doubles from `firstMs` up to `mostMs`. `jitter` is the part of the wait that is left to chance, so that many clients
 * do not come back at the same moment (AWS Builders' Library, "Timeouts, retries, and backoff with jitter").
 */
export function exponential(firstMs: number, mostMs: number, jitter = 0.5): Backoff {
  return (failures, random) => {
    const most = Math.min(mostMs, firstMs * 2 ** (failures - 1));
    return most * (1 - jitter * random());
  };
}

/**
 * By chance anything from `leastMs` up to a bound, which doubles up to `mostMs` ("full jitter" in the same article).
 * `leastMs` is what the server demands between two attempts.
 */
export function fullJitter(leastMs: number, mostMs: number): Backoff {
  return (failures, random) => {
    const most = Math.min(mostMs, leastMs * 2 ** failures);
    return leastMs + random() * (most - leastMs);
  };
}

/** These waits in turn; the last one again when there are more failures. */
export function waits(...ms: readonly [number, ...number[]]): Backoff {
  return (failures) => ms[Math.min(failures, ms.length) - 1] ?? ms[0];
}

/** What retrying needs of the work: tests give it a clock of their own. */
export type Retrying = Pick<Work, 'signal' | 'clock' | 'random'>;

/**
 * Calls `task` until it succeeds, fails with an error that `again` does not want retried, or the policy is used up:
 * then the last error is thrown. `attempt` counts from 1.
 * @throws CANCELLED as soon as the signal aborts, also between attempts
 */
export async function retry<T>(
  work: Retrying,
  policy: RetryPolicy,
  task: (attempt: number) => Promise<T>,
  again: (error: unknown, attempt: number) => boolean = () => true,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(work.signal);
    try {
      return await task(attempt);
    } catch (error) {
      throwIfAborted(work.signal);
      if (attempt >= policy.attempts || !again(error, attempt)) throw error;
    }
    await work.clock.sleep(policy.backoff(attempt, work.random), work.signal);
  }
}

/** When to give up looking. */
export interface PollPolicy extends RetryPolicy {
  /** The last look is so long after the first, in milliseconds. */
  readonly withinMs?: number | undefined;
}

/**
 * Looks until there is something to see; undefined when the policy is used up.
 * @throws CANCELLED as soon as the signal aborts, and whatever `look` throws
 */
export async function poll<T>(
  work: Retrying,
  policy: PollPolicy,
  look: (attempt: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const until = work.clock.now() + (policy.withinMs ?? Infinity);
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(work.signal);
    const found = await look(attempt);
    const left = until - work.clock.now();
    if (found !== undefined || attempt >= policy.attempts || left <= 0) return found;
    await work.clock.sleep(Math.min(policy.backoff(attempt, work.random), left), work.signal);
  }
}
