import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';

describe('until', () => {
  it('gives what the condition gives in the end', async () => {
    let looks = 0;
    const value = await until('the third look', () => (++looks === 3 ? 'third' : undefined), { everyMs: 0 });
    assert.equal(value, 'third');
  });

  it('waits while the condition is false, and takes a promise', async () => {
    const answers = [false, true];
    await until('an answer', () => Promise.resolve(answers.shift() ?? false), { everyMs: 0 });
    assert.deepEqual(answers, []);
  });

  it('throws a sentence with what it saw last', async () => {
    await assert.rejects(
      until('a second message', () => false, { withinMs: 10, everyMs: 1, seen: () => ['first'] }),
      new Error("a second message did not come within 0.01 s; seen last: [ 'first' ]"),
    );
  });

  it('ends at once with what the condition throws', async () => {
    const broken = () => {
      throw new Error('no such table');
    };
    await assert.rejects(until('a row', broken), new Error('no such table'));
  });
});
