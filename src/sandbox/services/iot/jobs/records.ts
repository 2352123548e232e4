import type { Numbered } from '../wire/page.ts';

/** The records of AWS IoT Jobs. Times are milliseconds since 1970. */

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
  /** Thing ARNs. */
  targets: string[];
  /** JSON. */
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
  /** Stored and returned, but without effect: description, rollout, abort, retry and presigned URL settings. */
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
  /** Starts at 1 and increases with each change. */
  versionNumber: number;
  executionNumber: number;
  forceCanceled?: boolean;
  /** When the job's in-progress timer and the device's step timer end. */
  timesOutAt?: number;
  stepTimesOutAt?: number;
}

export const isPending = ({ status }: Pick<ExecutionRecord, 'status'>): boolean =>
  status === 'QUEUED' || status === 'IN_PROGRESS';
