import { AwsError } from '../../../kernel/http.ts';
import type { IotState } from '../registry/state.ts';
import { invalidRequest, notFound, alreadyExists } from '../wire/errors.ts';
import { defined } from '../../../kit/defined.ts';
import { createExecutions, type Executions } from './executions.ts';
import type { JobNotices } from './notices.ts';
import { type ExecutionRecord, isPending, type JobRecord } from './records.ts';

export type NewJob = Pick<JobRecord, 'jobId' | 'targets' | 'document'> &
  Partial<Pick<JobRecord, 'targetSelection' | 'inProgressTimeoutInMinutes' | 'shown'>>;

export interface Cancellation {
  force?: boolean | undefined;
  reasonCode?: string | undefined;
  comment?: string | undefined;
}

/** AWS IoT Jobs. Every method first ends executions that have timed out. Throws AwsError with AWS's messages. */
export interface Jobs {
  create(job: NewJob): JobRecord;
  find(jobId: string): JobRecord;
  /** Oldest first. */
  all(): JobRecord[];
  cancel(jobId: string, cancellation: Cancellation): JobRecord;
  remove(jobId: string, force: boolean): void;
  execution(jobId: string, thingName: string): ExecutionRecord;
  cancelExecution(
    jobId: string,
    thingName: string,
    options: {
      force: boolean;
      expectedVersion?: number | undefined;
      statusDetails?: Record<string, string> | undefined;
    },
  ): void;
  /** The executions, after ending those that have timed out. */
  executions(): Executions;
  /** Registers a listener for executions that have reached a final status. */
  onEnded(listener: (execution: ExecutionRecord) => void): void;
}

const MAX_TARGETS = 100;

