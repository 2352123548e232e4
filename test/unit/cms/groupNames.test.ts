import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameIn, segment, supplierPath, userPath, vehiclePath } from '../../../src/cms/cdf/paths.ts';
import { thingNameOf } from '../../../src/cms/cdf/thingName.ts';
import { groupNameProblem } from '../../../src/cms/cdf/groupNames.ts';
import { CmsError } from '../../../src/core/errors.ts';

const code = (wanted: string) => (error: unknown) => error instanceof CmsError && error.code === wanted;
const printable = fc
  .string({ minLength: 1, maxLength: 60 })
  .filter((text) => groupNameProblem(text) === undefined);

describe('names in the asset library', () => {
  for (const name of ["O'Brien", '"quoted"', 'a+b #c', '100%', 'acme electronics', 'x,y;z']) {
    it(`may be ${name}`, () => {
      assert.equal(groupNameProblem(name), undefined);
    });
  }

  for (const name of [
    '',
    '  ',
    ' a',
    'a ',
    'a/b',
    '.',
    '..',
    'Müller',
    '東京',
    'a\tb',
    'a\u0000',
    '😀',
    'x'.repeat(129),
  ]) {
    it(`may not be ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.throws(() => supplierPath(name), code('REQUEST_INVALID'));
    });
  }

  it('become one path segment that decodes to itself, whatever they hold', () => {
    fc.assert(
      fc.property(printable, (name) => {
        const path = userPath(name);
        const url = new URL(`http://host/groups/${segment(path)}`);
        const parts = url.pathname.split('/');
        assert.equal(parts.length, 3);
        assert.equal(decodeURIComponent(parts[2]!), `/auto/users/${name.toLowerCase()}`);
        assert.equal(url.search + url.hash, '');
        assert.equal(nameIn(path), name.toLowerCase());
      }),
    );
  });
});

describe('a VIN as thing name', () => {
  it('is upper case, and its path lower case', () => {
    assert.equal(thingNameOf('lsh14j4c4la046511'), 'LSH14J4C4LA046511');
    assert.equal(vehiclePath('LSH14J4C4LA046511'), '/auto/vehicles/lsh14j4c4la046511');
  });

  for (const vin of ['', 'a b', 'a/b', '../x', 'a+b', 'a#b', 'é', 'x'.repeat(129)]) {
    it(`is refused as ${JSON.stringify(vin.slice(0, 20))}`, () => {
      assert.throws(() => thingNameOf(vin), code('VIN_INVALID'));
    });
  }
});
