import assert from 'node:assert/strict';
import { background } from '../../../src/core/background.ts';

describe('work in the background', () => {
  it('reports what it fails with, and nothing when it succeeds', async () => {
    const reported: unknown[] = [];
    const failure = new Error('no');
    const report = (error: unknown) => reported.push(error);
    background(Promise.resolve(1), report);
    background(Promise.reject(failure), report);
    await new Promise(setImmediate);
    assert.deepEqual(reported, [failure]);
  });
});
