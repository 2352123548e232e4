import assert from 'node:assert/strict';
import { heldBack } from '../../../src/provisioning/heldBack.ts';
import { testWork } from '../../support/works.ts';

describe('Work that is held back from being cancelled', () => {
  function held() {
    const work = testWork();
    const asleep: { ms: number; wake: () => void; signal: AbortSignal | undefined }[] = [];
    const clock = {
      now: () => 0,
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((wake) => {
          asleep.push({ ms, wake, signal });
        }),
    };
    let told = 0;
    return {
      ...heldBack({ ...work, clock }, () => (told += 1)),
      cancel: () => work.cancel(),
      asleep,
      told: () => told,
    };
  }

  it('is cancelled at once before that', () => {
    const { work, cancel, told } = held();
    cancel();
    assert.deepEqual([work.signal.aborted, told()], [true, 0]);
    const before = testWork();
    before.cancel();
    assert.equal(heldBack(before, () => undefined).work.signal.aborted, true);
  });

  it('goes on from then, which is said, but not for ever', async () => {
    const { work, cancel, hold, told, asleep } = held();
    hold();
    cancel();
    assert.deepEqual([work.signal.aborted, told()], [false, 1]);
    const [waiting] = asleep;
    assert.ok(waiting !== undefined && waiting.ms <= 60_000);
    waiting.wake();
    await Promise.resolve();
    assert.equal(work.signal.aborted, true);
  });

  it('leaves nothing waiting when it is over', () => {
    const { work, cancel, hold, release, asleep } = held();
    hold();
    cancel();
    release();
    assert.deepEqual([asleep[0]?.signal?.aborted, work.signal.aborted], [true, false]);
    const other = held();
    other.hold();
    other.release();
    other.cancel();
    assert.deepEqual([other.asleep.length, other.told()], [0, 0]);
  });
});
