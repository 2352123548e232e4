import { createRelation } from '../registry/relation.ts';
import type { IotState } from '../registry/state.ts';
import { defined } from '../../../kit/defined.ts';
import { type ExecutionRecord, isPending, type JobRecord } from './records.ts';

export interface ExecutionListener {
  /** Called with a thing's pending executions, in order, before and after a change. */
  pendingChanged(thingName: string, before: ExecutionRecord[], after: ExecutionRecord[]): void;
  /** Called when an execution has reached a final status. */
  ended(execution: ExecutionRecord): void;
}

export type ExecutionChange = Pick<ExecutionRecord, 'status'> & {
  statusDetails?: Record<string, string> | undefined;
  forceCanceled?: boolean;
  /** Restarts the step timer; -1 removes it. */
  stepTimeoutInMinutes?: number | undefined;
};

export interface Executions {
  add(job: JobRecord, thingName: string): void;
  find(jobId: string, thingName: string): ExecutionRecord | undefined;
  /** Oldest first. */
  ofJob(jobId: string): ExecutionRecord[];
  ofThing(thingName: string): ExecutionRecord[];
  /** IN_PROGRESS before QUEUED, each in the order they were queued. The first one is what `$next` refers to. */
  pending(thingName: string): ExecutionRecord[];
  change(job: JobRecord, execution: ExecutionRecord, change: ExecutionChange): ExecutionRecord;
  remove(execution: ExecutionRecord): void;
  /** Executions whose time is over. */
  due(): ExecutionRecord[];
}

const MINUTE_MS = 60_000;

export function createExecutions(state: IotState, listener: ExecutionListener): Executions {
  const rows = createRelation<ExecutionRecord>(state.context.store, 'iot/job-executions');
  /** No execution times out before this time. A time that is too early only costs an unnecessary check. */
  let nextDue = 0;

  const endOf = ({ status, timesOutAt = Infinity, stepTimesOutAt = Infinity }: ExecutionRecord): number =>
    status === 'IN_PROGRESS' ? Math.min(timesOutAt, stepTimesOutAt) : Infinity;

  function pending(thingName: string): ExecutionRecord[] {
    const open = rows.rightsOf(thingName).filter(isPending);
    return [
      ...open.filter(({ status }) => status === 'IN_PROGRESS'),
      ...open.filter(({ status }) => status === 'QUEUED'),
    ].sort((a, b) => (a.status === b.status ? a.sequence - b.sequence : 0));
  }

  function withNotice(thingName: string, apply: () => void): void {
    const before = pending(thingName);
    apply();
    listener.pendingChanged(thingName, before, pending(thingName));
  }

  return {
    pending,
    find: (jobId, thingName) => rows.get(thingName, jobId),
    ofJob: (jobId) => rows.leftsOf(jobId).sort((a, b) => a.sequence - b.sequence),
    ofThing: (thingName) => rows.rightsOf(thingName).sort((a, b) => a.sequence - b.sequence),
    add(job, thingName) {
      const now = state.now();
      withNotice(thingName, () =>
        rows.put(thingName, job.jobId, {
          jobId: job.jobId,
          thingName,
          status: 'QUEUED',
          queuedAt: now,
          lastUpdatedAt: now,
          versionNumber: 1,
          executionNumber: 1,
          sequence: state.next(),
        }),
      );
    },
    change(job, stale, { status, statusDetails, forceCanceled, stepTimeoutInMinutes }) {
      const now = state.now();
      const execution = rows.get(stale.thingName, stale.jobId) ?? stale;
      const starts = status === 'IN_PROGRESS' && execution.startedAt === undefined;
      const minutes = job.inProgressTimeoutInMinutes;
      const changed: ExecutionRecord = {
        ...execution,
        status,
        lastUpdatedAt: now,
        versionNumber: execution.versionNumber + 1,
        ...defined({
          statusDetails,
          forceCanceled: forceCanceled === true ? forceCanceled : undefined,
          startedAt: starts ? now : undefined,
          timesOutAt: starts && minutes !== undefined ? now + minutes * MINUTE_MS : undefined,
          stepTimesOutAt:
            stepTimeoutInMinutes !== undefined && stepTimeoutInMinutes > 0
              ? now + stepTimeoutInMinutes * MINUTE_MS
              : undefined,
        }),
      };
      if (stepTimeoutInMinutes !== undefined && stepTimeoutInMinutes < 0) delete changed.stepTimesOutAt;
      nextDue = Math.min(nextDue, endOf(changed));
      withNotice(execution.thingName, () => rows.put(execution.thingName, execution.jobId, changed));
      if (isPending(execution) && !isPending(changed)) listener.ended(changed);
      return changed;
    },
    remove(execution) {
      withNotice(execution.thingName, () => rows.remove(execution.thingName, execution.jobId));
    },
    due() {
      const now = state.now();
      if (now < nextDue) return [];
      const over: ExecutionRecord[] = [];
      nextDue = Infinity;
      for (const execution of rows.values()) {
        const end = endOf(execution);
        if (end <= now) over.push(execution);
        else nextDue = Math.min(nextDue, end);
      }
      return over;
    },
  };
}
