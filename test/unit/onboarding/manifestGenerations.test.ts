import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';
import type { CmsError } from '../../../src/core/errors.ts';
import { manifestRequests, manifestVins } from '../../../src/onboarding/manifest.ts';
import { manifestJsonSchema } from '../../../src/onboarding/manifestJson.ts';
import { fieldsHelp } from '../../../src/onboarding/requestText.ts';
import { fields as madeUp } from '../../support/madeUp/generation.ts';

const VIN = 'LSH14J4C4LA046511';
const NOW = Date.UTC(2026, 0, 5);
const ORDERS = [
  [cdfFields, madeUp],
  [madeUp, cdfFields],
] as const;

describe('Fleet files where several generations onboard vehicles', () => {
  it('are read by the generation whose vehicles they hold, whichever comes first', () => {
    for (const fields of ORDERS) {
      const cars = manifestRequests('vin;depot;paint\nWDB-7;North;blue\n', 'a.csv', fields, NOW);
      assert.deepEqual(cars, [{ vin: 'WDB-7', depot: 'North', paint: 'blue' }]);
      const text = `vin,username,firstName,lastName\n${VIN},ann,A,B\n`;
      assert.deepEqual(manifestVins(text, 'a.csv', fields, NOW), [VIN]);
      const json = JSON.stringify({ vehicles: [{ vin: 'WDB-7', depot: 'South' }] });
      assert.deepEqual(manifestVins(json, 'a.json', fields, NOW), ['WDB-7']);
    }
  });

  it('have the problems of the one that fits best', () => {
    for (const fields of ORDERS) {
      const read = () => manifestRequests('vin;depot;paint\nWDB-7;North;green\n', 'a.csv', fields, NOW);
      assert.throws(read, ({ code, message }: CmsError) => {
        assert.equal(code, 'MANIFEST_INVALID');
        assert.match(message, /has a problem\.\n- line 2: paint: /);
        return true;
      });
    }
  });

  it('are completed and checked in JSON by either schema, and not by a mixture', () => {
    for (const fields of ORDERS) {
      const ajv = new Ajv2020({ strict: false });
      ajvFormats(ajv);
      const schema = manifestJsonSchema(fields);
      const validate = ajv.compile(schema);
      assert.equal((schema.anyOf as unknown[]).length, 2);
      const owned = { vin: VIN, username: 'ann', firstName: 'A', lastName: 'B' };
      assert.equal(validate({ vehicles: [owned] }), true);
      assert.equal(
        validate({ defaults: { depot: 'North' }, vehicles: [{ vin: 'WDB-7', paint: 'red' }] }),
        true,
      );
      assert.equal(validate({ vehicles: [owned, { vin: 'WDB-7', depot: 'North' }] }), false);
      assert.equal(validate({ vehicles: [{ ...owned, depot: 'North' }] }), false);
    }
  });

  it('offer the fields of all, each with what the first says of it', () => {
    const [first, second] = ORDERS.map((fields) => fieldsHelp(fields));
    assert.equal(first?.depot, 'Where it sleeps');
    assert.equal(second?.vin, 'Number of the car');
    assert.notEqual(first.vin, second.vin);
    assert.ok(second.username !== undefined && second.username === first.username);
  });
});
