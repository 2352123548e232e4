import * as z from 'zod';
import { type NewJob, type Jobs } from '../jobs/jobs.ts';
import { JOB_STATUSES } from '../jobs/records.ts';
import { describedJob, summaryOfJob } from '../jobs/shapes.ts';
import type { IotState } from '../registry/state.ts';
import { invalidRequest, notFound } from '../wire/errors.ts';
import { DEFAULT_PAGE, jobId, queryFlag, tags, tokenPaging } from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';
import { defined } from '../../../kit/defined.ts';

const text = z
  .string()
  .max(2028)
  .regex(/^[^\p{C}]+$/u);
const opaque = z.record(z.string(), z.unknown()).optional();
const targetSelection = z.enum(['CONTINUOUS', 'SNAPSHOT']);

const createBody = {
  targets: z.array(z.string().max(2048)).min(1),
  document: z.string().max(32_768).optional(),
  documentSource: z.string().min(1).max(1350).optional(),
  description: text.optional(),
  targetSelection: targetSelection.optional(),
  timeoutConfig: z
    .object({ inProgressTimeoutInMinutes: z.number().int().min(1).max(10_080).optional() })
    .optional(),
  presignedUrlConfig: z
    .looseObject({ expiresInSec: z.number().int().min(60).max(3600).optional() })
    .optional(),
  jobExecutionsRolloutConfig: opaque,
  jobExecutionsRetryConfig: opaque,
  abortConfig: opaque,
  schedulingConfig: opaque,
  jobTemplateArn: z.string().min(1).max(1600).optional(),
  tags,
};

export function jobOperations(state: IotState, jobs: Jobs): Operation[] {
  const uri = { jobId };
  const arnOf = (kind: 'job' | 'thing', name: string) => state.arn(kind, name);
  const reference = ({ jobId: id, shown }: Pick<NewJob, 'jobId' | 'shown'>) => ({
    jobArn: state.arn('job', id),
    jobId: id,
    description: shown?.description,
  });

  return [
    operation('CreateJob', 'PUT', '/jobs/:jobId', { uri, body: createBody }, (input) => {
      if (input.jobTemplateArn !== undefined)
        throw notFound(`Job template ${input.jobTemplateArn} cannot be found.`);
      if (input.documentSource !== undefined) throw invalidRequest('The document source cannot be read.');
      if (input.schedulingConfig !== undefined) throw invalidRequest('Jobs cannot be scheduled here.');
      if (input.document === undefined) throw invalidRequest('A document or a document source is needed.');
      const { description, presignedUrlConfig, jobExecutionsRolloutConfig, jobExecutionsRetryConfig } = input;
      const { abortConfig } = input;
      const minutes = input.timeoutConfig?.inProgressTimeoutInMinutes;
      return reference(
        jobs.create({
          jobId: input.jobId,
          targets: input.targets,
          document: input.document,
          targetSelection: input.targetSelection ?? 'SNAPSHOT',
          shown: {
            description,
            presignedUrlConfig,
            jobExecutionsRolloutConfig,
            jobExecutionsRetryConfig,
            abortConfig,
          },
          ...defined({ inProgressTimeoutInMinutes: minutes }),
        }),
      );
    }),
    operation('DescribeJob', 'GET', '/jobs/:jobId', { uri }, (input) => {
      const job = jobs.find(input.jobId);
      return { job: describedJob(job, jobs.executions().ofJob(job.jobId), arnOf) };
    }),
    operation('GetJobDocument', 'GET', '/jobs/:jobId/job-document', { uri }, (input) => ({
      document: jobs.find(input.jobId).document,
    })),
    operation(
      'ListJobs',
      'GET',
      '/jobs',
      {
        query: {
          ...tokenPaging,
          status: z.enum(JOB_STATUSES).optional(),
          targetSelection: targetSelection.optional(),
          thingGroupName: z.string().optional(),
          thingGroupId: z.string().optional(),
        },
      },
      (input) => {
        const group = input.thingGroupName ?? input.thingGroupId;
        if (group !== undefined) throw notFound(`Thing group ${group} not found`);
        const wanted = jobs
          .all()
          .filter(
            (job) =>
              (input.status === undefined || job.status === input.status) &&
              (input.targetSelection === undefined || job.targetSelection === input.targetSelection),
          );
        const { items, next } = page(wanted, {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
          descending: true,
        });
        return { jobs: items.map((job) => summaryOfJob(job, arnOf)), nextToken: next };
      },
    ),
    operation(
      'CancelJob',
      'PUT',
      '/jobs/:jobId/cancel',
      {
        uri,
        query: { force: queryFlag },
        body: {
          reasonCode: z
            .string()
            .max(128)
            .regex(/^[\p{Lu}\p{Nd}_]+$/u)
            .optional(),
          comment: text.optional(),
        },
      },
      (input) => reference(jobs.cancel(input.jobId, input)),
    ),
    operation('DeleteJob', 'DELETE', '/jobs/:jobId', { uri, query: { force: queryFlag } }, (input) => {
      jobs.remove(input.jobId, input.force === true);
      return {};
    }),
  ];
}
