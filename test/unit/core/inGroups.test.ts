import assert from 'node:assert/strict';
import { inGroups } from '../../../src/core/inGroups.ts';

describe('a task that one run does for many', () => {
  function open() {
    const ends: ((error?: Error) => void)[] = [];
    const ask = inGroups(
      () =>
        new Promise<number>((resolve, reject) => {
          const number = ends.length + 1;
          ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
        }),
    );
    const turn = () => new Promise(setImmediate);
    return { ends, ask, turn };
  }

  it('runs once for all who ask at the same time', async () => {
    const { ends, ask, turn } = open();
    const asked = [ask(), ask(), ask()];
    await turn();
    assert.equal(ends.length, 1);
    ends[0]?.();
    assert.deepEqual(await Promise.all(asked), [1, 1, 1]);
  });

  it('runs again for those who ask while it runs, once for all of them', async () => {
    const { ends, ask, turn } = open();
    const first = ask();
    await turn();
    const later = [ask(), ask()];
    await turn();
    assert.equal(ends.length, 1, 'the second run waits for the first');
    ends[0]?.();
    assert.equal(await first, 1);
    await turn();
    ends[1]?.();
    assert.deepEqual(await Promise.all(later), [2, 2]);
    assert.equal(ends.length, 2);
  });

  it('fails for those who asked, and not for those who ask later', async () => {
    const { ends, ask, turn } = open();
    const asked = [ask(), ask()];
    await turn();
    const later = ask();
    ends[0]?.(new Error('full'));
    for (const each of asked) await assert.rejects(each, /full/);
    await turn();
    ends[1]?.();
    assert.equal(await later, 2);
  });
});
