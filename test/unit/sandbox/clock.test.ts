import assert from 'node:assert/strict';
import { createClock } from '../../../src/sandbox/kernel/clock.ts';
import { createStore } from '../../../src/sandbox/kernel/store.ts';

describe('the clock of the sandbox', () => {
  it('runs with the machine, ahead of it by what it was advanced', () => {
    let machine = 1000;
    const clock = createClock(undefined, () => machine);
    clock.advance(500);
    machine = 2000;
    assert.equal(clock.now(), 2500);
    assert.equal(clock.offsetMs, 500);
  });

  it('stays ahead over a restart, until it is reset', () => {
    const saved = createStore().table<number>('clock');
    createClock(saved, () => 0).advance(60_000);
    const again = createClock(saved, () => 0);
    assert.equal(again.now(), 60_000);
    again.reset();
    assert.equal(createClock(saved, () => 0).now(), 0);
  });
});
