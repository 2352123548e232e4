import assert from 'node:assert/strict';
import { modelOf } from '../../../src/text/vehicleModel.ts';

describe('What a vehicle is', () => {
  it('is its make, model and year', () => {
    assert.equal(modelOf({ make: 'Acme', model: 'DN', modelYear: 2019 }), 'Acme DN 2019');
  });

  it('leaves out what its CMS does not know', () => {
    assert.equal(modelOf({ make: 'Acme', model: 'DN', modelYear: 0 }), 'Acme DN');
    assert.equal(modelOf({ make: '', model: '', modelYear: 0 }), '');
  });
});
