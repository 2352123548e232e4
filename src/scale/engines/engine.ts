/** An array job of workers: each child knows its number, and a dead one is started again with the same number. */
export interface ArrayJob {
  run: string;
  shards: number;
  /** How often a child may be started. */
  attempts: number;
  /** Arguments of `cms-enablement worker`, the same for all children. Never a secret: who may see jobs sees them. */
  args: readonly string[];
}

/** How many children are where. */
export interface JobStatus {
  waiting: number;
  running: number;
  succeeded: number;
  failed: number;
  /** Why children wait or failed, as the engine says it. */
  reasons: string[];
  /** No child runs or will run. */
  over: boolean;
}

/** What places, starts again and stops workers. Everything else about a run is not its business. */
export interface Engine {
  readonly name: EngineName;
  /**
   * Returns the id of the job. It takes no signal: a job that was half submitted could not be named, nor ended.
   * @throws CmsError ENGINE_FAILED, or what AWS refuses
   */
  submit(job: ArrayJob): Promise<string>;
  status(id: string, signal: AbortSignal): Promise<JobStatus>;
  /** Ends all children; ones that are over already are no error. */
  cancel(id: string, reason: string): Promise<void>;
  /** What to raise when too few children start. */
  readonly capacity: string;
}

export const ENGINES = ['batch', 'slurm', 'kubernetes'] as const;
export type EngineName = (typeof ENGINES)[number];
