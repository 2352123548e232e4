import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  exponential,
  fullJitter,
  poll,
  retry,
  waits,
  type RetryPolicy,
  type Retrying,
} from '../../../src/core/retry.ts';
import { createFakeClock } from './fakeClock.ts';

const POLICY: RetryPolicy = { attempts: 3, backoff: waits(100, 500) };

function setUp(signal = new AbortController().signal, random = () => 0.5) {
  const clock = createFakeClock();
  const work: Retrying = { signal, clock, random };
  return { clock, work };
}

/** Fails so many times, then answers with the number of the attempt. */
function failing(times: number) {
  const seen: number[] = [];
  const task = (attempt: number) => {
    seen.push(attempt);
    return attempt > times ? Promise.resolve(attempt) : Promise.reject(new Error(`failure ${attempt}`));
  };
  return { seen, task };
}

describe('a backoff', () => {
  it('doubles up to its most', () => {
    const backoff = exponential(100, 350, 0);
    const ms = [1, 2, 3, 4, 60].map((failures) => backoff(failures, () => 0.9));
    assert.deepEqual(ms, [100, 200, 350, 350, 350]);
  });

  it('leaves the part of the wait that is called jitter to chance', () => {
    const backoff = exponential(100, 1000, 0.5);
    assert.equal(
      backoff(2, () => 0),
      200,
    );
    assert.equal(
      backoff(2, () => 1),
      100,
    );
  });

  it('with full jitter lies between its least and a bound that doubles up to its most', () => {
    const backoff = fullJitter(1000, 30_000);
    const bounds = [1, 2, 3, 4, 5, 50].map((failures) => backoff(failures, () => 1));
    assert.deepEqual(bounds, [2000, 4000, 8000, 16_000, 30_000, 30_000]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, by) => {
          const ms = backoff(failures, () => by);
          assert.ok(ms >= 1000 && ms <= Math.min(30_000, 1000 * 2 ** failures));
        },
      ),
    );
    const dropped = new Set([0.1, 0.2, 0.3, 0.4].map((by) => backoff(2, () => by)));
    assert.equal(dropped.size, 4, 'clients that were dropped together come back apart');
  });

  it('takes its waits in turn, then the last one', () => {
    const backoff = waits(1, 2, 30);
    const ms = [1, 2, 3, 4].map((failures) => backoff(failures, Math.random));
    assert.deepEqual(ms, [1, 2, 30, 30]);
  });
});

describe('retry', () => {
  it('does not wait when the first attempt succeeds', async () => {
    const { clock, work } = setUp();
    const { task } = failing(0);
    assert.equal(await retry(work, POLICY, task), 1);
    assert.deepEqual(clock.slept, []);
  });

  it('waits as the policy says, and counts the attempts from 1', async () => {
    const { clock, work } = setUp();
    const { seen, task } = failing(2);
    assert.equal(await retry(work, POLICY, task), 3);
    assert.deepEqual(seen, [1, 2, 3]);
    assert.deepEqual(clock.slept, [100, 500]);
  });

  it('throws the last error when the attempts are used up, without waiting once more', async () => {
    const { clock, work } = setUp();
    await assert.rejects(retry(work, POLICY, failing(9).task), { message: 'failure 3' });
    assert.deepEqual(clock.slept, [100, 500]);
  });

  it('throws at once what is not to be retried, and asks with the attempt it was', async () => {
    const { clock, work } = setUp();
    const asked: unknown[] = [];
    const again = (error: unknown, attempt: number) => {
      asked.push([(error as Error).message, attempt]);
      return attempt < 2;
    };
    await assert.rejects(retry(work, POLICY, failing(9).task, again), { message: 'failure 2' });
    assert.deepEqual(asked, [
      ['failure 1', 1],
      ['failure 2', 2],
    ]);
    assert.deepEqual(clock.slept, [100]);
  });

  it('does nothing when it is cancelled before', async () => {
    const { work } = setUp(AbortSignal.abort());
    const { seen, task } = failing(0);
    await assert.rejects(retry(work, POLICY, task), { code: 'CANCELLED' });
    assert.deepEqual(seen, []);
  });

  it('says that it was cancelled, not what failed thereby', async () => {
    const abort = new AbortController();
    const { clock, work } = setUp(abort.signal);
    const task = () => {
      abort.abort();
      return Promise.reject(new Error('socket closed'));
    };
    await assert.rejects(retry(work, POLICY, task), { code: 'CANCELLED' });
    assert.deepEqual(clock.slept, []);
  });

  it('ends while it waits', async () => {
    const abort = new AbortController();
    const { clock, work } = setUp(abort.signal);
    const { seen, task } = failing(9);
    clock.sleeping = () => {
      abort.abort();
    };
    await assert.rejects(retry(work, POLICY, task), { code: 'CANCELLED' });
    assert.deepEqual(seen, [1]);
  });

  it('goes on for good when the policy says so', async () => {
    const { clock, work } = setUp();
    const forGood = { attempts: Infinity, backoff: waits(10) };
    assert.equal(await retry(work, forGood, failing(200).task), 201);
    assert.equal(clock.time, 2000);
  });
});

describe('poll', () => {
  it('looks for so long and no longer, the last time at the end', async () => {
    const { clock, work } = setUp();
    const looks: number[] = [];
    const began = clock.now();
    const look = (): Promise<undefined> => {
      looks.push(clock.now() - began);
      return Promise.resolve(undefined);
    };
    await poll(work, { attempts: Infinity, backoff: waits(400), withinMs: 1000 }, look);
    assert.deepEqual(looks, [0, 400, 800, 1000]);
  });

  it('looks at once, then after each wait, until there is something', async () => {
    const { clock, work } = setUp();
    const found = await poll(work, POLICY, (attempt) =>
      Promise.resolve(attempt === 2 ? `seen at ${attempt}` : undefined),
    );
    assert.equal(found, 'seen at 2');
    assert.deepEqual(clock.slept, [100]);
  });

  it('takes what is falsy but there', async () => {
    const { clock, work } = setUp();
    assert.equal(await poll(work, POLICY, () => Promise.resolve(false)), false);
    assert.deepEqual(clock.slept, []);
  });

  it('gives undefined when there is nothing to the end', async () => {
    const { clock, work } = setUp();
    assert.equal(await poll<string>(work, POLICY, () => Promise.resolve(undefined)), undefined);
    assert.deepEqual(clock.slept, [100, 500]);
  });

  it('throws what the look throws, and CANCELLED when it is cancelled', async () => {
    const { work } = setUp();
    const look = () => Promise.reject(new Error('no access'));
    await assert.rejects(poll<string>(work, POLICY, look), { message: 'no access' });
    const cancelled = setUp(AbortSignal.abort());
    await assert.rejects(
      poll(cancelled.work, POLICY, () => Promise.resolve(1)),
      { code: 'CANCELLED' },
    );
  });
});
