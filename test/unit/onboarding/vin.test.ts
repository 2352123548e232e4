import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { checkDigit, generateVin, parseVin, vinProblem } from '../../../src/cms/contract/vin.ts';

const ISO = '0123456789ABCDEFGHJKLMNPRSTUVWXYZ';
const isoVin = fc.string({ unit: fc.constantFrom(...ISO.split('')), minLength: 17, maxLength: 17 });

function problemOf(text: string, allowAnyVin = false): CmsError {
  try {
    parseVin(text, { allowAnyVin });
  } catch (error) {
    assert.ok(error instanceof CmsError);
    return error;
  }
  throw new Error(`${text} was taken`);
}

describe('A VIN', () => {
  it('is taken when it has 17 characters of the ISO 3779 alphabet, and is upper-cased', () => {
    fc.assert(
      fc.property(isoVin, (vin) => {
        assert.equal(parseVin(vin.toLowerCase()).vin, vin);
      }),
    );
  });

  it('is refused for any character outside the alphabet, with the character and its position @slow', () => {
    const bad = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 1 })
      .filter((c) => !ISO.includes(c.toUpperCase()));
    fc.assert(
      fc.property(isoVin, fc.nat({ max: 16 }), bad, (vin, at, character) => {
        const problem = vinProblem(vin.slice(0, at) + character + vin.slice(at + 1));
        assert.equal(problem?.position, at + 1);
      }),
    );
  });

  for (const [text, position, words] of [
    ['LSH14J4C4LA04651', 17, /16 characters/],
    ['LSH14J4C4LA0465111', 18, /18 characters/],
    ['LSH14J4C4LA04651O', 17, /"O".*leaves out I, O and Q/],
    ['LSH14J4C4LA04651q', 17, /"q"/],
    ['LSH14/4C4LA046511', 6, /"\/"/],
    ['LSH14J4C4LA 46511', 12, /a space/],
    ['LSH14J4C4LA046+11', 15, /"\+"/],
    ['LSH14J4C4LA046#11', 15, /"#"/],
    ['LSH14J4C4LA0465\n1', 16, /control character 10/],
    ['LSH14J4C4LA0465ſ1', 16, /"ſ"/],
    ['', 0, /empty/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused with position ${position}`, () => {
      const error = problemOf(text);
      assert.equal(error.code, 'VIN_INVALID');
      assert.equal(error.details.position, position);
      assert.match(error.message, words);
    });
  }

  it('only warns when the check digit does not fit', () => {
    const { vin, warning } = parseVin('LSH14J4C4LA046511');
    assert.equal(vin, 'LSH14J4C4LA046511');
    assert.match(english(warning ?? ''), /character 9\) is 4; 9 would be correct/);
    assert.equal(parseVin('KL4CJHSB2DB198124').warning, undefined);
    assert.equal(parseVin('11111111111111111').warning, undefined);
  });

  it('may be anything a thing name can hold when any VIN is allowed', () => {
    assert.equal(parseVin('ecu-aws_1:O', { allowAnyVin: true }).vin, 'ECU-AWS_1:O');
    assert.equal(parseVin('ecu', { allowAnyVin: true }).warning, undefined);
    for (const text of ['a/b', 'a b', 'a+', 'a#', 'ü', '', 'x'.repeat(129), '../x']) {
      assert.equal(problemOf(text, true).code, 'VIN_INVALID', text);
    }
  });
});

describe('A made-up VIN', () => {
  it('is valid and has a check digit that fits, whatever the random numbers', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (numbers) => {
          const vin = generateVin(() => Number(numbers.next().value));
          assert.deepEqual(parseVin(vin), { vin, warning: undefined });
          assert.equal(vin[8], checkDigit(vin));
        },
      ),
    );
  });

  it('is the same for the same random numbers', () => {
    const make = () => {
      let n = 7;
      return generateVin(() => (n = (n * 16807) % 2147483647) / 2147483647);
    };
    assert.equal(make(), make());
  });
});
