import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import type { FoundStack } from '../../aws/stacks.ts';
import { isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { batchCall } from '../engines/batch.ts';
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
      let page: z.infer<typeof listSchema>;
      try {
        const order = { schema: listSchema, operation: 'ListJobs', body, doing };
        page = await batchCall(connection, order, signal);
      } catch (error) {
        if (isNoQueue(error)) return [];
        throw error;
      }
      for (const { jobName } of page.jobSummaryList) names.add(jobName);
      ({ nextToken } = page);
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
