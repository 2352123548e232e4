import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { createRestJsonService, operation } from '../../protocols/restJson.ts';
import { pageOf } from '../../protocols/page.ts';
import { arnOf } from '../../kit/partition.ts';
import { attemptsJson, type Child, createJobs, type Job, type JobDeps, stateOf, summaryOf } from './jobs.ts';
import type { Places } from './places.ts';

export interface Batch {
  readonly service: HttpService;
  /** Ends what runs of a queue. */
  readonly endAll: (queue: string) => void;
}

/** Why jobs end with their queue. */
const QUEUE_GONE = 'The job queue is deleted';
const name = z.string().regex(/^[a-zA-Z0-9][\w-]{0,127}$/);
const states = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;
const exitRule = z.object({
  onExitCode: z.string().max(512).optional(),
  onReason: z.string().max(512).optional(),
  onStatusReason: z.string().max(512).optional(),
  action: z.string(),
});

/**
 * AWS Batch 2016-08-10: jobs and array jobs, whose children are processes of the command line beside the sandbox. Queues
 * and definitions are made by stacks.
 */
export function createBatch(context: Context, deps: { places: Places } & JobDeps): Batch {
  const { places } = deps;
  const jobs = createJobs(context, deps);

  /** A job, or one child of an array: `<id>:<index>`. */
  function find(id: string): { job: Job; child: Child | undefined } | undefined {
    const [jobId = '', index] = id.split(':');
    const job = jobs.find(jobId);
    if (job === undefined) return undefined;
    const child = index === undefined ? undefined : job.children[Number(index)];
    return index !== undefined && child === undefined ? undefined : { job, child };
  }

  function describe({ job, child }: { job: Job; child: Child | undefined }) {
    const id = child === undefined ? job.id : `${job.id}:${child.index}`;
    const only = child ?? (job.size === undefined ? job.children[0] : undefined);
    const times = job.children.flatMap(({ startedAt }) => startedAt ?? []);
    return defined({
      jobArn: jobs.arn(id),
      jobId: id,
      jobName: job.name,
      jobQueue: arnOf(context.config, 'batch', `job-queue/${job.queue}`),
      jobDefinition: jobs.definitionArn(job),
      status: only?.state ?? stateOf(job),
      statusReason: only?.reason,
      createdAt: job.createdAt,
      startedAt: only === undefined ? times.sort((a, b) => a - b)[0] : only.startedAt,
      stoppedAt: only?.stoppedAt,
      attempts: only === undefined ? [] : attemptsJson(only),
      retryStrategy: { attempts: job.attempts, evaluateOnExit: job.rules.map((rule) => defined(rule)) },
      dependsOn: [],
      container: defined({
        command: job.command,
        environment: job.environment,
        image: job.definition.image,
        jobRoleArn: job.definition.roleArn,
        exitCode: only?.attempts.at(-1)?.exitCode,
        reason: only?.attempts.at(-1)?.reason,
      }),
      arrayProperties:
        job.size === undefined
          ? undefined
          : child === undefined
            ? { size: job.size, statusSummary: summaryOf(job) }
            : { index: child.index },
      isTerminated: job.terminated !== undefined,
    });
  }

  const service = createRestJsonService({
    name: 'batch',
    invalid: 'ClientException',
    tooFast: { code: 'TooManyRequestsException', message: 'Too Many Requests', status: 429 },
    rates: [
      {
        perSecond: 50,
        operations: ['SubmitJob'],
        shareRate: false,
        source: 'AWS Batch User Guide, "Service quotas"',
      },
    ],
    operations: [
      operation(
        'SubmitJob',
        'POST',
        '/v1/submitjob',
        {
          body: {
            jobName: name,
            jobQueue: z.string().min(1),
            jobDefinition: z.string().min(1),
            arrayProperties: z.object({ size: z.number().int().min(2).max(10_000).optional() }).optional(),
            retryStrategy: z
              .object({
                attempts: z.number().int().min(1).max(10).optional(),
                evaluateOnExit: z.array(exitRule).max(5).optional(),
              })
              .optional(),
            containerOverrides: z
              .object({
                command: z.array(z.string()).optional(),
                environment: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
              })
              .loose()
              .optional(),
            tags: z.record(z.string(), z.string()).optional(),
          },
        },
        ({ jobName, jobQueue, jobDefinition, arrayProperties, retryStrategy, containerOverrides }) => {
          const queue = places.queue(jobQueue);
          const job = jobs.submit({
            ...{ name: jobName, queue, size: arrayProperties?.size },
            definition: places.definition(jobDefinition),
            command: containerOverrides?.command ?? [],
            environment: containerOverrides?.environment ?? [],
            attempts: retryStrategy?.attempts ?? 1,
            rules: retryStrategy?.evaluateOnExit ?? [],
          });
          return { jobArn: jobs.arn(job.id), jobName, jobId: job.id };
        },
      ),
      operation(
        'DescribeJobs',
        'POST',
        '/v1/describejobs',
        { body: { jobs: z.array(z.string()).max(100) } },
        ({ jobs: ids }) => ({
          // What there is not is left out.
          jobs: ids.flatMap((id) => {
            const found = find(id);
            return found === undefined ? [] : describe(found);
          }),
        }),
      ),
      operation(
        'ListJobs',
        'POST',
        '/v1/listjobs',
        {
          body: {
            jobQueue: z.string().optional(),
            arrayJobId: z.string().optional(),
            jobStatus: z.enum(states).optional(),
            maxResults: z.number().int().min(1).max(100).optional(),
            nextToken: z.string().optional(),
          },
        },
        ({ jobQueue, arrayJobId, jobStatus = 'RUNNING', maxResults = 100, nextToken }) => {
          if ((jobQueue === undefined) === (arrayJobId === undefined))
            throw new AwsError('ClientException', 'Exactly one of jobQueue and arrayJobId is needed.');
          const queue = jobQueue === undefined ? undefined : places.queue(jobQueue);
          const job = arrayJobId === undefined ? undefined : jobs.find(arrayJobId);
          const all =
            job === undefined
              ? jobs
                  .all()
                  .filter((one) => one.queue === queue)
                  .map((one) => ({ job: one, child: undefined }))
              : job.children.map((child) => ({ job, child }));
          const wanted = all.map(describe).filter(({ status }) => status === jobStatus);
          const page = pageOf(
            wanted,
            {
              name: 'batch-jobs',
              cursorOf: (_job, index) => index,
              invalid: () => new AwsError('ClientException', 'The token is not valid.'),
            },
            { token: nextToken, size: maxResults },
          );
          return defined({
            jobSummaryList: page.items.map(
              ({ container, retryStrategy: _, attempts: __, dependsOn: ___, ...rest }) => ({
                ...rest,
                container: defined({ exitCode: container.exitCode, reason: container.reason }),
              }),
            ),
            nextToken: page.next,
          });
        },
      ),
      operation(
        'TerminateJob',
        'POST',
        '/v1/terminatejob',
        { body: { jobId: z.string().min(1), reason: z.string().min(1) } },
        ({ jobId, reason }) => {
          const found = find(jobId);
          if (found !== undefined) jobs.terminate(found.job, found.child, reason);
          return {};
        },
      ),
    ],
  });
  return {
    service,
    endAll(queue) {
      for (const job of jobs.all()) if (job.queue === queue) jobs.terminate(job, undefined, QUEUE_GONE);
    },
  };
}
