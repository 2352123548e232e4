import assert from 'node:assert/strict';
import {
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import type { Connection } from '../../../src/aws/connection.ts';
import { ensureStack } from '../../../src/aws/stacks.ts';
import { clockOf } from '../../../src/core/timers.ts';
import { createFakeTimers } from '../device/simulationWorld.ts';

const NAME = 'workers';
const stack = (status: string) =>
  ({
    ResourceType: 'AWS::CloudFormation::Stack',
    LogicalResourceId: NAME,
    ResourceStatus: status,
  }) as StackEvent;
const queue = (status: string, why: string) =>
  ({
    ...{ ResourceType: 'AWS::Batch::JobQueue', LogicalResourceId: 'Queue' },
    ...{ ResourceStatus: status, ResourceStatusReason: why },
  }) as StackEvent;

describe('A stack whose update fails', () => {
  it('is told with the reason of this update, not with that of an earlier one', async () => {
    const StackEvents = [
      stack('UPDATE_ROLLBACK_COMPLETE'),
      queue('UPDATE_FAILED', 'Resource update cancelled'),
      queue('UPDATE_FAILED', 'The new reason'),
      stack('UPDATE_IN_PROGRESS'),
      stack('UPDATE_ROLLBACK_COMPLETE'),
      queue('UPDATE_FAILED', 'The old reason'),
      stack('UPDATE_IN_PROGRESS'),
    ];
    const connection = {
      cloudFormation: () =>
        Promise.resolve({
          send(command: object) {
            if (command instanceof DescribeStackEventsCommand) return Promise.resolve({ StackEvents });
            return Promise.resolve(
              command instanceof DescribeStacksCommand
                ? { Stacks: [{ StackName: NAME, StackStatus: 'UPDATE_ROLLBACK_COMPLETE' }] }
                : {},
            );
          },
        }),
    } as unknown as Connection;
    const work = {
      ...{ signal: new AbortController().signal, clock: clockOf(createFakeTimers()), random: () => 0.5 },
      progress: () => undefined,
    };
    await assert.rejects(ensureStack(connection, { name: NAME, template: '{}', parameters: {} }, work), {
      code: 'AWS_CALL_FAILED',
      message: 'Stack workers is UPDATE_ROLLBACK_COMPLETE: Queue: The new reason',
    });
  });
});
