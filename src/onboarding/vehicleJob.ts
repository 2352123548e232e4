import type { Connection } from '../aws/connection.ts';
import * as jobs from '../aws/iot/jobs.ts';
import { findThing } from '../aws/iot/things.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { poll, waits } from '../core/retry.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { Random, Work } from '../core/work.ts';
import { notPossible, telemetryOf } from './onboard.ts';

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
const EACH_SECOND = waits(1000);
const PENDING = ['QUEUED', 'IN_PROGRESS'];

/**
 * The document, checked, and without white space between its words.
 * @throws CmsError REQUEST_INVALID
 */
export function readJobDocument(text: string): string {
  let document: string;
  try {
    document = JSON.stringify(JSON.parse(text));
  } catch (cause) {
    throw new CmsError('REQUEST_INVALID', l10n.t('The job document is not JSON.'), {
      remedy: l10n.t('Provide a JSON file, or the JSON itself.'),
      cause,
    });
  }
  const count = document.length;
  if (count <= MOST_CHARACTERS) return document;
  throw new CmsError('REQUEST_INVALID', l10n.t('The job document has {count} characters.', { count }), {
    remedy: l10n.t('AWS IoT allows at most {most}: have the document point to a URL for the rest.', {
      most: MOST_CHARACTERS,
    }),
  });
}

/** Before anything is made, in the deployment's own words. @throws CmsError REQUEST_INVALID if it has no jobs */
export async function checkJobs(
  deployment: Pick<Deployment, 'capabilities' | 'stack'>,
  signal: AbortSignal,
): Promise<void> {
  const capabilities = await deployment.capabilities(signal);
  const jobs = capabilities.find(({ id }) => id === 'jobs');
  if (jobs === undefined) throw notPossible(deployment, 'jobs');
  const reason = jobs.no;
  if (reason === undefined) return;
  const { name } = deployment.stack;
  throw new CmsError('REQUEST_INVALID', l10n.t('{name} has no jobs: {reason}.', { name, reason }), {
    remedy: l10n.t('"cms-enablement deployments" shows what each deployment supports.'),
  });
}

/**
 * The document of an over-the-air update to a version, in the format of the CMS.
 * @throws CmsError REQUEST_INVALID if its vehicles take no jobs
 */
export function updateDocument(deployment: Deployment, version: string): string {
  const { jobs } = telemetryOf(deployment).codec;
  if (jobs === undefined) throw notPossible(deployment, 'jobs');
  return JSON.stringify(jobs.updateTo(version));
}

export function newJobId(now: number, random: Random): string {
  const some = Math.floor(random() * 36 ** 6).toString(36);
  return `cms-${new Date(now).toISOString().replaceAll(/[-:.TZ]/g, '')}-${some}`;
}

/** Throws CmsError VEHICLE_NOT_FOUND when AWS IoT has no such thing, or what the call fails with. */
export async function createJob(connection: Connection, request: JobRequest, work: Work): Promise<void> {
  const { vin, thingName, jobId, document } = request;
  const thing = await findThing(connection, thingName, work.signal);
  if (thing === undefined) {
    throw new CmsError(
      'VEHICLE_NOT_FOUND',
      l10n.t('AWS IoT has no thing {thingName} ({label}).', { thingName, label: connection.label }),
      {
        step: 'job',
        remedy: l10n.t('Onboard the vehicle first, or check the VIN and the region.'),
        details: { vin, thingName },
      },
    );
  }
  await jobs.createJob(connection, { jobId, thingArn: thing.arn, document }, work.signal);
}

export interface Following {
  /** Called at once, and with each change. */
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
  let last = undefined as JobProgress | undefined;
  const ended = await poll(
    work,
    { attempts: Infinity, withinMs: timeoutMs, backoff: EACH_SECOND },
    async () => {
      const progress = await executionOf(connection, request, work.signal);
      if (progress.version !== last?.version || progress.status !== last.status) changed(progress);
      last = progress;
      return PENDING.includes(progress.status) ? undefined : progress;
    },
  );
  if (ended === undefined) throw unanswered(request, last?.status ?? 'QUEUED', timeoutMs);
  if (ended.status !== 'SUCCEEDED') throw endedOtherwise(request, ended);
  return ended;
}

async function executionOf(
  connection: Connection,
  request: Pick<JobRequest, 'thingName' | 'jobId'>,
  signal: AbortSignal,
): Promise<JobProgress> {
  const execution = await jobs.findJobExecution(connection, request, signal);
  return {
    status: execution?.status ?? 'QUEUED',
    details: execution?.details ?? {},
    version: execution?.version ?? 0,
  };
}

function endedOtherwise(
  { vin, jobId: id }: { vin: string; jobId: string },
  { status, details }: JobProgress,
): CmsError {
  const why = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return new CmsError(
    'JOB_FAILED',
    why.length === 0
      ? l10n.t('The job {id} of {vin} ended {status}.', { id, vin, status })
      : l10n.t('The job {id} of {vin} ended {status} ({why}).', { id, vin, status, why: why.join(', ') }),
    {
      step: 'job',
      remedy:
        why.length === 0
          ? l10n.t('The vehicle gave no reason: look at its log, then create the job again.')
          : l10n.t(
              'The answer of the vehicle is in parentheses; its software decides which documents it understands.',
            ),
      details: { vin, jobId: id, status },
    },
  );
}

function unanswered(
  { vin, jobId: id }: { vin: string; jobId: string },
  status: string,
  timeoutMs: number,
): CmsError {
  const seconds = timeoutMs / 1000;
  const command = `aws iot cancel-job --force --job-id ${id}`;
  return new CmsError(
    'JOB_FAILED',
    l10n.t('The job {id} of {vin} is still {status} after {seconds} s.', { id, vin, status, seconds }),
    {
      step: 'job',
      remedy: l10n.t('The job waits until the vehicle connects; to cancel it: {command}', {
        command,
      }),
      details: { vin, jobId: id, status },
    },
  );
}
