import type { ErrorCode } from '../core/errorCodes.ts';
import { createBucket } from '../core/bucket.ts';
import { type CmsError, isCancelled, isCmsError } from '../core/errors.ts';
import { exponential, retry } from '../core/retry.ts';
import { createSlots, type Slots } from '../core/slots.ts';
import type { Work } from '../core/work.ts';
import { CONCURRENCY, STARTS_PER_SECOND } from './pace.ts';
import { withStep } from './steps.ts';

/** How fast vehicles are worked on. */
export interface Pace {
  /** Vehicles worked on at the same time; those that wait until the CMS knows them do not count. Default 4. */
  concurrency?: number;
  /** Vehicles begun in one second, at most. Default 4. */
  startsPerSecond?: number;
  /** Milliseconds until the first: shards that were started together take turns. */
  firstAfterMs?: number;
}

/** The share of a shard: all together keep the rate of the account. */
export function paceOfShard(pace: Pace, { number, count }: { number: number; count: number }): Pace {
  const { startsPerSecond = STARTS_PER_SECOND } = pace;
  return {
    ...pace,
    startsPerSecond: startsPerSecond / count,
    firstAfterMs: (1000 * (number - 1)) / startsPerSecond,
  };
}

/** What became of one of many. */
export type Outcome<Result> =
  | { status: 'done'; result: Result }
  | { status: 'failed'; error: CmsError }
  /** Not begun or not ended: the run was cancelled, or an error stopped it that concerns every vehicle. */
  | { status: 'unfinished' };

/** Errors that the next vehicle would meet too. */
const FATAL: readonly ErrorCode[] = [
  'PROFILE_INVALID',
  'CREDENTIALS_EXPIRED',
  'CREDENTIALS_MISSING',
  'ACCESS_DENIED',
  'DEVICE_PROCESS_FAILED',
  'ENDPOINT_UNREACHABLE',
];

/** Waits a half to one and a half times 1, 2, 4 and 8 seconds. */
const WHEN_THROTTLED = { attempts: 5, backoff: exponential(1_500, 12_000, 2 / 3) };

/**
 * Works on a few of many vehicles at a time. One that fails does not stop the others, but an error does that all would
 * meet; what was begun is brought to its end even then: a claim that is cut off in the middle may cost a vehicle the
 * certificate that it has.
 * @param begin called once for each, when its turn comes; what it returns is called again when AWS throttles it
 * @param ended called with each as it ends
 */
export async function paced<Item, Result>(
  items: readonly Item[],
  begin: (item: Item, aside: Slots['aside']) => () => Promise<Result>,
  work: Work,
  { concurrency = CONCURRENCY, startsPerSecond = STARTS_PER_SECOND, firstAfterMs = 0 }: Pace,
  ended: (item: Item, outcome: Outcome<Result>) => void = () => undefined,
): Promise<{ outcomes: Outcome<Result>[]; stoppedBy: CmsError | undefined }> {
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  let stoppedBy: CmsError | undefined;
  const slots = createSlots(concurrency);
  const starts = createBucket(work.clock, { perSecond: startsPerSecond });

  let turn: Promise<void> | undefined;

  const one = async (item: Item): Promise<Outcome<Result>> => {
    const isAnother = (error: unknown) => isThrottled(error) && !stop.signal.aborted;
    try {
      if (firstAfterMs > 0) await (turn ??= work.clock.sleep(firstAfterMs, signal));
      await starts.enter(signal);
      return {
        status: 'done',
        result: await retry(work, WHEN_THROTTLED, begin(item, slots.aside), isAnother),
      };
    } catch (thrown) {
      const error = isCmsError(thrown) ? thrown : withStep(thrown, 'vehicle');
      if (isCancelled(error)) return { status: 'unfinished' };
      if (FATAL.includes(error.code) && stoppedBy === undefined) {
        stoppedBy = error;
        stop.abort();
      }
      return { status: 'failed', error };
    }
  };
  const outcomes = await Promise.all(
    items.map((item) =>
      slots.run(async () => {
        const outcome = await one(item);
        ended(item, outcome);
        return outcome;
      }),
    ),
  );
  return { outcomes, stoppedBy };
}

function isThrottled(error: unknown): boolean {
  return isCmsError(error) && error.code === 'AWS_THROTTLED';
}
