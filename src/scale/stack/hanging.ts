import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { signedCall } from '../../aws/signedCall.ts';
import type { FoundStack } from '../../aws/stacks.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import { pushedVehicles } from '../identities.ts';
import { s3Store } from '../stores/s3.ts';
import { FLEET, RUNS, STACK } from './names.ts';
import type { ScalePlace } from './scaleStack.ts';

/** What hangs on a setup that is about to be removed. */
export interface Hanging {
  /** Names of runs that are not over. */
  driving: string[];
  /** How many runs have a plan or results in the bucket. */
  runs: number;
  /** How many vehicles have certificates and keys there. */
  vehicles: number;
  objects: number;
}

const listSchema = z.object({
  jobSummaryList: z.array(z.object({ jobName: z.string() })),
  nextToken: z.string().optional(),
});
const UNFINISHED = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING'] as const;

/** Changes nothing. @throws CmsError STORE_FAILED, or what AWS refuses */
export async function whatHangs(
  connection: Connection,
  { place, workers }: { place: ScalePlace | undefined; workers: FoundStack | undefined },
  signal: AbortSignal,
): Promise<Hanging> {
  // A stack that failed may have its queue or not.
  const driving = workers === undefined ? [] : await unfinishedJobs(connection, signal);
  if (place === undefined) return { driving, runs: 0, vehicles: 0, objects: 0 };
  const { bucket } = place;
  const keys = await s3Store(connection, bucket, '').list('');
  const runs = new Set(keys.flatMap((key) => new RegExp(`^${RUNS}/runs/([^/]+)/`).exec(key)?.[1] ?? []));
  const vehicles = await pushedVehicles(connection, { bucket, prefix: FLEET });
  return { driving, runs: runs.size, vehicles, objects: keys.length };
}

async function unfinishedJobs(connection: Connection, signal: AbortSignal): Promise<string[]> {
  const names = new Set<string>();
  const doing = l10n.t('listing the jobs of {queue}', { queue: STACK });
  for (const jobStatus of UNFINISHED) {
    for (let nextToken: string | undefined; ;) {
      const body = { jobQueue: STACK, jobStatus, ...(nextToken === undefined ? {} : { nextToken }) };
      let text: string;
      try {
        text = await signedCall(connection, { service: 'batch', path: '/v1/listjobs', body, doing }, signal);
      } catch (error) {
        if (isNoQueue(error)) return [];
        throw error;
      }
      const read = parseJson(listSchema, text);
      if (!read.ok) {
        throw new CmsError(
          'AWS_ANSWER_UNEXPECTED',
          l10n.t('AWS Batch answered {operation} with something else: {problem}.', {
            ...{ operation: 'ListJobs', problem: l10n.verbatim(read.problem) },
          }),
          { remedy: l10n.t('Run it again. If that does not help, check what answers at the endpoint.') },
        );
      }
      for (const { jobName } of read.value.jobSummaryList) names.add(jobName);
      nextToken = read.value.nextToken;
      if (nextToken === undefined) break;
    }
  }
  return [...names];
}

/** AWS Batch has no code of its own for it. */
function isNoQueue(error: unknown): boolean {
  return (
    isCmsError(error) &&
    error.details.awsCode === 'ClientException' &&
    /not (found|exist)/i.test(error.message)
  );
}
