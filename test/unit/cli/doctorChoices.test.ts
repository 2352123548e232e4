import assert from 'node:assert/strict';
import * as z from 'zod';
import { choicesOf } from '../../../src/cli/doctor.ts';
import { cdf } from '../../../src/cms/cdf/generation.ts';
import type { Generation } from '../../../src/cms/contract/generation.ts';
import { fields, madeUp } from '../../support/madeUp/generation.ts';

const schema = fields.schema.extend({ templateName: z.string().regex(/^car:/).optional() });
const other: Generation = { ...madeUp, onboarding: { ...fields, schema } };

describe('What the doctor is told', () => {
  it('is checked without knowing of which generation the CMS is', () => {
    assert.equal(choicesOf({ templateName: 'car:1', latitude: 2 }, [cdf, other]).templateName, 'car:1');
    assert.equal(choicesOf({ templateName: 'Mine' }, [cdf, other]).templateName, 'Mine');
    assert.throws(() => choicesOf({ latitude: 100 }, [cdf, other]), { code: 'REQUEST_INVALID' });
  });

  it('leaves to the CMS what nobody said', () => {
    for (const generations of [[cdf], [other], [cdf, other], [madeUp]])
      assert.deepEqual(choicesOf({}, generations), {});
  });
});
