import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import { warmHook } from '../../../../src/cms/cmsOnAws/hook.ts';
import { namesOf } from '../../../../src/cms/cmsOnAws/names.ts';
import { english } from '../../../../src/core/wording.ts';
import { errorOf } from '../../../support/cms.ts';
import { testWork } from '../../../support/works.ts';

/** AWS Lambda that takes so long for its answers, in milliseconds. */
function lambda(times: number[], headers: Record<string, string> = {}): Connection {
  let time = 1000;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'q8Zr4xT1' };
  return {
    region: 'us-west-2',
    endpoint: undefined,
    clock: { now: () => time },
    iot: () =>
      Promise.resolve({ config: { credentials: () => Promise.resolve(credentials), systemClockOffset: 0 } }),
    http: () => ({
      send() {
        time += times.shift() ?? assert.fail('Asked once more than it should.');
        return Promise.resolve({ status: 200, headers, body: '' });
      },
    }),
  } as unknown as Connection;
}

describe('The hook of CMS on AWS', () => {
  const warm = (...times: number[]) => warmHook(lambda(times), namesOf('cms'), testWork());

  it('is asked once more when it was cold', async () => {
    await warm(200);
    const times = [9000, 200];
    await warmHook(lambda(times), namesOf('cms'), testWork());
    assert.deepEqual(times, []);
  });

  it('is not used when it is slow all the same', async () => {
    const error = await errorOf(warm(9000, 5000));
    assert.equal(error.code, 'CLAIM_REJECTED');
    assert.match(error.message, /took 5000 ms, and AWS IoT waits 5000 ms only/);
  });

  it('that throws was not asked, which is no reason to stop', async () => {
    const work = testWork();
    await warmHook(lambda([200], { 'x-amz-function-error': 'Unhandled' }), namesOf('cms'), work);
    assert.match(
      work.events.map(({ message }) => english(message)).join(),
      /the function threw \(Unhandled\)/,
    );
  });
});
