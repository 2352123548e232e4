import assert from 'node:assert/strict';
import { readEventRate, readScriptedEvent } from '../../../src/device/client/scriptedEvents.ts';

describe('Events as people write them', () => {
  it('have a kilometre and a kind, or a trouble code', () => {
    assert.deepEqual(readScriptedEvent('3:braking'), { at: 3000, kind: 'braking' });
    assert.deepEqual(readScriptedEvent(' 0.25 : OIL '), { at: 250, kind: 'oil-temperature' });
    assert.deepEqual(readScriptedEvent('0:oil-temperature'), { at: 0, kind: 'oil-temperature' });
    assert.deepEqual(readScriptedEvent('1.5:p0217'), { at: 1500, kind: 'dtc', code: 'P0217' });
  });

  it('are nothing else', () => {
    for (const text of [
      '',
      'braking',
      ':oil',
      '-1:oil',
      'x:oil',
      '1:oil:2',
      '1:flying',
      '1:P9217',
      '1:constructor',
      'Infinity:oil',
    ]) {
      assert.equal(readScriptedEvent(text), undefined, text);
    }
  });

  it('by chance have a kind and how often in 100 km', () => {
    assert.deepEqual(readEventRate('braking:2.5'), { braking: 2.5 });
    assert.deepEqual(readEventRate('Oil:0'), { 'oil-temperature': 0 });
    assert.deepEqual(readEventRate('dtc:10'), { dtc: 10 });
    for (const text of [
      '',
      'dtc',
      'dtc:',
      'dtc:-1',
      'dtc:1e9',
      'P0217:1',
      'dtc:1:2',
      ':1',
      'constructor:5',
    ]) {
      assert.equal(readEventRate(text), undefined, text);
    }
  });
});
