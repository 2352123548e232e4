import * as z from 'zod';
import type { Connection } from '../../../aws/connection.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { signedJson } from '../../../aws/signedJson.ts';
import { l10n } from '../../../core/message.ts';
import { unlessDenied } from '../denied.ts';

const ECS = { host: 'ecs', target: 'AmazonEC2ContainerServiceV20141113' };
const described = z.object({
  tasks: z.array(z.object({ lastStatus: z.string() })).default([]),
});

/** The tasks of the simulator in ECS: what is billed, whatever its API says. */
export interface Tasks {
  /** Undefined where it may not be looked at. */
  state(task: string, signal: AbortSignal): Promise<'running' | 'stopped' | undefined>;
  stop(task: string, signal: AbortSignal): Promise<void>;
}

export function createTasks(connection: Connection, cluster: string): Tasks {
  const call = <T extends z.ZodType>(
    operation: string,
    input: object,
    output: T,
    signal: AbortSignal,
  ): Promise<z.infer<T>> => {
    const doing = l10n.t('calling {operation}', { operation: `ecs:${operation}` });
    return signedJson(
      connection,
      { ...ECS, operation },
      { input: { cluster, ...input }, output, doing },
      signal,
    );
  };
  return {
    async state(task, signal) {
      const found = await unlessDenied(call('DescribeTasks', { tasks: [task] }, described, signal));
      if (found === undefined) return undefined;
      // A task that ended is gone after an hour.
      return found.tasks.some(({ lastStatus }) => lastStatus !== 'STOPPED') ? 'running' : 'stopped';
    },
    async stop(task, signal) {
      const reason = 'ended by cms-enablement';
      try {
        await call('StopTask', { task, reason }, z.unknown(), signal);
      } catch (error) {
        // It is gone.
        if (!isAwsError(error, 'InvalidParameterException')) throw error;
      }
    },
  };
}
