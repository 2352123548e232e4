import assert from 'node:assert/strict';
import { Beat } from '../../../src/device/process/simulation/beat.ts';
import { createFakeTimers, type FakeTimers } from './simulationWorld.ts';

describe('the beat of a simulated vehicle', () => {
  let timers: FakeTimers;
  let interval: number;
  let from: number;
  let ticks: number[];
  let beat: Beat;
  beforeEach(() => {
    timers = createFakeTimers();
    from = timers.now();
    interval = 1000;
    ticks = [];
    beat = new Beat(
      timers,
      () => interval,
      () => {
        ticks.push(timers.now() - from);
        beat.next();
      },
    );
    beat.start();
  });

  it('ticks at once and then steadily, also after a late tick', async () => {
    await timers.advance(1500);
    timers.sleep(700);
    await timers.advance(900);
    assert.deepEqual(ticks, [0, 1000, 2200, 3000]);
    assert.equal(beat.dueAt - from, 4000);
  });

  it('does not catch up after a long sleep', async () => {
    timers.sleep(60_000);
    await timers.advance(2500);
    assert.deepEqual(ticks, [0, 60_000, 61_000, 62_000]);
  });

  it('takes up a shorter interval at once', async () => {
    interval = 60_000;
    beat.intervalChanged();
    await timers.advance(500);
    interval = 100;
    beat.intervalChanged();
    await timers.advance(250);
    assert.deepEqual(ticks, [0, 600, 700]);
  });

  it('is silent when it is stopped', async () => {
    beat.stop();
    await timers.advance(5000);
    assert.deepEqual(ticks, [0]);
  });
});
