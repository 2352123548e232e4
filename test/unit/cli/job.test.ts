import assert from 'node:assert/strict';
import { checkJobs } from '../../../src/onboarding/vehicleJob.ts';
import { IAM } from '../../../src/cms/contract/credentials.ts';
import type { StackInfo } from '../../../src/cms/contract/stacks.ts';
import { l10n, type Message } from '../../../src/core/message.ts';

describe('A job', () => {
  const { signal } = new AbortController();
  const check = (no: Message | undefined) =>
    checkJobs(
      {
        stack: { name: 'cms-a' } as StackInfo,
        capabilities: () => Promise.resolve([{ id: 'jobs', title: l10n.verbatim('jobs'), needs: IAM, no }]),
      },
      signal,
    );

  it('is refused with the reason of a deployment that has none', async () => {
    await assert.rejects(check(l10n.verbatim('its vehicles do not listen')), {
      code: 'REQUEST_INVALID',
      message: 'cms-a has no jobs: its vehicles do not listen.',
    });
    await check(undefined);
  });

  it('is refused where nothing is known of jobs', async () => {
    const stack = { name: 'cms-a' } as StackInfo;
    const silent = { stack, capabilities: () => Promise.resolve([]) };
    await assert.rejects(checkJobs(silent, signal), {
      code: 'REQUEST_INVALID',
      message: 'It is not known here which jobs vehicles of cms-a understand.',
    });
  });
});
