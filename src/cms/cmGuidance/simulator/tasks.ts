import * as z from 'zod';
import type { Connection } from '../../../aws/connection.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { l10n } from '../../../core/message.ts';
import { endingPages } from '../../../core/pages.ts';
import { unlessDenied } from '../../kit/denied.ts';
import { createJsonCalls } from '../jsonCalls.ts';

const described = z.object({
  tasks: z
    .array(z.object({ taskArn: z.string(), lastStatus: z.string(), createdAt: z.number().optional() }))
    .default([]),
});
const listed = z.object({ taskArns: z.array(z.string()).default([]), nextToken: z.string().optional() });

/** `missing`: it was never there, ended more than an hour ago, or was started a moment ago. */
export type TaskState = 'running' | 'stopped' | 'missing';

/** The tasks of the simulator in ECS: what is billed, whatever its API says. */
export interface Tasks {
  readonly cluster: string;
  /** Undefined where it may not be looked at. */
  state(task: string, signal: AbortSignal): Promise<TaskState | undefined>;
  /** Those that run and were asked for in this time, in ms since 1970. Undefined where nobody may look. */
  begun(time: { from: number; to: number }, signal: AbortSignal): Promise<readonly string[] | undefined>;
  stop(task: string, signal: AbortSignal): Promise<void>;
}

export function createTasks(connection: Connection, cluster: string): Tasks {
  const json = createJsonCalls(connection);
  const call = <T extends z.ZodType>(operation: string, input: object, output: T, signal: AbortSignal) =>
    json('ecs', operation, { cluster, ...input }, output, signal);
  const describe = async (tasks: readonly string[], signal: AbortSignal) =>
    (await call('DescribeTasks', { tasks }, described, signal)).tasks;

  async function* pages(signal: AbortSignal): AsyncGenerator<z.infer<typeof listed>> {
    let nextToken: string | undefined;
    do {
      const page = await call('ListTasks', { desiredStatus: 'RUNNING', nextToken }, listed, signal);
      yield page;
      ({ nextToken } = page);
    } while (nextToken !== undefined);
  }

  async function begun({ from, to }: { from: number; to: number }, signal: AbortSignal): Promise<string[]> {
    const doing = l10n.t('calling {operation}', { operation: 'ecs:ListTasks' });
    const look = ({ taskArns, nextToken }: z.infer<typeof listed>) => ({ next: nextToken, items: taskArns });
    const found: string[] = [];
    // A page has as many as can be described at a time.
    for await (const { taskArns } of endingPages(pages(signal), doing, look)) {
      if (taskArns.length === 0) continue;
      for (const { taskArn, lastStatus, createdAt } of await describe(taskArns, signal)) {
        const at = (createdAt ?? from / 1000) * 1000;
        if (lastStatus !== 'STOPPED' && at >= from && at <= to) found.push(taskArn);
      }
    }
    return found;
  }

  return {
    cluster,
    begun: (time, signal) => unlessDenied(begun(time, signal)),
    async state(task, signal) {
      const found = await unlessDenied(describe([task], signal));
      if (found === undefined) return undefined;
      if (found.length === 0) return 'missing';
      return found.some(({ lastStatus }) => lastStatus !== 'STOPPED') ? 'running' : 'stopped';
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
