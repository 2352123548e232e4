import assert from 'node:assert/strict';
import { CODECS, codecOf, readTelemetry, watchedTopics } from '../../../src/cms/codecs.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { bytesOf } from '../../support/bytes.ts';

describe('Codecs', () => {
  it('are known by the id of their generation, and by nothing else', () => {
    assert.equal(codecOf('cdf'), CODECS.cdf);
    for (const id of ['', 'CDF', 'toString', '__proto__', 'cms-on-aws']) {
      assert.throws(
        () => codecOf(id),
        (error) => error instanceof CmsError && error.code === 'REQUEST_INVALID',
        id,
      );
    }
  });

  it('say which topics are watched: of all vehicles, or of those that are named', () => {
    assert.deepEqual(watchedTopics(), ['dt/cvra/+/#']);
    assert.deepEqual(watchedTopics(['A', 'B']), ['dt/cvra/A/#', 'dt/cvra/B/#']);
  });

  it('read what is theirs', () => {
    assert.equal(readTelemetry('dt/cvra/A/cardata', bytesOf('{"VIN":"V"}'))?.vin, 'V');
    assert.equal(readTelemetry('cms/data/A', bytesOf('{"VIN":"V"}')), undefined);
  });
});
