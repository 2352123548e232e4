import assert from 'node:assert/strict';
import { hearingWaits, patiently, type Awaited } from '../../../src/core/patience.ts';
import { english } from '../../../src/core/wording.ts';
import { createFakeTimers, settled } from '../device/simulationWorld.ts';

describe('waiting for the network', () => {
  /** What is said while something is asked for, which is answered after so many milliseconds. */
  async function saidWhile(awaited: Awaited, answeredAfterMs: number): Promise<string[]> {
    const timers = createFakeTimers();
    const said: string[] = [];
    const asking = () =>
      new Promise<string>((resolve) => timers.after(answeredAfterMs, () => resolve('answer')));
    const heard = hearingWaits(
      (message) => said.push(english(message)),
      () => patiently(awaited, asking),
      timers,
    );
    await timers.advance(120_000);
    assert.equal(await heard, 'answer');
    return said;
  }

  it('is silent when the answer comes soon', async () => {
    assert.deepEqual(await saidWhile({ host: 'aws.test' }, 3000), []);
  });

  it('is told with the host and the attempt, and again until the answer comes, not after', async () => {
    const said = await saidWhile({ host: 'aws.test', attempt: { number: 2, of: 4 } }, 25_000);
    assert.deepEqual(said, [
      'No answer from aws.test after 4 s; waiting (attempt 2 of 4)',
      'No answer from aws.test after 19 s; waiting (attempt 2 of 4)',
    ]);
  });

  it('is told without a number where it is tried once', async () => {
    assert.deepEqual(await saidWhile({ host: 'aws.test' }, 5000), [
      'No answer from aws.test after 4 s; waiting',
    ]);
  });

  it('ends with the failure, and nothing is said any more', async () => {
    const timers = createFakeTimers();
    const said: unknown[] = [];
    const failing = () => patiently({ host: 'aws.test' }, () => Promise.reject(new Error('refused')));
    await assert.rejects(
      hearingWaits((message) => said.push(message), failing, timers),
      /refused/,
    );
    await timers.advance(60_000);
    assert.deepEqual(said, []);
  });

  it('needs no listener', async () => {
    await settled();
    assert.equal(await patiently({ host: 'aws.test' }, () => Promise.resolve(1)), 1);
  });
});
