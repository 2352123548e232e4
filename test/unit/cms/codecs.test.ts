import assert from 'node:assert/strict';
import { CODECS, codecOf } from '../../../src/cms/codecs.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { bytesOf } from '../../support/bytes.ts';

describe('Codecs', () => {
  it('are known by the id of their generation, and by nothing else', () => {
    assert.equal(codecOf('cdf'), CODECS.cdf);
    for (const id of ['', 'CDF', 'toString', '__proto__', 'guidance']) {
      assert.throws(
        () => codecOf(id),
        (error) => error instanceof CmsError && error.code === 'REQUEST_INVALID',
        id,
      );
    }
  });

  it('say which topics are watched: of all vehicles, or of one', () => {
    const cdf = codecOf('cdf');
    assert.deepEqual(cdf.topics(), ['dt/cvra/+/#']);
    assert.deepEqual(cdf.topics({ vin: 'V', id: 'V', thingName: 'A' }), ['dt/cvra/A/#']);
  });

  it('read what is theirs', () => {
    assert.equal(codecOf('cdf').decode('dt/cvra/A/cardata', bytesOf('{"VIN":"V"}'))?.vin, 'V');
    assert.equal(codecOf('cdf').decode('cms/data/A', bytesOf('{"VIN":"V"}')), undefined);
  });
});
