import assert from 'node:assert/strict';
import { EXIT, exitCodeOf } from '../../../src/cli/exitCodes.ts';

describe('The exit code of a worker', () => {
  it('keeps an engine from starting it again only when it drove and could not write its result', () => {
    assert.equal(exitCodeOf('STORE_FAILED', 'result'), EXIT.storeFailed);
    assert.equal(exitCodeOf('STORE_FAILED', 'store'), EXIT.failed);
    assert.equal(exitCodeOf('STORE_FAILED'), EXIT.failed);
    assert.equal(exitCodeOf('RUN_NOT_READY', 'barrier'), EXIT.failed);
  });
});
