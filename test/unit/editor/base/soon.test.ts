import assert from 'node:assert/strict';
import { Soon } from '../../../../src/editor/base/soon.ts';
import { createFakeTimers } from '../../device/simulationWorld.ts';

describe('What is done soon', () => {
  it('is done once for all calls within a while, and again after it', async () => {
    const timers = createFakeTimers();
    let done = 0;
    const soon = new Soon(100, () => (done += 1), timers);
    soon.call();
    await timers.advance(60);
    soon.call();
    assert.equal(done, 0);
    // Calls that go on do not put it off.
    await timers.advance(40);
    assert.equal(done, 1);
    soon.call();
    await timers.advance(100);
    assert.equal(done, 2);
  });

  it('is not done any more after its end', async () => {
    const timers = createFakeTimers();
    let done = 0;
    const soon = new Soon(100, () => (done += 1), timers);
    soon.call();
    soon.dispose();
    await timers.advance(1000);
    assert.equal(done, 0);
  });
});
