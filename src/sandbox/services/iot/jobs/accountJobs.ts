import type { IotJobs } from '../contract.ts';
import type { IotState } from '../registry/state.ts';
import { page } from '../wire/page.ts';
import { defined } from '../../../kit/defined.ts';
import type { Jobs } from './jobs.ts';
import { describedExecution, summaryOfExecution, summaryOfJob } from './shapes.ts';

/** Jobs as CMS sees them: as the control plane's answers describe them. */
export function createAccountJobs(state: IotState, jobs: Jobs): IotJobs {
  const arnOf = (kind: 'job' | 'thing', name: string) => state.arn(kind, name);
  return {
    create: (job) => void jobs.create(job),
    list(request) {
      const snapshots = jobs.all().filter(({ targetSelection }) => targetSelection === 'SNAPSHOT');
      const { items, next } = page(snapshots, { ...request, descending: true });
      return { jobs: items.map((job) => summaryOfJob(job, arnOf)), ...defined({ nextToken: next }) };
    },
    executions(jobId, request) {
      jobs.find(jobId);
      const { items, next } = page(jobs.executions().ofJob(jobId), request);
      return {
        executionSummaries: items.map((each) => ({
          thingArn: state.arn('thing', each.thingName),
          jobExecutionSummary: summaryOfExecution(each),
        })),
        ...defined({ nextToken: next }),
      };
    },
    execution: (jobId, thingName) => ({
      execution: describedExecution(jobs.execution(jobId, thingName), state.now(), arnOf),
    }),
    document: (jobId) => jobs.find(jobId).document,
    onEnded: (listener) => jobs.onEnded(listener),
  };
}
