import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { arnOf } from '../../kit/partition.ts';
import { environmentOf, type RoleSessions } from '../iam/roleSessions.ts';
import type { Logs } from '../logs/logs.ts';
import type { JobDefinition } from './places.ts';

export type JobState = 'SUBMITTED' | 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

interface Attempt {
  startedAt: number;
  stoppedAt: number;
  exitCode: number | undefined;
  reason: string;
}

/** One child of an array job, or a job that is none: a process at a time. */
export interface Child {
  index: number;
  state: JobState;
  attempts: Attempt[];
  startedAt: number | undefined;
  stoppedAt: number | undefined;
  reason: string | undefined;
}

export interface ExitRule {
  onExitCode?: string | undefined;
  onReason?: string | undefined;
  onStatusReason?: string | undefined;
  action: string;
}

export interface Job {
  id: string;
  name: string;
  queue: string;
  definition: JobDefinition;
  command: string[];
  environment: { name: string; value: string }[];
  /** Undefined for a job that is no array. */
  size: number | undefined;
  attempts: number;
  rules: ExitRule[];
  createdAt: number;
  children: Child[];
  terminated: string | undefined;
}

export interface JobDeps {
  sessions: Pick<RoleSessions, 'open'>;
  logs: Pick<Logs, 'put'>;
}

/** Between an attempt that failed and the next one. */
const RETRY_MS = 500;
/** AWS Batch ends a container that does not end by itself, so long after it was told. */
const STOP_MS = 30_000;
/** Variables that make a process something else than it is. Windows takes their names in any case. */
const NOT_GIVEN = /^(NODE_|LD_|DYLD_|PATH$|HOME$)/i;
const OVER: readonly JobState[] = ['SUCCEEDED', 'FAILED'];

/**
 * Array jobs, each child a process of the command line: what AWS Batch says to a container it says to the process, by the
 * same variables. They end with the sandbox.
 */
