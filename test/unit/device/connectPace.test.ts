import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { systemClock } from '../../../src/core/work.ts';
import { createConnectPace } from '../../../src/device/process/connectPace.ts';

const { signal } = new AbortController();

function clock(): { now(): number; sleep(ms: number): Promise<void>; slept: number[]; time: number } {
  const state = {
    time: 5_000,
    slept: [] as number[],
    now: () => state.time,
    sleep: (ms: number) => {
      state.slept.push(ms);
      return Promise.resolve();
    },
  };
  return state;
}

describe('the pace of connects', () => {
  it('lets the first connect of a client id through at once', async () => {
    const time = clock();
    const pace = createConnectPace(time);
    await pace.turn('a', signal);
    await pace.turn('b', signal);
    assert.deepEqual(time.slept, []);
  });

  it('keeps connects of one client id more than a second apart, in the order they were asked for', async () => {
    const time = clock();
    const pace = createConnectPace(time);
    await pace.turn('a', signal);
    await pace.turn('a', signal);
    time.time += 600;
    await pace.turn('a', signal);
    assert.deepEqual(time.slept, [1_100, 1_600]);
  });

  it('asks for no patience after a rest', async () => {
    const time = clock();
    const pace = createConnectPace(time);
    await pace.turn('a', signal);
    time.time += 1_100;
    await pace.turn('a', signal);
    assert.deepEqual(time.slept, []);
  });

  it('ends the wait when the work is cancelled', async () => {
    const abort = new AbortController();
    const pace = createConnectPace(systemClock);
    await pace.turn('a', abort.signal);
    const waiting = pace.turn('a', abort.signal);
    abort.abort();
    await assert.rejects(waiting, (error) => error instanceof CmsError && error.code === 'CANCELLED');
  });
});
