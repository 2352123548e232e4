import * as z from 'zod';
import type { ThingAnswer, ThingService } from '../contract.ts';
import { AwsError } from '../../../kernel/http.ts';
import type { IotState } from '../registry/state.ts';
import { statusDetails } from '../wire/fields.ts';
import { parseJsonBytes } from '../../../kit/json.ts';
import { BOTTOMLESS, createBucket } from '../../../kit/bucket.ts';
import { problemWords } from '../../../kit/problemWords.ts';
import { DEVICE_RATES } from '../rates.ts';
import type { Jobs } from './jobs.ts';
import { EXECUTION_STATUSES, type ExecutionRecord, isPending } from './records.ts';
import { executionForDevice, stateForDevice, summaryForDevice, wholeSeconds } from './shapes.ts';

/** AWS IoT Developer Guide, "Jobs device MQTT API". */

/** Numbers may be strings, because the guide's own examples write them so. */
const number = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const stepTimeout = z
  .number()
  .int()
  .min(-1)
  .max(10_080)
  .refine((minutes) => minutes !== 0, 'must be 1 to 10080, or -1')
  .optional();
const startSchema = z.object({ statusDetails: statusDetails.optional(), stepTimeoutInMinutes: stepTimeout });
const describeSchema = z.object({
  executionNumber: number.optional(),
  includeJobDocument: z.boolean().default(true),
});
const updateSchema = z.object({
  status: z.enum(EXECUTION_STATUSES),
  statusDetails: statusDetails.optional(),
  expectedVersion: number.optional(),
  executionNumber: number.optional(),
  includeJobExecutionState: z.boolean().default(false),
  includeJobDocument: z.boolean().default(false),
  stepTimeoutInMinutes: stepTimeout,
});
/** The statuses that a device may report. */
const REPORTABLE = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'];
const NEXT = '$next';

type Code =
  | 'InvalidTopic'
  | 'InvalidJson'
  | 'InvalidRequest'
  | 'InvalidStateTransition'
  | 'RequestThrottled'
  | 'ResourceNotFound'
  | 'VersionMismatch'
  | 'TerminalStateReached';

class Rejection extends Error {
  readonly code: Code;
  readonly state: ExecutionRecord | undefined;
  constructor(code: Code, message: string, state?: ExecutionRecord) {
    super(message);
    this.code = code;
    this.state = state;
  }
}

