import * as z from 'zod';
import { background } from '../../../core/background.ts';
import { defined } from '../../../core/defined.ts';
import { parseJson } from '../../../core/json.ts';
import { fullJitter } from '../../../core/retry.ts';
import type { VehicleCommand } from '../../../protocol/simulation.ts';
import type { JobCodec, VehicleJob } from '../../../telemetry/codec.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { Random } from '../../../core/work.ts';
import type { Timers } from '../../../core/timers.ts';
import type { JobListener, Wire } from '../wire.ts';
import type { JobAccess } from './jobAccess.ts';

export interface VehicleJobsOptions {
  vehicle: VehicleRef;
  /** Absent if vehicles of this generation take no jobs. */
  codec: JobCodec | undefined;
  timers: Timers;
  random: Random;
  access: JobAccess;
  report: (command: VehicleCommand) => void;
  /** Called for an unexpected error: a bug in this program. */
  crashed: (error: unknown) => void;
}

/** How long an update takes; the same as for CMS's own simulated vehicles. */
const WORK_MS = 5000;
/** AWS IoT takes so many requests of the devices of an account a second; a whole fleet that gets a job makes more. */
const THROTTLED = 'RequestThrottled';
const AGAIN = fullJitter(1000, 60_000);
/** How many finished jobs are remembered, because a notice about one may arrive after its last report. */
const MAX_REMEMBERED = 20;

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
 * A vehicle's AWS IoT jobs, one after the other: takes the next job and reports IN_PROGRESS and then SUCCEEDED, or
 * rejects what a CMS vehicle does not understand. A job that was interrupted by the end of the connection is started
 * again. Answers reach the requesting client without a subscription; only notices need one. Source: AWS IoT Developer
 * Guide, "Jobs device MQTT API", "Jobs notifications".
 */
export class VehicleJobs implements JobListener {
  readonly #options: VehicleJobsOptions;
  readonly #prefix: string;
  #publish: Wire['publish'] | undefined;
  #current: Current | undefined;
  #finished: string[] = [];
  /** What was last sent of a job, in case AWS IoT had too much to do. */
  #last: { jobId: string; status: string; details: Record<string, string> } | undefined;
  /** How often in a row AWS IoT had too much to do. */
  #throttled = 0;
  #cancelRepeat: () => void = () => undefined;

  constructor(options: VehicleJobsOptions) {
    this.#options = options;
    this.#prefix = `$aws/things/${options.vehicle.thingName}/jobs/`;
  }

