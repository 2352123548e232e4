import assert from 'node:assert/strict';
import { translator } from '../../../src/editor/base/phrases.ts';

describe('sentences in another language', () => {
  const say = translator({
    'Cannot reach {0}: {1}.': '{0} ist nicht zu erreichen: {1}.',
    'nothing listens there': 'dort lauscht nichts',
    'Try again.': 'Versuchen Sie es noch einmal.',
    '{0} of {1} messages were not acknowledged': 'Von {1} Nachrichten wurden {0} nicht bestätigt',
    '{0}: {1}': 'NEVER',
    '{0} failed.': '{0} ist fehlgeschlagen.',
    'reading the device {0}': 'lesen des Geräts {0}',
    'Cannot reach {0}': 'LESS SPECIAL {0}',
    running: 'läuft',
  });

  for (const [what, english, expected] of [
    ['are known as a whole', 'Try again.', 'Versuchen Sie es noch einmal.'],
    ['keep their values', 'Cannot reach h:1: {x}.', 'h:1 ist nicht zu erreichen: {x}.'],
    [
      'have sentences as values',
      'Cannot reach h:1: nothing listens there.',
      'h:1 ist nicht zu erreichen: dort lauscht nichts.',
    ],
    [
      'may have their values in another order',
      '3 of 9 messages were not acknowledged',
      'Von 9 Nachrichten wurden 3 nicht bestätigt',
    ],
    [
      'stand one behind the other',
      'Unknown words. Try again.',
      'Unknown words. Versuchen Sie es noch einmal.',
    ],
    ['begin with a capital letter', 'Reading the device A failed.', 'Lesen des Geräts A ist fehlgeschlagen.'],
    ['stay as they are when no phrase fits', 'one: two', 'one: two'],
    ['leave names alone', 'Cannot reach running: running.', 'running ist nicht zu erreichen: running.'],
    ['may have several lines', 'Cannot reach a: b\nc.', 'a ist nicht zu erreichen: b\nc.'],
    ['may be empty', '', ''],
  ] as const) {
    it(what, () => assert.equal(say(english), expected));
  }

  it('are not looked at when they are as long as a document', () => {
    const long = `Cannot reach a: ${'x '.repeat(5000)}.`;
    assert.equal(say(long), long);
  });
});
