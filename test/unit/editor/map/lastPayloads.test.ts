import assert from 'node:assert/strict';
import { LastPayloads } from '../../../../src/editor/map/lastPayloads.ts';

describe('the last payloads of vehicles', () => {
  it('are the newest ones, as objects', () => {
    const payloads = new LastPayloads();
    payloads.keep('A', 'dt/1', { payload: '{"n":1}' });
    payloads.keep('A', 'dt/2', { payload: '{"n":2}' });
    assert.deepEqual(payloads.of('A'), { topic: 'dt/2', payload: { n: 2 } });
    assert.equal(payloads.of('B'), undefined);
  });

  it('are forgotten of those who were silent longest, when there are too many', () => {
    const payloads = new LastPayloads(20);
    for (const vin of ['A', 'B', 'A', 'C']) payloads.keep(vin, 'dt', { payload: '{"n":1}' });
    assert.deepEqual(
      ['A', 'B', 'C'].map((vin) => payloads.of(vin) !== undefined),
      [true, false, true],
    );
  });
});
