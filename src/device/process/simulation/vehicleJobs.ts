import { z } from 'zod';
import type { VehicleCommand } from '../../../protocol/simulation.ts';
import { encodeJobUpdate, readJob, type VehicleJob } from '../../../telemetry/jobCdf.ts';
import type { Timers } from '../../../core/timers.ts';
import type { JobListener, Wire } from '../wire.ts';
import type { JobAccess } from './jobAccess.ts';

export interface VehicleJobsOptions {
  vin: string;
  thingName: string;
  timers: Timers;
  access: JobAccess;
  report: (command: VehicleCommand) => void;
}

/** How long an update takes, as with CMS's own simulated vehicles. */
const WORK_MS = 5000;
/** Jobs whose last report may still cross a notice of them. */
const REMEMBERED = 20;

const executionSchema = z.object({
  jobId: z.string().min(1),
  status: z.string(),
  jobDocument: z.unknown(),
});
const nextSchema = z.object({ execution: executionSchema.optional().catch(undefined) });
const rejectedSchema = z.object({
  code: z.string().optional(),
  executionState: z.object({ status: z.string() }).optional(),
});

interface Current {
  jobId: string;
  operation: string | undefined;
  document: string;
  cancel: () => void;
}

/**
 * A vehicle's AWS IoT jobs, one after the other: it takes the next, says that it is at work and then that it is done,
 * or rejects what a vehicle of CMS does not understand. What it had begun when its connection ended it does again.
 * Answers come to the client that asked without a subscription; only notices need one. Source: AWS IoT Developer
 * Guide, "Jobs device MQTT API", "Jobs notifications".
 */
export class VehicleJobs implements JobListener {
  readonly #options: VehicleJobsOptions;
  readonly #prefix: string;
  #publish: Wire['publish'] | undefined;
  #current: Current | undefined;
  #finished: string[] = [];

  constructor(options: VehicleJobsOptions) {
    this.#options = options;
    this.#prefix = `$aws/things/${options.thingName}/jobs/`;
  }

  get filter(): string | undefined {
    return this.#options.access.allowed(this.#options.vin) ? this.#notices : undefined;
  }

  listening(publish: Wire['publish']): void {
    this.#options.access.granted(this.#options.vin);
    this.#publish = publish;
    this.#askForNext();
  }

  refused(how: 'denied' | 'dropped'): void {
    this.#options.access.refused(this.#options.vin, { topic: this.#notices, dropped: how === 'dropped' });
  }

  closed(): void {
    this.#publish = undefined;
    this.#current?.cancel();
    this.#current = undefined;
    this.#finished = [];
  }

  message(topic: string, payload: Uint8Array): void {
    if (!topic.startsWith(this.#prefix)) return;
    const rest = topic.slice(this.#prefix.length);
    const [, rejected] = /^([^/]+)\/update\/rejected$/.exec(rest) ?? [];
    if (rejected !== undefined) {
      this.#onRejected(rejected, parse(rejectedSchema, payload));
    } else if (rest === 'notify-next') {
      const next = parse(nextSchema, payload);
      if (next !== undefined) this.#onNext(next.execution);
    } else if (rest === '$next/get/accepted') {
      const execution = parse(nextSchema, payload)?.execution;
      // None is no news: a notice may have overtaken it.
      if (execution !== undefined && this.#current === undefined) this.#onNext(execution);
    }
  }

  get #notices(): string {
    return `${this.#prefix}notify-next`;
  }

  #askForNext(): void {
    void this.#publish?.(`${this.#prefix}$next/get`, '{}');
  }

  #onNext(execution: z.output<typeof executionSchema> | undefined): void {
    if (execution?.jobId === this.#current?.jobId) return;
    if (this.#current !== undefined) {
      // It was the next one and is no more, though this vehicle has not said that it is done.
      this.#current.cancel();
      this.#tell(this.#current, 'CANCELED');
      this.#current = undefined;
    }
    if (execution === undefined || this.#finished.includes(execution.jobId)) return;
    const { jobId, status, jobDocument } = execution;
    const job = readJob(jobDocument);
    const current: Current = {
      jobId,
      operation: typeof job === 'string' ? operationOf(jobDocument) : job.operation,
      document: JSON.stringify(jobDocument ?? null),
      cancel: () => undefined,
    };
    this.#current = current;
    this.#tell(current, status === 'IN_PROGRESS' ? 'IN_PROGRESS' : 'QUEUED');
    if (typeof job === 'string') this.#finish(current, 'REJECTED', { reason: job });
    else this.#work(current, job, status);
  }

  #work(current: Current, job: VehicleJob, status: string): void {
    const { timers } = this.#options;
    if (status !== 'IN_PROGRESS') {
      this.#say(current, job, 'queued');
      this.#update(current, 'IN_PROGRESS', { desiredVersion: job.desiredVersion }, () =>
        this.#tell(current, 'IN_PROGRESS'),
      );
    }
    this.#say(current, job, 'inProgress');
    current.cancel = timers.after(WORK_MS, () => {
      this.#finish(current, 'SUCCEEDED', { installedVersion: job.desiredVersion });
      this.#say(current, job, 'success');
    });
  }

  #finish(current: Current, status: 'SUCCEEDED' | 'REJECTED', details: Record<string, string>): void {
    this.#current = undefined;
    this.#finished = [...this.#finished, current.jobId].slice(-REMEMBERED);
    this.#update(current, status, details, () => this.#tell(current, status, details));
  }

  /** Was it taken away, or is it over? Either way the next one is looked for. */
  #onRejected(jobId: string, why: z.output<typeof rejectedSchema> | undefined): void {
    if (this.#current?.jobId !== jobId) return;
    const current = this.#current;
    current.cancel();
    this.#current = undefined;
    this.#finished = [...this.#finished, jobId].slice(-REMEMBERED);
    this.#tell(current, why?.executionState?.status ?? 'FAILED', { reason: why?.code ?? 'rejected' });
    this.#askForNext();
  }

  #update(current: Current, status: string, statusDetails: Record<string, string>, done: () => void): void {
    const topic = `${this.#prefix}${current.jobId}/update`;
    void this.#publish?.(topic, JSON.stringify({ status, statusDetails })).then(done);
  }

  #say(current: Current, job: VehicleJob, status: Parameters<typeof encodeJobUpdate>[1]): void {
    const { vin, thingName, timers } = this.#options;
    const told = { ...job, jobId: current.jobId, vin, thingName };
    const { topic, payload } = encodeJobUpdate(told, status, timers.now());
    void this.#publish?.(topic, payload);
  }

  #tell({ jobId, operation, document }: Current, status: string, details?: Record<string, string>): void {
    const { vin, timers } = this.#options;
    this.#options.report({
      vin,
      jobId,
      ...(operation === undefined ? {} : { operation }),
      document,
      status,
      time: timers.now(),
      ...(details === undefined ? {} : { details }),
    });
  }
}

function operationOf(document: unknown): string | undefined {
  const { operation } = (document ?? {}) as { operation?: unknown };
  return typeof operation === 'string' ? operation : undefined;
}

/** What is no JSON, or not of the shape, is nobody's. */
function parse<T>(schema: z.ZodType<T>, payload: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
