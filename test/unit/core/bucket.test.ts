import assert from 'node:assert/strict';
import { createBucket } from '../../../src/core/bucket.ts';
import { createFakeClock } from './fakeClock.ts';

const { signal } = new AbortController();

describe('a token bucket', () => {
  it('gives as much as it holds at once, then says how long a unit takes', () => {
    const clock = createFakeClock(5_000);
    const bucket = createBucket(clock, { perSecond: 10, burst: 2 });
    assert.deepEqual([bucket.take(), bucket.take(), bucket.take(), bucket.take()], [0, 0, 100, 100]);
    clock.time += 60;
    assert.equal(bucket.take(), 40);
    clock.time += 40;
    assert.equal(bucket.take(), 0);
  });

  it('asks for no extra millisecond because of rounding', () => {
    const clock = createFakeClock(1_767_607_200_000);
    const bucket = createBucket(clock, { perSecond: 1 });
    bucket.take();
    clock.time += 16;
    assert.equal(bucket.take(), 984);
    clock.time += 148;
    assert.equal(bucket.take(), 836);
  });

  it('never holds more than its burst, however long it rested', () => {
    const clock = createFakeClock();
    const bucket = createBucket(clock, { perSecond: 1000, burst: 3 });
    clock.time += 3_600_000;
    assert.deepEqual(
      [1, 2, 3, 4].map(() => bucket.take()),
      [0, 0, 0, 1],
    );
  });

  it('holds one unless told otherwise', () => {
    const bucket = createBucket(createFakeClock(), { perSecond: 2 });
    assert.deepEqual([bucket.take(), bucket.take()], [0, 500]);
  });

  it('gives nothing for a clock that was set back, and takes nothing away', () => {
    const clock = createFakeClock(10_000);
    const bucket = createBucket(clock, { perSecond: 1, burst: 1 });
    assert.equal(bucket.take(), 0);
    clock.time = 0;
    assert.equal(bucket.take(), 1000);
    clock.time = 1000;
    assert.equal(bucket.take(), 0);
  });

  it('lets callers in at its rate, in the order in which they came', async () => {
    const clock = createFakeClock();
    const bucket = createBucket(clock, { perSecond: 4, burst: 1 });
    const entered: string[] = [];
    await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        await bucket.enter(signal);
        entered.push(`${name} ${clock.time}`);
      }),
    );
    assert.deepEqual(entered, ['a 0', 'b 250', 'c 500', 'd 750']);
  });

  it('is never entered too early or for ever late through rounding', async () => {
    const clock = createFakeClock();
    const bucket = createBucket(clock, { perSecond: 3, burst: 1 });
    for (let i = 0; i < 301; i++) await bucket.enter(signal);
    assert.ok(clock.time >= 100_000 && clock.time <= 100_400, `${clock.time} ms for 300 units at 3 a second`);
  });

  it('lets the next one in when one who waits is cancelled', async () => {
    const clock = createFakeClock();
    const bucket = createBucket(clock, { perSecond: 1, burst: 1 });
    const abort = new AbortController();
    await bucket.enter(signal);
    const [given, next] = [bucket.enter(abort.signal), bucket.enter(signal)];
    abort.abort();
    await assert.rejects(given, { code: 'CANCELLED' });
    await next;
    assert.equal(clock.time, 1000);
  });
});