/** The jobs service for devices, on `$aws/things/<thing>/jobs/…`. */
export function createDeviceJobs(state: IotState, jobs: Jobs): ThingService {
  const { limits } = state.context.config;
  const bucketOf = (rate: number) => (limits ? createBucket(() => state.now(), rate) : BOTTOMLESS);
  const reads = bucketOf(DEVICE_RATES.jobReads);
  const writes = bucketOf(DEVICE_RATES.jobWrites);

  function executionOf(
    thingName: string,
    jobId: string,
    executionNumber: number | undefined,
  ): ExecutionRecord {
    const found =
      jobId === NEXT ? jobs.executions().pending(thingName)[0] : jobs.executions().find(jobId, thingName);
    if (found === undefined || (executionNumber !== undefined && executionNumber !== found.executionNumber)) {
      throw new Rejection('ResourceNotFound', `There is no execution of job ${jobId} for ${thingName}.`);
    }
    return found;
  }

  const executionBody = (execution: ExecutionRecord, withDocument = true) => ({
    execution: executionForDevice(execution, state.now(), {
      thingName: true,
      document: withDocument ? jobs.find(execution.jobId).document : undefined,
    }),
  });

  function pending(thingName: string): object {
    const all = jobs.executions().pending(thingName);
    const of = (status: string) => all.filter((each) => each.status === status).map(summaryForDevice);
    return { inProgressJobs: of('IN_PROGRESS'), queuedJobs: of('QUEUED') };
  }

  function startNext(thingName: string, body: unknown): object {
    const { statusDetails: given, stepTimeoutInMinutes } = read(startSchema, body);
    const executions = jobs.executions();
    const [next] = executions.pending(thingName);
    if (next === undefined) return {};
    if (next.status === 'IN_PROGRESS') return executionBody(next);
    const change = { status: 'IN_PROGRESS' as const, statusDetails: given, stepTimeoutInMinutes };
    return executionBody(executions.change(jobs.find(next.jobId), next, change));
  }

  function describe(thingName: string, jobId: string, body: unknown): object {
    const { executionNumber, includeJobDocument } = read(describeSchema, body);
    if (jobId === NEXT && jobs.executions().pending(thingName).length === 0) return {};
    const execution = executionOf(thingName, jobId, executionNumber);
    if (!isPending(execution)) {
      throw new Rejection('TerminalStateReached', `The execution is ${execution.status}.`);
    }
    return executionBody(execution, includeJobDocument);
  }

  function update(thingName: string, jobId: string, body: unknown): object {
    const request = read(updateSchema, body);
    const execution = executionOf(thingName, jobId, request.executionNumber);
    if (!REPORTABLE.includes(request.status)) {
      throw new Rejection('InvalidRequest', `A device cannot report ${request.status}.`);
    }
    if (request.expectedVersion !== undefined && request.expectedVersion !== execution.versionNumber) {
      const message = `The execution has version ${execution.versionNumber}, not ${request.expectedVersion}.`;
      throw new Rejection('VersionMismatch', message, execution);
    }
    if (!isPending(execution)) {
      const message = `An execution that is ${execution.status} cannot become ${request.status}.`;
      throw new Rejection('InvalidStateTransition', message, execution);
    }
    const job = jobs.find(execution.jobId);
    const { status, stepTimeoutInMinutes } = request;
    const changed = jobs.executions().change(job, execution, {
      status,
      statusDetails: request.statusDetails,
      stepTimeoutInMinutes,
    });
    return {
      ...(request.includeJobExecutionState ? { executionState: stateForDevice(changed) } : {}),
      ...(request.includeJobDocument ? { jobDocument: JSON.parse(job.document) as unknown } : {}),
    };
  }

  function perform(thingName: string, rest: string, body: unknown): object {
    const [jobId = '', verb, ...more] = rest.split('/');
    const rate = rest === 'start-next' || verb === 'update' ? writes : reads;
    if (!rate.take()) throw new Rejection('RequestThrottled', 'Too many requests of devices to jobs.');
    if (more.length === 0) {
      if (rest === 'get') return pending(thingName);
      if (rest === 'start-next') return startNext(thingName, body);
      if (verb === 'get') return describe(thingName, jobId, body);
      if (verb === 'update' && jobId !== NEXT) return update(thingName, jobId, body);
    }
    throw new Rejection('InvalidTopic', 'No request of AWS IoT Jobs has this topic.');
  }

  return {
    name: 'jobs',
    isMessage: false,
    handle(thingName, rest, payload) {
      const timestamp = wholeSeconds(state.now());
      let clientToken: string | undefined;
      const answer = (outcome: 'accepted' | 'rejected', body: object): ThingAnswer[] => [
        { rest: `${rest}/${outcome}`, body: { ...body, clientToken, timestamp }, to: 'client' },
      ];
      try {
        const body = parse(payload);
        if (typeof body.clientToken === 'string') clientToken = body.clientToken;
        if (!state.things.has(thingName))
          throw new Rejection('ResourceNotFound', `There is no thing ${thingName}.`);
        return answer('accepted', perform(thingName, rest, body));
      } catch (error) {
        if (error instanceof AwsError)
          return answer('rejected', { code: 'ResourceNotFound', message: error.message });
        if (!(error instanceof Rejection)) throw error;
        const { code, message, state: at } = error;
        return answer('rejected', { code, message, ...(at ? { executionState: stateForDevice(at) } : {}) });
      }
    },
    tick: () => void jobs.executions(),
  };
}

function parse(payload: Buffer): Record<string, unknown> {
  const value = parseJsonBytes(payload);
  if (value === undefined) throw new Rejection('InvalidJson', 'The payload is not valid JSON in UTF-8.');
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) throw new Rejection('InvalidRequest', 'The payload is not a JSON object.');
  return object.data;
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Rejection('InvalidRequest', problemWords(result.error.issues.slice(0, 1)));
}
