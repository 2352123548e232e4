import assert from 'node:assert/strict';
import { english } from '../../../src/core/wording.ts';
import { claimRejected } from '../../../src/device/process/claimFailure.ts';

describe('a claim that AWS IoT rejects', () => {
  const at = {
    ...{ step: 'create-certificate' as const, topic: 't', templateName: 'T' },
    ...{ parameters: ['SerialNumber', 'Depot'], secret: undefined },
  };

  it('names the parameters that the template was given', () => {
    const error = claimRejected({
      ...at,
      step: 'register-thing',
      answer: { errorCode: 'InvalidParameters' },
    });
    assert.match(
      english(error.remedy ?? ''),
      /expects parameters other than SerialNumber, Depot, names a policy/,
    );
  });

  for (const answer of [
    { statusCode: 429, errorCode: 'ThrottlingException', errorMessage: 'Rate exceeded' },
    { statusCode: 400, errorCode: 'TooManyRequests', errorMessage: 'Rate exceeded' },
  ])
    it(`is throttled when it says ${answer.errorCode}, with what to do less of`, () => {
      const error = claimRejected({ ...at, answer });
      assert.equal(error.code, 'AWS_THROTTLED');
      assert.equal(
        error.message,
        `Create-certificate failed: AWS IoT is throttling requests (${answer.errorCode}: Rate exceeded).`,
      );
      assert.match(english(error.remedy ?? ''), /^Wait a minute and run it again.*--concurrency/);
      assert.equal(error.details.errorCode, answer.errorCode);
    });
});
