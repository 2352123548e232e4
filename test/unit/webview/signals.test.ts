import assert from 'node:assert/strict';
import { createWords } from '../../../src/webview/base/words.ts';
import { Format } from '../../../src/webview/base/format.ts';
import { unitsOf } from '../../../src/webview/base/units.ts';
import { signalOf } from '../../../src/webview/chart/signals.ts';

describe('A signal of the payload', () => {
  const words = createWords({});
  const label = (name: string): string =>
    signalOf(name, words, new Format(words, 'en', unitsOf('metric'))).label;

  it('is told from the one that every vehicle has by another name', () => {
    assert.deepEqual([label('fuel'), label('Fuel'), label('GeoLocation.Altitude')], ['Fuel', 'Fuel (payload)', 'GeoLocation.Altitude']); // prettier-ignore
  });
});