export function createJobs(context: Context, { sessions, logs }: JobDeps) {
  const { clock, config, log, endpoints } = context;
  const jobs = new Map<string, Job>();
  const processes = new Map<string, ChildProcess>();
  process.once('exit', () => {
    for (const running of processes.values()) running.kill('SIGKILL');
  });

  const key = (job: Job, child: Child) => `${job.id}:${child.index}`;

  /** What the role of a task gives it. Without one it can call nothing. */
  function credentialsOf({ id, definition: { roleArn } }: Job, { index }: Child): NodeJS.ProcessEnv {
    return roleArn === undefined ? {} : environmentOf(sessions.open(roleArn, `${id}-${index}`));
  }

  function start(job: Job, child: Child): void {
    if (job.terminated !== undefined) {
      end(child, 'FAILED', job.terminated);
      return;
    }
    child.state = 'RUNNING';
    child.startedAt = clock.now();
    const attempt = child.attempts.length + 1;
    const started = spawn(process.execPath, [join(__dirname, 'cli.js'), ...job.command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...credentialsOf(job, child),
        AWS_REGION: config.region,
        AWS_ENDPOINT_URL: endpoints.http,
        // In AWS the image has the roots that it needs.
        AWS_CA_BUNDLE: endpoints.caFile,
        ...Object.fromEntries(job.environment.map(({ name, value }) => [name, value])),
        AWS_BATCH_JOB_ID: job.size === undefined ? job.id : key(job, child),
        AWS_BATCH_JOB_ATTEMPT: String(attempt),
        AWS_BATCH_JQ_NAME: job.queue,
        ...(job.size === undefined
          ? {}
          : { AWS_BATCH_JOB_ARRAY_INDEX: String(child.index), AWS_BATCH_JOB_ARRAY_SIZE: String(job.size) }),
      },
    });
    processes.set(key(job, child), started);
    let said = '';
    const { logGroup } = job.definition;
    const stream = `worker/default/${randomUUID().replaceAll('-', '')}`;
    for (const output of [started.stdout, started.stderr]) {
      const lines = createInterface({ input: output });
      lines.on('line', (line) => logGroup !== undefined && logs.put(logGroup, stream, line));
    }
    started.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2000)));
    started.on('error', (error) => (said = error.message));
    started.on('close', (code, signal) => {
      processes.delete(key(job, child));
      const reason =
        signal === null
          ? `Essential container in task exited${code === 0 ? '' : `: ${lastLine(said)}`}`
          : `Task failed: ${signal}`;
      // What a signal ended has the code that a shell gives it.
      const exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143);
      child.attempts.push({ startedAt: child.startedAt ?? 0, stoppedAt: clock.now(), exitCode, reason });
      log('info', `batch: ${key(job, child)} attempt ${attempt} ended with ${exitCode}`);
      next(job, child, exitCode, reason);
    });
  }

  function next(job: Job, child: Child, exitCode: number, reason: string): void {
    if (exitCode === 0) end(child, 'SUCCEEDED', undefined);
    else if (job.terminated !== undefined) end(child, 'FAILED', job.terminated);
    else if (child.attempts.length >= job.attempts || actionOf(job.rules, exitCode, reason) === 'EXIT')
      end(child, 'FAILED', reason);
    else {
      child.state = 'RUNNABLE';
      setTimeout(() => start(job, child), RETRY_MS).unref();
    }
  }

  function end(child: Child, state: JobState, reason: string | undefined): void {
    child.state = state;
    child.stoppedAt = clock.now();
    child.reason = reason;
  }

  return {
    submit(job: Omit<Job, 'id' | 'createdAt' | 'children' | 'terminated'>): Job {
      const refused = job.environment.find(({ name }) => NOT_GIVEN.test(name));
      if (refused !== undefined) {
        throw new AwsError('ClientException', `The sandbox gives no container the variable ${refused.name}.`);
      }
      if (config.runJobs !== true || !existsSync(join(__dirname, 'cli.js'))) {
        throw new AwsError(
          'ClientException',
          'This sandbox runs no jobs: start it with --run-jobs, beside a command line that is built.',
        );
      }
      // The command line is what starts, but it reads and writes files and takes profiles as the user can.
      if (job.command[0] !== 'worker') {
        throw new AwsError('ClientException', 'The container of the sandbox runs "worker" only.');
      }
      const children = Array.from({ length: job.size ?? 1 }, (_, index): Child => {
        const times = { startedAt: undefined, stoppedAt: undefined, reason: undefined };
        return { index, state: 'RUNNABLE', attempts: [], ...times };
      });
      const made: Job = { ...job, id: randomUUID(), createdAt: clock.now(), children, terminated: undefined };
      jobs.set(made.id, made);
      for (const child of children) setImmediate(() => start(made, child));
      return made;
    },
    find: (id: string): Job | undefined => jobs.get(id),
    all: (): Job[] => [...jobs.values()],
    terminate(job: Job, only: Child | undefined, reason: string): void {
      if (only === undefined) job.terminated = reason;
      for (const child of only === undefined ? job.children : [only]) {
        if (OVER.includes(child.state)) continue;
        const running = processes.get(key(job, child));
        if (running === undefined) end(child, 'FAILED', reason);
        else {
          child.reason = reason;
          running.kill('SIGTERM');
          setTimeout(() => running.kill('SIGKILL'), STOP_MS).unref();
        }
      }
    },
    definitionArn: ({ definition: { name, revision } }: Job) =>
      arnOf(config, 'batch', `job-definition/${name}:${revision}`),
    arn: (id: string) => arnOf(config, 'batch', `job/${id}`),
  };
}

/** The first rule that fits says it. */
function actionOf(rules: readonly ExitRule[], exitCode: number, reason: string): string {
  const fits = (glob: string | undefined, text: string): boolean =>
    glob === undefined || (glob.endsWith('*') ? text.startsWith(glob.slice(0, -1)) : text === glob);
  const rule = rules.find(
    ({ onExitCode, onReason, onStatusReason }) =>
      fits(onExitCode, String(exitCode)) && fits(onReason, reason) && fits(onStatusReason, reason),
  );
  return (rule?.action ?? 'RETRY').toUpperCase();
}

/** The state of a job: of an array what is left of its children. */
export function stateOf({ children }: Job): JobState {
  if (children.every(({ state }) => OVER.includes(state)))
    return children.some(({ state }) => state === 'FAILED') ? 'FAILED' : 'SUCCEEDED';
  const [only] = children;
  return children.length === 1 && only !== undefined ? only.state : 'PENDING';
}

export function summaryOf({ children }: Job): Record<JobState, number> {
  const summary = { SUBMITTED: 0, PENDING: 0, RUNNABLE: 0, STARTING: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0 };
  for (const { state } of children) summary[state] += 1;
  return summary;
}

export function attemptsJson({ attempts }: Child) {
  return attempts.map(({ startedAt, stoppedAt, exitCode, reason }) => ({
    container: defined({ exitCode, reason, taskArn: undefined }),
    startedAt,
    stoppedAt,
    statusReason: reason,
  }));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
