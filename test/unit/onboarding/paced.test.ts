import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { clockOf } from '../../../src/core/timers.ts';
import { systemClock, type Work } from '../../../src/core/work.ts';
import { type Outcome, paced, paceOfShard } from '../../../src/onboarding/paced.ts';
import { createFakeTimers } from '../device/simulationWorld.ts';

describe('Work on many vehicles', () => {
  it('of all shards together begins no more in a second than one process does', async () => {
    const timers = createFakeTimers();
    const work: Work = {
      ...{ signal: new AbortController().signal, clock: clockOf(timers), random: () => 0.5 },
      progress: () => undefined,
    };
    const begun: number[] = [];
    const shards = [1, 2, 3, 4].map((number) =>
      paced(
        Array.from({ length: 10 }, (_, i) => i),
        () => () => Promise.resolve(begun.push(timers.now())),
        work,
        paceOfShard({ startsPerSecond: 4, concurrency: 10 }, { number, count: 4 }),
      ),
    );
    for (let i = 0; i < 30; i++) {
      await timers.advance(500);
      await new Promise(setImmediate);
    }
    await Promise.all(shards);
    assert.equal(begun.length, 40);
    // They take turns: nobody makes all calls of a second in its first moment.
    const gaps = begun.toSorted((a, b) => a - b).map((moment, i, all) => moment - (all[i - 1] ?? -Infinity));
    assert.ok(Math.min(...gaps) >= 250, gaps.join());
    for (const moment of begun) {
      const within = begun.filter((other) => other >= moment && other < moment + 1000).length;
      assert.ok(within <= 4, `${within} in a second`);
    }
  });

  it('goes on after one that fails, and ends with an error that all would meet', async () => {
    const work: Work = {
      ...{ signal: new AbortController().signal, clock: systemClock, random: () => 0.5 },
      progress: () => undefined,
    };
    const told: string[] = [];
    const failing = (code: 'VIN_INVALID' | 'ACCESS_DENIED') =>
      Promise.reject(new CmsError(code, l10n.verbatim(code)));
    const { outcomes, stoppedBy } = await paced<string, string>(
      ['bad', 'good', 'denied', 'late'],
      (item) => () =>
        item === 'bad'
          ? failing('VIN_INVALID')
          : item === 'denied'
            ? failing('ACCESS_DENIED')
            : Promise.resolve(item),
      work,
      { concurrency: 1, startsPerSecond: 1e6 },
      (item, { status }: Outcome<string>) => told.push(`${item} ${status}`),
    );
    assert.deepEqual(told, ['bad failed', 'good done', 'denied failed', 'late unfinished']);
    assert.equal(stoppedBy?.code, 'ACCESS_DENIED');
    assert.equal(outcomes.length, 4);
  });
});
