import type { RunControl } from './channelMessages.ts';
import type { JobStatus } from './engines/engine.ts';
import type { GaveUp } from './gaveUp.ts';
import type { Plan } from './plan.ts';
import type { RunView, ShardView } from './runView.ts';

/** How many shards failed in a way that another attempt doesn't mend. */
export function hopelessOf({ shards }: Pick<RunView, 'shards'>, gaveUp: readonly GaveUp[]): number {
  return shards.filter(({ number, status }) => {
    if (status?.phase === 'failed') return isHopeless(status);
    return status === undefined && gaveUp.some(({ shard, final }) => shard === number && final);
  }).length;
}

/** Whether all that came are done and the others won't come: none ever started, or the time of the run is over. */
export function nobodyDrives(
  { shards }: Pick<RunView, 'shards'>,
  {
    control,
    job,
    plan,
    now,
  }: {
    control: RunControl | undefined;
    job: JobStatus | undefined;
    plan: Pick<Plan, 'drive'>;
    now: number;
  },
): boolean {
  if (control === undefined) return false;
  const left = shards.filter(({ done }) => !done);
  if (left.some(drives)) return false;
  const { durationMs } = plan.drive;
  if (durationMs !== undefined && now > control.began + durationMs) return true;
  return job?.running === 0 && left.every(({ status }) => status === undefined || isHopeless(status));
}

/** No other attempt comes, either. */
function isHopeless({ phase, final }: NonNullable<ShardView['status']>): boolean {
  return phase === 'failed' && final === true;
}

function drives({ status, goneAt }: ShardView): boolean {
  return status !== undefined && status.phase !== 'failed' && goneAt === undefined;
}
