import assert from 'node:assert/strict';
import {
  type CloudFormationClient,
  type DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Connection } from '../../../src/aws/connection.ts';
import { english } from '../../../src/core/wording.ts';
import type { CmsError } from '../../../src/core/errors.ts';
import { whatHangs } from '../../../src/scale/stack/hanging.ts';
import { findScale } from '../../../src/scale/stack/scaleStack.ts';
import { changesOf, type ScaleStacks, wishOf } from '../../../src/scale/stack/standing.ts';

const { signal } = new AbortController();

/** An account with these stacks, where AWS Batch answers as told. */
function account(stacks: readonly Partial<Stack>[], batch?: { status: number; type: string; text: object }) {
  const client = {
    send: ({ input }: DescribeStacksCommand) => {
      const found = stacks.filter(({ StackName }) => StackName === input.StackName);
      if (found.length > 0) return Promise.resolve({ Stacks: found });
      return Promise.reject(
        Object.assign(new Error(`Stack with id ${input.StackName} does not exist`), {
          name: 'ValidationError',
        }),
      );
    },
  };
  return {
    region: 'us-west-2',
    cloudFormation: () => Promise.resolve(client as unknown as CloudFormationClient),
    iot: () =>
      Promise.resolve({
        config: {
          credentials: () => Promise.resolve({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
          systemClockOffset: 0,
        },
      }),
    http: () => ({
      send: () =>
        Promise.resolve({
          status: batch?.status,
          headers: { 'x-amzn-errortype': batch?.type },
          text: JSON.stringify(batch?.text),
        }),
    }),
  } as unknown as Connection;
}

const parameters = (of: Record<string, string>) =>
  Object.entries(of).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
const SET_UP = {
  ...{ Bucket: 'data-bucket', KeyArn: 'arn:key', Image: '', Tag: '0.6.0', Architecture: 'X86_64' },
  ...{ MaxVcpus: '20', RetentionDays: '30', VpcId: 'vpc-1', SubnetIds: 'subnet-1,subnet-2' },
  ...{ AssignPublicIp: 'DISABLED', RoleBoundary: 'arn:boundary' },
};
const workersIn = (status: string): ScaleStacks => ({
  workers: { name: 'cms-enablement-scale', status, outputs: {}, parameters: SET_UP },
  data: undefined,
});

describe('A setup that is there', () => {
  it('is refused when it is of 0.5.0, whose stack has bucket and key in itself', async () => {
    const elder = {
      ...{ StackName: 'cms-enablement-scale', StackStatus: 'CREATE_COMPLETE' as const },
      Parameters: parameters({ Image: 'registry/image:1', VpcId: 'vpc-1', MaxVcpus: '64' }),
      Outputs: [{ OutputKey: 'Store', OutputValue: 's3://old-bucket' }],
    };
    await assert.rejects(findScale(account([elder]), signal), (error: CmsError) => {
      assert.equal(error.code, 'REQUEST_INVALID');
      assert.match(error.message, /version 0\.5\.0: its bucket and its key would be deleted/);
      assert.match(english(error.remedy!), /s3:\/\/old-bucket.*aws cloudformation delete-stack/);
      return true;
    });
  });

  it('is found when bucket and key are in a stack of their own', async () => {
    const workers = {
      ...{ StackName: 'cms-enablement-scale', StackStatus: 'CREATE_COMPLETE' as const },
      Parameters: parameters(SET_UP),
    };
    const found = await findScale(account([workers]), signal);
    assert.deepEqual([found.workers?.parameters.MaxVcpus, found.data], ['20', undefined]);
  });

  it('keeps what no option changes, and says what one changes', () => {
    const stacks = workersIn('UPDATE_COMPLETE');
    const wish = wishOf({ maxWorkers: 100 }, '0.6.0', stacks);
    assert.deepEqual(wish, {
      ...{ version: '0.6.0', image: undefined, architecture: 'X86_64', maxWorkers: 100, retentionDays: 30 },
      network: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'], publicIp: false },
      roleBoundary: 'arn:boundary',
    });
    assert.deepEqual(changesOf(wish, stacks), [{ option: '--max-workers', before: '20', after: '100' }]);
  });

  it('gives the next one nothing of what it failed by', () => {
    for (const stacks of [workersIn('ROLLBACK_COMPLETE'), { workers: undefined, data: undefined }]) {
      assert.deepEqual(wishOf({}, '0.6.0', stacks), {
        ...{ version: '0.6.0', image: undefined, architecture: 'ARM64', maxWorkers: 64, retentionDays: 14 },
        ...{ network: undefined, roleBoundary: undefined },
      });
    }
  });

  it('keeps the retention of a bucket whose workers were removed', () => {
    const data = { name: 'data', status: 'CREATE_COMPLETE', outputs: {}, parameters: { RetentionDays: '7' } };
    assert.equal(wishOf({}, '0.6.0', { workers: undefined, data }).retentionDays, 7);
  });

  it('that failed before it had a queue has no jobs, and other refusals are told', async () => {
    const hangs = (type: string, message: string, status = 400) =>
      whatHangs(
        account([], { status, type, text: { message } }),
        { place: undefined, workers: workersIn('ROLLBACK_COMPLETE').workers },
        signal,
      );
    const none = await hangs('ClientException', 'JobQueue cms-enablement-scale not found.');
    assert.deepEqual(none.driving, []);
    await assert.rejects(hangs('ClientException', 'Something else.'), { code: 'AWS_CALL_FAILED' });
    await assert.rejects(hangs('AccessDeniedException', 'not found', 403), { code: 'ACCESS_DENIED' });
  });
});