  get filter(): string | undefined {
    const { access, codec } = this.#options;
    return codec !== undefined && access.allowed(this.#options.vehicle) ? this.#notices : undefined;
  }

  listening(publish: Wire['publish']): void {
    this.#options.access.granted(this.#options.vehicle);
    this.#publish = publish;
    this.#askForNext();
  }

  refused(how: 'denied' | 'dropped'): void {
    this.#options.access.refused(this.#options.vehicle, { topic: this.#notices, dropped: how === 'dropped' });
  }

  closed(): void {
    this.#publish = undefined;
    this.#current?.cancel();
    this.#current = undefined;
    this.#finished = [];
    this.#cancelRepeat();
    this.#last = undefined;
    this.#throttled = 0;
  }

  message(topic: string, payload: Uint8Array): void {
    if (!topic.startsWith(this.#prefix)) return;
    const rest = topic.slice(this.#prefix.length);
    const [, rejected] = /^([^/]+)\/update\/rejected$/.exec(rest) ?? [];
    if (rejected !== undefined) {
      this.#onRejected(rejected, read(rejectedSchema, payload));
    } else if (rest === '$next/get/rejected') {
      if (read(rejectedSchema, payload)?.code === THROTTLED) this.#later(() => this.#askForNext());
    } else if (rest === 'notify-next') {
      const next = read(nextSchema, payload);
      if (next !== undefined) this.#onNext(next.execution);
    } else if (rest === '$next/get/accepted') {
      this.#throttled = 0;
      const execution = read(nextSchema, payload)?.execution;
      // Ignore an answer without a job, because a notice may have overtaken it.
      if (execution !== undefined && this.#current === undefined) this.#onNext(execution);
    }
  }

  get #notices(): string {
    return `${this.#prefix}notify-next`;
  }

  #askForNext(): void {
    this.#send(`${this.#prefix}$next/get`, '{}');
  }

  #onNext(execution: z.output<typeof executionSchema> | undefined): void {
    if (execution?.jobId === this.#current?.jobId) return;
    if (this.#current !== undefined) {
      // It is no longer the next job although this vehicle has not finished it, so the cloud canceled it.
      this.#current.cancel();
      this.#report(this.#current, 'CANCELED');
      this.#current = undefined;
    }
    if (execution === undefined || this.#finished.includes(execution.jobId)) return;
    const { jobId, status, jobDocument } = execution;
    const job = this.#options.codec?.read(jobDocument) ?? 'this vehicle takes no jobs';
    const current: Current = {
      jobId,
      operation: typeof job === 'string' ? operationOf(jobDocument) : job.operation,
      document: JSON.stringify(jobDocument ?? null),
      cancel: () => undefined,
    };
    this.#current = current;
    this.#report(current, status === 'IN_PROGRESS' ? 'IN_PROGRESS' : 'QUEUED');
    if (typeof job === 'string') this.#finish(current, 'REJECTED', { reason: job });
    else this.#work(current, job, status);
  }

  #work(current: Current, job: VehicleJob, status: string): void {
    const { timers } = this.#options;
    if (status !== 'IN_PROGRESS') {
      this.#notifyCms(current, job, 'queued');
      this.#update(current, 'IN_PROGRESS', { desiredVersion: job.desiredVersion }, () =>
        this.#report(current, 'IN_PROGRESS'),
      );
    }
    this.#notifyCms(current, job, 'inProgress');
    current.cancel = timers.after(WORK_MS, () => {
      this.#finish(current, 'SUCCEEDED', { installedVersion: job.desiredVersion });
      this.#notifyCms(current, job, 'success');
    });
  }

  #finish(current: Current, status: 'SUCCEEDED' | 'REJECTED', details: Record<string, string>): void {
    this.#current = undefined;
    this.#finished = [...this.#finished, current.jobId].slice(-MAX_REMEMBERED);
    this.#update(current, status, details, () => this.#report(current, status, details));
  }

  /** The job was canceled or has already ended, and the next one is asked for; or AWS IoT had too much to do. */
  #onRejected(jobId: string, why: z.output<typeof rejectedSchema> | undefined): void {
    if (why?.code === THROTTLED) {
      const last = this.#last;
      if (last?.jobId !== jobId) return;
      // A newer report has its own answer.
      this.#later(() => {
        if (this.#last === last) this.#send(this.#updateTopic(jobId), updateOf(last));
      });
      return;
    }
    if (this.#current?.jobId !== jobId) return;
    const current = this.#current;
    current.cancel();
    this.#current = undefined;
    this.#finished = [...this.#finished, jobId].slice(-MAX_REMEMBERED);
    this.#report(current, why?.executionState?.status ?? 'FAILED', { reason: why?.code ?? 'rejected' });
    this.#askForNext();
  }

  #update(current: Current, status: string, statusDetails: Record<string, string>, done: () => void): void {
    const { jobId } = current;
    this.#last = { jobId, status, details: statusDetails };
    this.#throttled = 0;
    this.#send(this.#updateTopic(jobId), updateOf(this.#last), done);
  }

  #updateTopic(jobId: string): string {
    return `${this.#prefix}${jobId}/update`;
  }

  /** Does something again after a wait that grows, and that differs from vehicle to vehicle. */
  #later(again: () => void): void {
    const { timers, random } = this.#options;
    this.#throttled++;
    this.#cancelRepeat();
    this.#cancelRepeat = timers.after(AGAIN(this.#throttled, random), again);
  }

  #notifyCms(current: Current, job: VehicleJob, status: Parameters<JobCodec['update']>[1]): void {
    const { vehicle, codec, timers } = this.#options;
    const message = codec?.update({ ...job, jobId: current.jobId, vehicle }, status, timers.now());
    if (message !== undefined) this.#send(message.topic, message.payload);
  }

  #report({ jobId, operation, document }: Current, status: string, details?: Record<string, string>): void {
    const { timers, vehicle } = this.#options;
    this.#options.report(
      defined({ vin: vehicle.vin, jobId, operation, document, status, time: timers.now(), details }),
    );
  }

  /** Sends nothing without a connection. `acknowledged` is not called if the connection ends before. */
  #send(topic: string, payload: string | Uint8Array, acknowledged: () => void = () => undefined): void {
    const sent = this.#publish?.(topic, payload);
    if (sent) background(sent.then(acknowledged), this.#options.crashed);
  }
}

function updateOf({ status, details }: { status: string; details: Record<string, string> }): string {
  return JSON.stringify({ status, statusDetails: details });
}

function operationOf(document: unknown): string | undefined {
  const { operation } = (document ?? {}) as { operation?: unknown };
  return typeof operation === 'string' ? operation : undefined;
}

/** Parses a payload. Undefined if it is not JSON that matches the schema. */
function read<T>(schema: z.ZodType<T>, payload: Uint8Array): T | undefined {
  const parsed = parseJson(schema, Buffer.from(payload).toString('utf8'));
  return parsed.ok ? parsed.value : undefined;
}
