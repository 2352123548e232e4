import assert from 'node:assert/strict';
import { createBucket, createKeyedBuckets } from '../../../../src/sandbox/broker/quotas.ts';

describe('a quota', () => {
  it('lets its rate through at once and then one by one', () => {
    let now = 0;
    const bucket = createBucket(() => now, 10);
    for (let n = 0; n < 10; n++) assert.equal(bucket.take(), true);
    assert.equal(bucket.take(), false);
    now = 100;
    assert.equal(bucket.take(), true);
    assert.equal(bucket.take(), false);
  });

  it('does not save up more than a second', () => {
    let now = 0;
    const bucket = createBucket(() => now, 10);
    now = 60_000;
    let taken = 0;
    while (bucket.take()) taken++;
    assert.equal(taken, 10);
  });

  it('says how long a debt takes to be paid back', () => {
    let now = 0;
    const bucket = createBucket(() => now, 1000);
    assert.equal(bucket.owe(1000), 0);
    assert.equal(bucket.owe(500), 500);
    now = 500;
    assert.equal(bucket.owe(0), 0);
    assert.equal(bucket.owe(250), 250);
  });

  it('is counted for each key, also after idle keys were forgotten', () => {
    let now = 0;
    const buckets = createKeyedBuckets(() => now, 1, 2);
    assert.deepEqual(
      ['a', 'a', 'a', 'b'].map((key) => buckets.take(key)),
      [true, true, false, true],
    );
    buckets.forgetIdle();
    assert.equal(buckets.take('a'), false);
    now = 5000;
    buckets.forgetIdle();
    assert.equal(buckets.take('a'), true);
  });
});
