import assert from 'node:assert/strict';
import { createKeyedBuckets } from '../../../../src/sandbox/kit/keyedBuckets.ts';

describe('a quota', () => {
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
