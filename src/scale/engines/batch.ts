import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { signedCall } from '../../aws/signedCall.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { ArrayJob, Engine, JobStatus } from './engine.ts';

export interface BatchOptions {
  connection: Connection;
  queue: string;
  definition: string;
  /** vCPUs a worker, which decide how many run at a time; for advice. */
  vcpus: number;
}

const counts = z.object({
  SUBMITTED: z.number().default(0),
  PENDING: z.number().default(0),
  RUNNABLE: z.number().default(0),
  STARTING: z.number().default(0),
  RUNNING: z.number().default(0),
  SUCCEEDED: z.number().default(0),
  FAILED: z.number().default(0),
});
const described = z.object({
  jobs: z.array(
    z.object({
      status: z.enum(['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED']),
      statusReason: z.string().optional(),
      arrayProperties: z.object({ statusSummary: counts.optional() }).optional(),
    }),
  ),
});
const submitted = z.object({ jobId: z.string().min(1) });

/** Exit codes of a worker that another attempt doesn't change. AWS takes four, and one rule for all others. */
export const FINAL_EXITS = ['2', '4', '5', '6'] as const;

/** One call of AWS Batch. @throws CmsError AWS_ANSWER_UNEXPECTED, or what AWS refuses */
export async function batchCall<T>(
  connection: Connection,
  { schema, operation, body, doing }: BatchCall<T>,
  signal?: AbortSignal,
): Promise<T> {
  const path = `/v1/${operation.toLowerCase()}`;
  const text = await signedCall(connection, { service: 'batch', path, body, doing }, signal);
  const read = parseJson(schema, text);
  if (read.ok) return read.value;
  throw new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('AWS Batch answered {operation} with something else: {problem}.', {
      ...{ operation, problem: l10n.verbatim(read.problem) },
    }),
    { remedy: l10n.t('Run it again. If that does not help, check what answers at the endpoint.') },
  );
}

interface BatchCall<T> {
  /** Of the answer. */
  schema: z.ZodType<T>;
  operation: string;
  body: object;
  doing: Message;
}

/**
 * Array jobs of AWS Batch. A worker whose options or input are wrong (2), that was replaced (4), could not write its
 * result (5) or gave up for good (6) is not started again.
 * Source: API Reference of AWS Batch 2016-08-10; an array has 2 to 10,000 children.
 */
export function batchEngine({ connection, queue, definition, vcpus }: BatchOptions): Engine {
  return {
    name: 'batch',
    capacity: `vCPUs of the compute environment, and the quota "Fargate On-Demand vCPU resource count" (L-3032A538); each worker takes ${vcpus}`,
    async submit({ run, shards, attempts, args }: ArrayJob) {
      const job = {
        ...{ jobName: run, jobQueue: queue, jobDefinition: definition },
        ...(shards > 1 ? { arrayProperties: { size: shards } } : {}),
        retryStrategy: {
          attempts,
          evaluateOnExit: [
            ...FINAL_EXITS.map((onExitCode) => ({ onExitCode, action: 'EXIT' })),
            { onReason: '*', action: 'RETRY' },
          ],
        },
        containerOverrides: { command: ['worker', ...args] },
      };
      const doing = l10n.t('submitting the array job to {queue}', { queue });
      try {
        const order = { schema: submitted, operation: 'SubmitJob', body: job, doing };
        return (await batchCall(connection, order)).jobId;
      } catch (error) {
        // AWS has no code of its own for it.
        if (!isCmsError(error) || !/Job(Queue|Definition) .*not found/i.test(error.message)) throw error;
        throw new CmsError(error.code, error.sentence, {
          step: 'engine',
          remedy: l10n.t('Make queue and job definition with {command}, or name yours.', {
            command: 'cms-enablement scale setup',
          }),
          cause: error,
        });
      }
    },
    async status(id, signal): Promise<JobStatus> {
      const doing = l10n.t('asking for job {id}', { id });
      const order = { schema: described, operation: 'DescribeJobs', body: { jobs: [id] }, doing };
      const { jobs } = await batchCall(connection, order, signal);
      const [job] = jobs;
      if (job === undefined) {
        return {
          waiting: 0,
          running: 0,
          succeeded: 0,
          failed: 0,
          reasons: [`AWS Batch has no job ${id}.`],
          over: true,
        };
      }
      const { status, statusReason, arrayProperties } = job;
      const of = arrayProperties?.statusSummary ?? counts.parse({ [status]: 1 });
      return {
        waiting: of.SUBMITTED + of.PENDING + of.RUNNABLE + of.STARTING,
        running: of.RUNNING,
        succeeded: of.SUCCEEDED,
        failed: of.FAILED,
        reasons: statusReason === undefined ? [] : [`AWS Batch: ${statusReason}`],
        over: status === 'SUCCEEDED' || status === 'FAILED',
      };
    },
    async cancel(id, reason) {
      const doing = l10n.t('ending job {id}', { id });
      const body = { jobId: id, reason };
      await batchCall(connection, { schema: z.object({}), operation: 'TerminateJob', body, doing });
    },
  };
}
