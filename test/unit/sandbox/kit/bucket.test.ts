import assert from 'node:assert/strict';
import { BOTTOMLESS, createBucket } from '../../../../src/sandbox/kit/bucket.ts';

describe('a bucket', () => {
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

  it('gives and takes nothing when the clock is set back', () => {
    let now = 10_000;
    const bucket = createBucket(() => now, 10);
    assert.equal(bucket.owe(10), 0);
    now = 5000;
    assert.equal(bucket.take(), false);
    now = 5100;
    assert.equal(bucket.take(), true);
  });

  it('without a bottom is never empty', () => {
    assert.equal(BOTTOMLESS.take(1e9), true);
    assert.equal(BOTTOMLESS.owe(1e9), 0);
  });
});
