/** Which shard a process drives, from 1, and in which attempt, from 1. */
export interface ToldPlace {
  shard: number;
  attempt: number;
}

/**
 * What the engine that started this process says. Sources: AWS Batch User Guide, "Array jobs" and "AWS Batch job
 * environment variables"; sbatch(1), "OUTPUT ENVIRONMENT VARIABLES"; Kubernetes, "Indexed Job" (the attempt is an
 * annotation of the pod, which the manifest makes a variable).
 */
export function placeIn(env: Readonly<Record<string, string | undefined>>): ToldPlace | undefined {
  const number = (name: string): number | undefined => {
    const text = env[name];
    return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
  };
  const batch = number('AWS_BATCH_JOB_ARRAY_INDEX');
  const batchAttempt = number('AWS_BATCH_JOB_ATTEMPT');
  // A job of one child is no array.
  if (batchAttempt !== undefined) return { shard: (batch ?? 0) + 1, attempt: batchAttempt };
  const slurm = number('SLURM_ARRAY_TASK_ID');
  if (slurm !== undefined) return { shard: slurm, attempt: (number('SLURM_RESTART_COUNT') ?? 0) + 1 };
  const kubernetes = number('JOB_COMPLETION_INDEX');
  if (kubernetes === undefined) return undefined;
  return { shard: kubernetes + 1, attempt: (number('CMS_INDEX_FAILURES') ?? 0) + 1 };
}
