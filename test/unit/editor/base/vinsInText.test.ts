import assert from 'node:assert/strict';
import { vinsIn } from '../../../../src/editor/base/vinsInText.ts';

const found = (line: string): string[] => vinsIn(line).map(({ vin, start, end }) => `${vin} ${start}-${end}`);

describe('VINs in a line', () => {
  for (const [what, line, expected] of [
    ['alone', 'LSH14J4C4LA046511', ['LSH14J4C4LA046511 0-17']],
    ['in small letters, as capitals', 'vin=lsh14j4c4la046511;', ['LSH14J4C4LA046511 4-21']],
    ['in a topic', 'dt/cvra/1FTFW1ET5DFC10312/cardata', ['1FTFW1ET5DFC10312 8-25']],
    ['in a path', 'certs\\WBA3A5C58CF256651\\cert.pem', ['WBA3A5C58CF256651 6-23']],
    [
      'in CSV, several',
      '"LSH14J4C4LA046511",1FTFW1ET5DFC10312',
      ['LSH14J4C4LA046511 1-18', '1FTFW1ET5DFC10312 20-37'],
    ],
    ['with a hyphen beside it', 'car-LSH14J4C4LA046511-v2', ['LSH14J4C4LA046511 4-21']],
  ] as const) {
    it(`are found ${what}`, () => assert.deepEqual(found(line), expected));
  }

  for (const [what, line] of [
    ['of 16 characters', 'SH14J4C4LA046511'],
    ['of 18 characters', 'XLSH14J4C4LA046511'],
    ['with I, O, or Q', 'LSH14J4C4LO046511 ISH14J4C4LA046511 QSH14J4C4LA046511'],
    ['of digits only', '12345678901234567'],
    ['that end with letters', 'LSH14J4C4LA04651A'],
    ['inside other words', 'äLSH14J4C4LA046511 LSH14J4C4LA046511ß _LSH14J4C4LA046511'],
    // The Kelvin sign and the long s are K and S to who compares without case.
    ['of letters that only look like it', 'L\u017fH14J4C4LA046511 LSH14J4\u212a4LA046511'],
  ] as const) {
    it(`are no words ${what}`, () => assert.deepEqual(found(line), []));
  }

  it('are not looked for where nobody reads', () => {
    assert.deepEqual(found(`${' '.repeat(20_000)}LSH14J4C4LA046511`), []);
  });
});
