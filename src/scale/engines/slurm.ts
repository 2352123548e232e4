import { execFile } from 'node:child_process';
import { CmsError, cancelled, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { ArrayJob, Engine, JobStatus } from './engine.ts';

export interface SlurmOptions {
  /** Program and arguments before `worker`, as every node has them. */
  program: readonly string[];
  /** Folder that every node has, for the output of the workers. */
  logs: string;
  partition?: string | undefined;
}

/** Names and paths that workers need to find their credentials; never a credential. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CA_BUNDLE',
];

/** Slurm, as a cluster has it: sbatch, squeue and scancel on the path. */
export function slurmEngine({ program, logs, partition }: SlurmOptions): Engine {
  return {
    name: 'slurm',
    capacity: 'nodes and limits of the partition (sinfo, sacctmgr show qos)',
    async submit({ run, shards, args }: ArrayJob) {
      const script = [
        '#!/bin/sh',
        // The worker ends the trips of its vehicles when it is told to, so it takes the shell's place.
        `exec ${[...program, 'worker', ...args].map(quoted).join(' ')}`,
        '',
      ].join('\n');
      const answer = await slurm(
        'sbatch',
        [
          ...['--parsable', `--array=1-${shards}`, '--requeue', `--job-name=${run}`, '--ntasks=1'],
          ...['--cpus-per-task=1', `--output=${logs}/%a.log`, '--open-mode=append'],
          `--export=${PASSED_ON.join(',')}`,
          ...(partition === undefined ? [] : [`--partition=${partition}`]),
        ],
        new AbortController().signal,
        script,
      );
      const id = /^(\d+)/.exec(answer)?.[1];
      if (id === undefined) throw failed(l10n.verbatim(answer.trim()));
      return id;
    },
    async status(id, signal): Promise<JobStatus> {
      const answer = await slurm(
        'squeue',
        ['--noheader', '--array', '--jobs', id, '--format=%T|%r'],
        signal,
      ).catch((error: unknown) => {
        // Slurm forgets jobs a while after they are over.
        if (isCmsError(error) && error.message.includes('Invalid job id')) return '';
        throw error;
      });
      const rows = answer.split('\n').filter((line) => line.includes('|'));
      const of = (...states: string[]) =>
        rows.filter((row) => states.includes(row.split('|')[0] ?? '')).length;
      const running = of('RUNNING', 'COMPLETING', 'SUSPENDED');
      const waiting = of('PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_HOLD', 'RESIZING', 'STAGE_OUT');
      const reasons = rows.flatMap((row) => {
        const [state, reason = ''] = row.split('|');
        return state === 'PENDING' && reason !== '' && reason !== 'None' ? [reason] : [];
      });
      return {
        ...{ waiting, running, succeeded: of('COMPLETED') },
        failed: of('FAILED', 'NODE_FAIL', 'TIMEOUT', 'OUT_OF_MEMORY', 'CANCELLED'),
        reasons: [...new Set(reasons)].map((reason) => `Slurm: ${reason}.`),
        over: running + waiting === 0,
      };
    },
    async cancel(id) {
      await slurm('scancel', ['--quiet', id], new AbortController().signal);
    },
  };
}

function slurm(command: string, args: readonly string[], signal: AbortSignal, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { signal, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(cancelled());
      else if (error.code === 'ENOENT') reject(failed(l10n.t('{command} is not installed', { command })));
      else reject(failed(l10n.verbatim(stderr.trim() || error.message)));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

function failed(reason: ReturnType<typeof l10n.verbatim>): CmsError {
  return new CmsError('ENGINE_FAILED', l10n.t('Slurm refused: {reason}.', { reason }), {
    step: 'engine',
    remedy: l10n.t('Run this where sbatch, squeue and scancel reach the cluster.'),
  });
}
