import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { Shared, unlessAborted } from '../../../src/core/shared.ts';

const CANCELLED = { code: 'CANCELLED' };

/** Work that ends when the test says so, and the signal it runs under. */
function held() {
  let resolve: (value: string) => void = () => undefined;
  const promise = new Promise<string>((done) => (resolve = done));
  let signal: AbortSignal | undefined;
  const shared = new Shared((own) => {
    signal = own;
    return promise;
  });
  return { shared, resolve: (value: string) => resolve(value), isEnded: () => signal?.aborted };
}

describe('Work that several wait for', () => {
  it('goes on for the others when one leaves', async () => {
    const { shared, resolve, isEnded } = held();
    const leaving = new AbortController();
    const first = shared.get(leaving.signal);
    const second = shared.get(new AbortController().signal);
    leaving.abort();
    await assert.rejects(first, CANCELLED);
    assert.equal(isEnded(), false);
    resolve('done');
    assert.equal(await second, 'done');
  });

  it('is there for who comes after the first has left', async () => {
    const { shared, resolve } = held();
    await assert.rejects(shared.get(AbortSignal.abort()), CANCELLED);
    resolve('done');
    assert.equal(await shared.get(new AbortController().signal), 'done');
  });

  it('ends when it was dropped and the last one has left', async () => {
    const { shared, isEnded } = held();
    const leaving = new AbortController();
    const waiting = shared.get(leaving.signal);
    shared.drop();
    assert.equal(isEnded(), false);
    leaving.abort();
    await assert.rejects(waiting, CANCELLED);
    assert.equal(isEnded(), true);
  });

  it('ends at once when it is dropped and nobody waits', () => {
    const { shared, isEnded } = held();
    shared.drop();
    assert.equal(isEnded(), true);
  });

  it('fails for all who wait, and tells once', async () => {
    let told = 0;
    const shared = new Shared(
      () => Promise.reject(new Error('no')),
      () => (told += 1),
    );
    const { signal } = new AbortController();
    const both = await Promise.allSettled([shared.get(signal), shared.get(signal)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(told, 1);
  });
});

describe('Waiting with a signal', () => {
  it('leaves nothing on the signal', async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
