import { randomUUID } from 'node:crypto';
import { type ExecutionRecord, type JobRecord } from './records.ts';
import { executionForDevice, summaryForDevice, wholeSeconds } from './shapes.ts';

/**
 * The messages that AWS IoT Jobs publishes on its own: to things (AWS IoT Developer Guide, "Jobs notifications") and
 * to observers of jobs ("Jobs events", which CMS enables for its account).
 */
export interface JobNotices {
  pendingChanged(
    thingName: string,
    before: readonly ExecutionRecord[],
    after: readonly ExecutionRecord[],
    documentOf: (jobId: string) => string,
  ): void;
  executionEnded(execution: ExecutionRecord): void;
  jobEnded(job: JobRecord, operation: 'completed' | 'canceled' | 'deleted'): void;
}

/** "A list of no more than 10 pending job executions." */
const MAX_LISTED = 10;

export function createJobNotices(deps: {
  publish: (topic: string, payload: string) => void;
  now: () => number;
  arn: (kind: 'thing', name: string) => string;
}): JobNotices {
  const { publish, now, arn } = deps;
  const timestamp = () => wholeSeconds(now());
  const send = (topic: string, body: object) => publish(topic, JSON.stringify(body));

  function event(kind: 'job' | 'jobExecution', jobId: string, operation: string, more: object): void {
    send(`$aws/events/${kind}/${jobId}/${operation}`, {
      eventType: kind === 'job' ? 'JOB' : 'JOB_EXECUTION',
      eventId: randomUUID(),
      timestamp: timestamp(),
      operation,
      jobId,
      ...more,
    });
  }

  return {
    pendingChanged(thingName, before, after, documentOf) {
      const topic = `$aws/things/${thingName}/jobs`;
      const ids = (list: readonly ExecutionRecord[]) =>
        list
          .map(({ jobId }) => jobId)
          .sort()
          .join();
      if (ids(before) !== ids(after))
        send(`${topic}/notify`, { timestamp: timestamp(), jobs: listOf(after) });
      const [next] = after;
      if (next?.jobId === before[0]?.jobId) return;
      send(`${topic}/notify-next`, {
        timestamp: timestamp(),
        ...(next === undefined
          ? {}
          : { execution: executionForDevice(next, now(), { document: documentOf(next.jobId) }) }),
      });
    },
    executionEnded({ jobId, thingName, status, statusDetails }) {
      event('jobExecution', jobId, status.toLowerCase(), {
        thingArn: arn('thing', thingName),
        status,
        statusDetails,
      });
    },
    jobEnded(job, operation) {
      const { jobId, targetSelection, targets, createdAt, lastUpdatedAt, completedAt, shown } = job;
      event('job', jobId, operation, {
        status: operation.toUpperCase(),
        targetSelection,
        targets,
        description: shown.description,
        completedAt: completedAt && wholeSeconds(completedAt),
        createdAt: wholeSeconds(createdAt),
        lastUpdatedAt: wholeSeconds(lastUpdatedAt),
      });
    },
  };
}

/** Summaries grouped by status. Statuses without executions are omitted. */
function listOf(pending: readonly ExecutionRecord[]): object {
  const jobs: Record<string, object[]> = {};
  for (const execution of pending.slice(0, MAX_LISTED)) {
    (jobs[execution.status] ??= []).push(summaryForDevice(execution));
  }
  return jobs;
}
