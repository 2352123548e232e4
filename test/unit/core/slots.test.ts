import assert from 'node:assert/strict';
import { createSlots } from '../../../src/core/slots.ts';

/** A promise to be resolved from outside. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  it('are taken in order, no more of them than there are', async () => {
    const slots = createSlots(2);
    const begun: number[] = [];
    const gates = [gate(), gate(), gate(), gate()];
    const all = gates.map(({ opened }, i) =>
      slots.run(async () => {
        begun.push(i);
        await opened;
        return i;
      }),
    );
    await turn();
    assert.deepEqual(begun, [0, 1]);
    gates[1]!.open();
    await turn();
    assert.deepEqual(begun, [0, 1, 2]);
    for (const each of gates) each.open();
    assert.deepEqual(await Promise.all(all), [0, 1, 2, 3]);
  });

  it('are left to others by who waits, who comes back before those that have not begun', async () => {
    const slots = createSlots(1);
    const log: string[] = [];
    const [waits, works] = [gate(), gate()];
    const first = slots.run(async () => {
      await slots.aside(() => waits.opened);
      log.push('first goes on');
    });
    const second = slots.run(async () => {
      log.push('second begins');
      await works.opened;
      log.push('second ends');
    });
    const third = slots.run(() => Promise.resolve(void log.push('third')));
    await turn();
    waits.open();
    await turn();
    assert.deepEqual(log, ['second begins']);
    works.open();
    await Promise.all([first, second, third]);
    assert.deepEqual(log, ['second begins', 'second ends', 'first goes on', 'third']);
  });

  it('are given back by what fails, inside and aside', async () => {
    const slots = createSlots(1);
    const failure = new Error('no');
    await assert.rejects(
      slots.run(() => Promise.reject(failure)),
      failure,
    );
    await assert.rejects(
      slots.run(() => slots.aside(() => Promise.reject(failure))),
      failure,
    );
    assert.equal(await slots.run(() => Promise.resolve('free again')), 'free again');
  });
});
