import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/core/errorCodes.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { asGaveUp, isFinal } from '../../../src/scale/gaveUp.ts';
import { EXIT, exitCodeOf } from '../../../src/cli/exitCodes.ts';

describe('The exit code of a worker', () => {
  it('says that it drove and could not write its result, and only then', () => {
    assert.equal(exitCodeOf('STORE_FAILED', 'result'), EXIT.storeFailed);
    assert.equal(exitCodeOf('STORE_FAILED', 'store'), EXIT.failed);
    assert.equal(exitCodeOf('STORE_FAILED'), EXIT.failed);
    assert.equal(exitCodeOf('RUN_NOT_READY', 'barrier'), EXIT.failed);
  });

  it('says that it gave up for what another attempt does not mend, and only then', () => {
    const error = (code: ErrorCode, cause?: unknown, step?: string) =>
      new CmsError(code, l10n.verbatim('No.'), { cause, step });
    const codeOf = (thrown: CmsError) => {
      const { code, step } = isFinal(thrown) ? asGaveUp(thrown) : thrown;
      return exitCodeOf(code, step);
    };
    const denied = error('ACCESS_DENIED');
    for (const final of [denied, error('STORE_FAILED', denied, 'store'), error('RUN_NOT_READY')])
      assert.equal(codeOf(final), EXIT.gaveUp, final.code);
    assert.equal(codeOf(error('STORE_FAILED', undefined, 'store')), EXIT.failed);
    assert.equal(codeOf(error('STORE_FAILED', denied, 'result')), EXIT.storeFailed);
    assert.equal(codeOf(error('ENDPOINT_UNREACHABLE')), EXIT.failed);
  });
});
