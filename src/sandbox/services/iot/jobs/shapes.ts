import { defined } from '../../../kit/defined.ts';
import { seconds } from '../wire/time.ts';
import { type ExecutionRecord, type ExecutionStatus, isPending, type JobRecord } from './records.ts';

/** How jobs look in the control plane's API and to devices (AWS IoT API Reference, data types). */

type ArnOf = (kind: 'job' | 'thing', name: string) => string;

export function describedJob(job: JobRecord, executions: readonly ExecutionRecord[], arnOf: ArnOf): object {
  const count = (status: ExecutionStatus): number =>
    executions.filter((each) => each.status === status).length;
  const shown = Object.fromEntries(Object.entries(job.shown).filter(([, value]) => value !== undefined));
  const { jobId, targets, reasonCode, comment, forceCanceled, inProgressTimeoutInMinutes } = job;
  return {
    ...summaryOfJob(job, arnOf),
    targets,
    // AWS shows these two and the timeout also when they are empty.
    presignedUrlConfig: {},
    jobExecutionsRolloutConfig: {},
    ...shown,
    reasonCode,
    comment,
    forceCanceled,
    timeoutConfig: defined({ inProgressTimeoutInMinutes }),
    jobProcessDetails: {
      numberOfCanceledThings: count('CANCELED'),
      numberOfSucceededThings: count('SUCCEEDED'),
      numberOfFailedThings: count('FAILED'),
      numberOfRejectedThings: count('REJECTED'),
      numberOfQueuedThings: count('QUEUED'),
      numberOfInProgressThings: count('IN_PROGRESS'),
      numberOfRemovedThings: count('REMOVED'),
      numberOfTimedOutThings: count('TIMED_OUT'),
    },
    jobId,
  };
}

export function summaryOfJob(job: JobRecord, arnOf: ArnOf): object {
  const { jobId, targetSelection, status, createdAt, lastUpdatedAt, completedAt } = job;
  return {
    jobArn: arnOf('job', jobId),
    jobId,
    targetSelection,
    status,
    createdAt: seconds(createdAt),
    lastUpdatedAt: seconds(lastUpdatedAt),
    completedAt: seconds(completedAt),
    // Rollouts and cancellations take effect at once.
    isConcurrent: false,
  };
}

/** `JobExecution` of the control plane. */
export function describedExecution(execution: ExecutionRecord, now: number, arnOf: ArnOf): object {
  const { jobId, thingName, status, statusDetails, forceCanceled, versionNumber } = execution;
  return {
    jobId,
    status,
    forceCanceled,
    statusDetails: defined({ detailsMap: statusDetails }),
    thingArn: arnOf('thing', thingName),
    ...timesOf(execution, seconds),
    executionNumber: execution.executionNumber,
    versionNumber,
    ...timeLeft(execution, now),
  };
}

export function summaryOfExecution(execution: ExecutionRecord): object {
  const { status, executionNumber } = execution;
  return { status, ...timesOf(execution, seconds), executionNumber, retryAttempt: 0 };
}

/** Over MQTT, times are in whole seconds. */
export const wholeSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** `JobExecution` as a device gets it: the document is embedded as JSON, not as a string. */
export function executionForDevice(
  execution: ExecutionRecord,
  now: number,
  more: { document?: string | undefined; thingName?: boolean },
): object {
  const { jobId, thingName, status, statusDetails, versionNumber, executionNumber } = execution;
  return {
    jobId,
    thingName: more.thingName === true ? thingName : undefined,
    status,
    statusDetails,
    ...timesOf(execution, wholeSeconds),
    versionNumber,
    executionNumber,
    ...timeLeft(execution, now),
    jobDocument: more.document === undefined ? undefined : (JSON.parse(more.document) as unknown),
  };
}

/** `JobExecutionSummary` as a device gets it. */
export function summaryForDevice(execution: ExecutionRecord): object {
  const { jobId, executionNumber, versionNumber } = execution;
  return { jobId, ...timesOf(execution, wholeSeconds), executionNumber, versionNumber };
}

/** `JobExecutionState`. */
export function stateForDevice({ status, statusDetails, versionNumber }: ExecutionRecord): object {
  return { status, statusDetails, versionNumber };
}

function timesOf(execution: ExecutionRecord, unit: (milliseconds: number) => number): object {
  const { queuedAt, startedAt, lastUpdatedAt } = execution;
  return {
    queuedAt: unit(queuedAt),
    startedAt: startedAt === undefined ? undefined : unit(startedAt),
    lastUpdatedAt: unit(lastUpdatedAt),
  };
}

function timeLeft(execution: ExecutionRecord, now: number): object {
  const { timesOutAt = Infinity, stepTimesOutAt = Infinity } = execution;
  const end = Math.min(timesOutAt, stepTimesOutAt);
  if (!isPending(execution) || end === Infinity) return {};
  return { approximateSecondsBeforeTimedOut: Math.max(0, wholeSeconds(end - now)) };
}
