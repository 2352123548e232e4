import assert from 'node:assert/strict';
import { codecOf } from '../../../src/cms/codecs.ts';
import { selfSigned } from '../../../src/provisioning/ca/selfSigned.ts';
import { measuredCapacity } from '../../../src/scale/capacity.ts';

describe('What this machine holds @slow', () => {
  it('is measured with messages that a receiver acknowledges', async () => {
    const { messagesPerSecond, vehicles } = await measuredCapacity(
      codecOf('cdf'),
      await selfSigned(),
      new AbortController().signal,
    );
    assert.ok(messagesPerSecond > 50, `${messagesPerSecond}`);
    assert.ok(vehicles > 0);
  });

  it('is not measured to its end when nobody wants to know any more', async () => {
    await assert.rejects(measuredCapacity(codecOf('cdf'), await selfSigned(), AbortSignal.abort()), {
      code: 'CANCELLED',
    });
  });
});
