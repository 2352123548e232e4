import type { IoTClient } from '@aws-sdk/client-iot';
import type { Connection } from '../aws/connection.ts';
import { CmsError } from '../core/errors.ts';
import { english } from '../core/wording.ts';
import type { Random, Work } from '../core/work.ts';
import { calling, unlessMissing } from '../provisioning/awsCalls.ts';

/** A job (command) for one vehicle, made and followed through AWS IoT. */
export interface JobRequest {
  vin: string;
  thingName: string;
  /** Unique in the account: letters, digits, - and _, at most 64. */
  jobId: string;
  /** JSON text, at most 32,768 characters. */
  document: string;
}

/** What is known of the job's execution on the vehicle. */
export interface JobProgress {
  status: string;
  details: Record<string, string>;
  /** Grows with each report. */
  version: number;
}

/** AWS IoT's bound of a job document. */
const MOST_CHARACTERS = 32_768;
const POLL_MS = 1000;
const PENDING = ['QUEUED', 'IN_PROGRESS'];

/** Checked, and without what only people need to read it. Throws CmsError REQUEST_INVALID. */
export function readJobDocument(text: string): string {
  let document: string;
  try {
    document = JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw invalid('The job document is not JSON.', 'Give a file of JSON, or the JSON itself.', error);
  }
  if (document.length <= MOST_CHARACTERS) return document;
  throw invalid(
    `The job document has ${document.length} characters.`,
    `AWS IoT takes ${MOST_CHARACTERS} at most: let the document name a place to load the rest from.`,
  );
}

/** What CMS makes of an update over the air with its command template `OtaUpdate`. */
export function updateDocument(desiredVersion: string): string {
  return JSON.stringify({ operation: 'OtaUpdate', desiredVersion });
}

export function newJobId(now: number, random: Random): string {
  const some = Math.floor(random() * 36 ** 6).toString(36);
  return `cms-${new Date(now).toISOString().replaceAll(/[-:.TZ]/g, '')}-${some}`;
}

/** Throws CmsError VEHICLE_NOT_FOUND when AWS IoT has no such thing, or what the call fails with. */
export async function createJob(connection: Connection, request: JobRequest, work: Work): Promise<void> {
  const { CreateJobCommand, DescribeThingCommand } = await import('@aws-sdk/client-iot');
  const { vin, thingName, jobId, document } = request;
  const iot = await connection.iot();
  const abort = { abortSignal: work.signal };
  const thing = await unlessMissing(`looking for the thing ${thingName}`, () =>
    iot.send(new DescribeThingCommand({ thingName }), abort),
  );
  if (thing?.thingArn === undefined) {
    throw new CmsError(
      'VEHICLE_NOT_FOUND',
      `AWS IoT has no thing ${thingName} (${english(connection.label)}).`,
      {
        step: 'job',
        remedy: 'Onboard the vehicle first, or check the VIN and the region.',
        details: { vin, thingName },
      },
    );
  }
  const targets = [thing.thingArn];
  await calling(`creating the job ${jobId}`, () =>
    iot.send(new CreateJobCommand({ jobId, targets, document, targetSelection: 'SNAPSHOT' }), abort),
  );
}

export interface Following {
  /** Told at once, and of each change. */
  changed: (progress: JobProgress) => void;
  /** Gives up then; the job stays. Without it, as long as it takes. */
  timeoutMs?: number;
}

/**
 * Follows the execution to its end.
 * @throws CmsError JOB_FAILED when it ends otherwise than SUCCEEDED, or has not ended in time; CANCELLED
 */
export async function followJob(
  connection: Connection,
  request: Pick<JobRequest, 'vin' | 'thingName' | 'jobId'>,
  { changed, timeoutMs = Infinity }: Following,
  work: Work,
): Promise<JobProgress> {
  const iot = await connection.iot();
  const until = work.clock.now() + timeoutMs;
  let told: JobProgress | undefined;
  for (;;) {
    const progress = await executionOf(iot, request, work.signal);
    if (progress.version !== told?.version || progress.status !== told.status) {
      changed(progress);
    }
    told = progress;
    if (progress.status === 'SUCCEEDED') return progress;
    if (!PENDING.includes(progress.status)) throw endedOtherwise(request, progress);
    if (work.clock.now() >= until) throw unanswered(request, progress, timeoutMs);
    await work.clock.sleep(Math.min(POLL_MS, until - work.clock.now()), work.signal);
  }
}

async function executionOf(
  iot: IoTClient,
  { jobId, thingName }: Pick<JobRequest, 'thingName' | 'jobId'>,
  signal: AbortSignal,
): Promise<JobProgress> {
  const { DescribeJobExecutionCommand } = await import('@aws-sdk/client-iot');
  // AWS queues the execution a moment after the job is made.
  const answer = await unlessMissing(`asking for the job ${jobId}`, () =>
    iot.send(new DescribeJobExecutionCommand({ jobId, thingName }), { abortSignal: signal }),
  );
  const { status, statusDetails, versionNumber } = answer?.execution ?? {};
  return {
    status: status ?? 'QUEUED',
    details: { ...statusDetails?.detailsMap },
    version: versionNumber ?? 0,
  };
}

function endedOtherwise({ vin, jobId }: { vin: string; jobId: string }, { status, details }: JobProgress) {
  const why = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return new CmsError(
    'JOB_FAILED',
    `The job ${jobId} of ${vin} ended ${status}${why.length === 0 ? '' : ` (${why.join(', ')})`}.`,
    {
      step: 'job',
      remedy:
        'What the vehicle said stands in parentheses; its software decides which documents it understands.',
      details: { vin, jobId, status },
    },
  );
}

function unanswered(
  { vin, jobId }: { vin: string; jobId: string },
  { status }: JobProgress,
  timeoutMs: number,
) {
  return new CmsError(
    'JOB_FAILED',
    `The job ${jobId} of ${vin} is still ${status} after ${timeoutMs / 1000} s.`,
    {
      step: 'job',
      remedy:
        'It waits for the vehicle, which does it when it connects; to take it back: ' +
        `aws iot cancel-job --force --job-id ${jobId}`,
      details: { vin, jobId, status },
    },
  );
}

function invalid(message: string, remedy: string, cause?: unknown): CmsError {
  return new CmsError('REQUEST_INVALID', message, { remedy, ...(cause === undefined ? {} : { cause }) });
}
