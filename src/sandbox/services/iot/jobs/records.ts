import type { Numbered } from '../wire/page.ts';

/** What AWS IoT Jobs keeps. Times are milliseconds since 1970. */

export const EXECUTION_STATUSES = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'REJECTED',
  'REMOVED',
  'CANCELED',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export const JOB_STATUSES = [
  'IN_PROGRESS',
  'CANCELED',
  'COMPLETED',
  'DELETION_IN_PROGRESS',
  'SCHEDULED',
] as const;

export interface JobRecord extends Numbered {
  jobId: string;
  /** ARNs of things. */
  targets: string[];
  /** JSON text. */
  document: string;
  targetSelection: 'SNAPSHOT' | 'CONTINUOUS';
  status: 'IN_PROGRESS' | 'CANCELED' | 'COMPLETED';
  createdAt: number;
  lastUpdatedAt: number;
  completedAt?: number;
  /** How long an execution may be IN_PROGRESS. */
  inProgressTimeoutInMinutes?: number;
  forceCanceled?: boolean;
  reasonCode?: string;
  comment?: string;
  /** Kept and shown, without any effect: description, rollout, abort, retry and presigned URL settings. */
  shown: Record<string, unknown>;
}

/** The execution of a job on one thing. */
export interface ExecutionRecord extends Numbered {
  jobId: string;
  thingName: string;
  status: ExecutionStatus;
  statusDetails?: Record<string, string>;
  queuedAt: number;
  startedAt?: number;
  lastUpdatedAt: number;
  /** From 1, one more with each change. */
  versionNumber: number;
  executionNumber: number;
  forceCanceled?: boolean;
  /** End of the job's in-progress timer, and of the step timer the device set. */
  timesOutAt?: number;
  stepTimesOutAt?: number;
}

export const isPending = ({ status }: Pick<ExecutionRecord, 'status'>): boolean =>
  status === 'QUEUED' || status === 'IN_PROGRESS';