export function createJobs(state: IotState, notices: JobNotices): Jobs {
  const jobs = state.context.store.table<JobRecord>('iot/jobs');
  const listeners: ((execution: ExecutionRecord) => void)[] = [];
  const executions = createExecutions(state, {
    pendingChanged(thingName, before, after) {
      notices.pendingChanged(thingName, before, after, (jobId) => jobs.get(jobId)?.document ?? '{}');
    },
    ended(execution) {
      notices.executionEnded(execution);
      for (const listener of listeners) listener(execution);
      completeIfDone(execution.jobId);
    },
  });
  state.onThingRemoved((thingName) => {
    for (const execution of executions.ofThing(thingName)) {
      const job = jobs.get(execution.jobId);
      if (job && isPending(execution)) executions.change(job, execution, { status: 'REMOVED' });
    }
  });

  function put(job: JobRecord, change: Partial<JobRecord>): JobRecord {
    const changed = { ...job, ...change, lastUpdatedAt: state.now() };
    jobs.set(job.jobId, changed);
    return changed;
  }

  /** Completes a job without pending executions. A continuous job never completes; it waits for new targets. */
  function completeIfDone(jobId: string): void {
    const job = jobs.get(jobId);
    if (job?.status !== 'IN_PROGRESS' || job.targetSelection === 'CONTINUOUS') return;
    if (executions.ofJob(jobId).some(isPending)) return;
    notices.jobEnded(put(job, { status: 'COMPLETED', completedAt: state.now() }), 'completed');
  }

  function endTimedOut(): void {
    for (const execution of executions.due()) {
      const job = jobs.get(execution.jobId);
      if (job) executions.change(job, execution, { status: 'TIMED_OUT' });
    }
  }

  function find(jobId: string): JobRecord {
    endTimedOut();
    const job = jobs.get(jobId);
    if (job === undefined) throw notFound(`Job ${jobId} cannot be found.`);
    return job;
  }

  function execution(jobId: string, thingName: string): ExecutionRecord {
    endTimedOut();
    const found = executions.find(jobId, thingName);
    if (found === undefined)
      throw notFound(`Job Execution for Job ${jobId} and Thing ${thingName} cannot be found.`);
    return found;
  }

  /** The name of an existing thing, from its ARN. */
  function thingOf(arn: string): string {
    const prefix = state.arn('thing', '');
    const name = arn.startsWith(prefix) ? arn.slice(prefix.length) : undefined;
    if (name !== undefined && state.things.has(name)) return name;
    if (!/^arn:[^:]+:iot:[^:]*:\d{12}:(thing|thinggroup)\/.+$/.test(arn)) {
      throw invalidRequest(`${arn} is not the ARN of a thing or a thing group.`);
    }
    throw notFound(`Target ${arn} cannot be found.`);
  }

  return {
    find,
    execution,
    all() {
      endTimedOut();
      return [...jobs.values()];
    },
    create({
      jobId,
      targets,
      document,
      targetSelection = 'SNAPSHOT',
      inProgressTimeoutInMinutes,
      shown = {},
    }) {
      if (jobs.has(jobId)) {
        throw alreadyExists(`Job ${jobId} already exists.`, jobId, state.arn('job', jobId));
      }
      if (targets.length > MAX_TARGETS)
        throw invalidRequest(`A job can have at most ${MAX_TARGETS} targets.`);
      if (!isJson(document)) throw invalidRequest('The job document is not valid JSON.');
      const things = [...new Set(targets.map(thingOf))];
      const now = state.now();
      const job: JobRecord = {
        jobId,
        targets,
        document,
        targetSelection,
        status: 'IN_PROGRESS',
        createdAt: now,
        lastUpdatedAt: now,
        shown,
        sequence: state.next(),
        ...defined({ inProgressTimeoutInMinutes }),
      };
      jobs.set(jobId, job);
      for (const thing of things) executions.add(job, thing);
      return job;
    },
    cancel(jobId, { force = false, reasonCode, comment }) {
      const job = find(jobId);
      if (job.status === 'COMPLETED')
        throw invalidRequest(`Job ${jobId} is COMPLETED and cannot be canceled.`);
      const canceled = put(job, {
        status: 'CANCELED',
        completedAt: state.now(),
        ...(force ? { forceCanceled: true } : {}),
        ...defined({ reasonCode, comment }),
      });
      for (const each of executions.ofJob(jobId)) {
        if (each.status === 'QUEUED' || (force && each.status === 'IN_PROGRESS')) {
          executions.change(canceled, each, { status: 'CANCELED', forceCanceled: force });
        }
      }
      notices.jobEnded(canceled, 'canceled');
      return canceled;
    },
    remove(jobId, force) {
      const job = find(jobId);
      if (job.status === 'IN_PROGRESS' && !force) {
        throw stateTransition(`Job ${jobId} is IN_PROGRESS and can only be deleted by force.`);
      }
      // The document can be deleted before things are notified: notices only contain executions of other jobs.
      jobs.delete(jobId);
      for (const each of executions.ofJob(jobId)) executions.remove(each);
      notices.jobEnded(job, 'deleted');
    },
    cancelExecution(jobId, thingName, { force, expectedVersion, statusDetails }) {
      const job = find(jobId);
      const found = execution(jobId, thingName);
      if (expectedVersion !== undefined && expectedVersion !== found.versionNumber) {
        throw new AwsError(
          'VersionConflictException',
          `The execution has version ${found.versionNumber}, not ${expectedVersion}.`,
          409,
        );
      }
      if (!isPending(found) || (found.status === 'IN_PROGRESS' && !force)) {
        throw stateTransition(
          `An execution that is ${found.status} cannot be canceled${force ? '' : ' without force'}.`,
        );
      }
      executions.change(job, found, { status: 'CANCELED', statusDetails, forceCanceled: force });
    },
    executions() {
      endTimedOut();
      return executions;
    },
    onEnded: (listener) => {
      listeners.push(listener);
    },
  };
}

function stateTransition(message: string): AwsError {
  return new AwsError('InvalidStateTransitionException', message, 409);
}

/** Also checks that it can be serialized again, for the things: deeply nested JSON cannot. */
function isJson(text: string): boolean {
  try {
    JSON.stringify(JSON.parse(text));
    return true;
  } catch {
    return false;
  }
}
