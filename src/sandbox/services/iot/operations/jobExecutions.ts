import * as z from 'zod';
import type { Jobs } from '../jobs/jobs.ts';
import { EXECUTION_STATUSES, type ExecutionRecord } from '../jobs/records.ts';
import { describedExecution, summaryOfExecution } from '../jobs/shapes.ts';
import type { IotState } from '../registry/state.ts';
import type { Things } from '../registry/things.ts';
import { notFound } from '../wire/errors.ts';
import {
  DEFAULT_PAGE,
  jobId,
  queryFlag,
  queryVersion,
  thingName,
  tokenPaging,
  statusDetails,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';

export function jobExecutionOperations(state: IotState, things: Things, jobs: Jobs): Operation[] {
  const uri = { thingName, jobId };
  const arnOf = (kind: 'job' | 'thing', name: string) => state.arn(kind, name);
  const listed = { ...tokenPaging, status: z.enum(EXECUTION_STATUSES).optional() };

  function pageOf(
    all: readonly ExecutionRecord[],
    input: { status?: string | undefined; nextToken?: string | undefined; maxResults?: number | undefined },
  ) {
    const wanted = all.filter(({ status }) => input.status === undefined || status === input.status);
    return page(wanted, { token: input.nextToken, size: input.maxResults ?? DEFAULT_PAGE });
  }

  return [
    operation(
      'DescribeJobExecution',
      'GET',
      '/things/:thingName/jobs/:jobId',
      { uri, query: { executionNumber: queryVersion } },
      (input) => {
        const execution = jobs.execution(input.jobId, input.thingName);
        const { executionNumber } = execution;
        if (input.executionNumber !== undefined && input.executionNumber !== executionNumber) {
          throw notFound(`Execution ${input.executionNumber} of job ${input.jobId} cannot be found.`);
        }
        return { execution: describedExecution(execution, state.now(), arnOf) };
      },
    ),
    operation(
      'ListJobExecutionsForThing',
      'GET',
      '/things/:thingName/jobs',
      { uri: { thingName }, query: { ...listed, jobId: jobId.optional() } },
      (input) => {
        things.find(input.thingName);
        const all = jobs.executions().ofThing(input.thingName);
        const { items, next } = pageOf(
          all.filter((each) => input.jobId === undefined || each.jobId === input.jobId),
          input,
        );
        return {
          executionSummaries: items.map((each) => ({
            jobId: each.jobId,
            jobExecutionSummary: summaryOfExecution(each),
          })),
          nextToken: next,
        };
      },
    ),
    operation(
      'ListJobExecutionsForJob',
      'GET',
      '/jobs/:jobId/things',
      { uri: { jobId }, query: listed },
      (input) => {
        jobs.find(input.jobId);
        const { items, next } = pageOf(jobs.executions().ofJob(input.jobId), input);
        return {
          executionSummaries: items.map((each) => ({
            thingArn: state.arn('thing', each.thingName),
            jobExecutionSummary: summaryOfExecution(each),
          })),
          nextToken: next,
        };
      },
    ),
    operation(
      'CancelJobExecution',
      'PUT',
      '/things/:thingName/jobs/:jobId/cancel',
      {
        uri,
        query: { force: queryFlag },
        body: {
          expectedVersion: z.number().int().optional(),
          statusDetails: statusDetails.optional(),
        },
      },
      ({ force = false, ...input }) => {
        jobs.cancelExecution(input.jobId, input.thingName, { ...input, force });
        return {};
      },
    ),
  ];
}
