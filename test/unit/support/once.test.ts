import assert from 'node:assert/strict';
import { once } from '../../support/once.ts';

describe('What is made once', () => {
  it('is the same for all who ask', async () => {
    let made = 0;
    const get = once(() => Promise.resolve((made += 1)));
    assert.deepEqual(await Promise.all([get(), get()]), [1, 1]);
    assert.equal(await get(), 1);
  });

  it('is made again for the next one after a failure', async () => {
    let made = 0;
    const get = once(() => {
      made += 1;
      return made === 1 ? Promise.reject(new Error('no')) : Promise.resolve(made);
    });
    const both = await Promise.allSettled([get(), get()]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await get(), 2);
  });
});
