import assert from 'node:assert/strict';
import { clockOf, type Timers } from '../../../src/core/timers.ts';

/** Timers that run when the test says so. */
function setUp() {
  const planned = new Map<number, () => void>();
  const timers: Timers = {
    now: () => 5000,
    after(ms, run) {
      planned.set(ms, run);
      return () => planned.delete(ms);
    },
  };
  return { planned, clock: clockOf(timers) };
}

describe('the clock of timers', () => {
  it('has their time, and sleeps until the timer runs', async () => {
    const { planned, clock } = setUp();
    assert.equal(clock.now(), 5000);
    const abort = new AbortController();
    const awake: string[] = [];
    const [plain, bounded] = [clock.sleep(100), clock.sleep(200, abort.signal)];
    void plain.then(() => awake.push('plain'));
    await new Promise(setImmediate);
    assert.deepEqual(awake, []);
    planned.get(100)?.();
    planned.get(200)?.();
    await Promise.all([plain, bounded]);
    assert.deepEqual(awake, ['plain']);
  });

  it('ends a sleep that is cancelled, and takes its timer back', async () => {
    const { planned, clock } = setUp();
    const abort = new AbortController();
    const asleep = clock.sleep(100, abort.signal);
    assert.equal(planned.size, 1);
    abort.abort();
    await assert.rejects(asleep, { code: 'CANCELLED' });
    assert.equal(planned.size, 0);
    await assert.rejects(clock.sleep(100, abort.signal), { code: 'CANCELLED' });
    assert.equal(planned.size, 0, 'it does not begin one');
  });
});
