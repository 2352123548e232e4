import { execFile } from 'node:child_process';
import type { IJob } from 'kubernetes-models/batch/v1';
import * as z from 'zod';
import { MOST_SHARDS } from '../shard.ts';
import { cancelled, CmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { ArrayJob, Engine, JobStatus } from './engine.ts';

export interface KubernetesOptions {
  image: string;
  /** Claim of the folder with certificates, mounted read-only. */
  certificates: string;
  /** Claim of the folder that all workers share; undefined for a store in S3. */
  store: string | undefined;
  /** Where these are mounted. */
  folders: { certificates: string; store: string };
}

/**
 * An Indexed Job that `kubectl apply` takes: a dead worker's index is started again, never two of one index at a time,
 * a worker that was replaced (4) does not count as a failure, and one whose options are wrong (2), that could not write
 * its result (5) or gave up for good (6) is not started again.
 * Source: Kubernetes 1.33, API reference of batch/v1 Job. JSON is YAML, which kubectl reads.
 */
export function kubernetesManifest({ run, shards, attempts, args }: ArrayJob, options: KubernetesOptions) {
  const { image, certificates, store, folders } = options;
  const volume = (name: string, claimName: string, readOnly: boolean) => ({
    name,
    persistentVolumeClaim: { claimName, readOnly },
  });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: run.toLowerCase(), labels: { 'app.kubernetes.io/name': 'cms-enablement' } },
    spec: {
      completions: Math.min(shards, MOST_SHARDS),
      parallelism: Math.min(shards, MOST_SHARDS),
      completionMode: 'Indexed',
      backoffLimitPerIndex: attempts - 1,
      maxFailedIndexes: shards,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onExitCodes: { containerName: 'worker', operator: 'In', values: [4] } },
          {
            action: 'FailIndex',
            onExitCodes: { containerName: 'worker', operator: 'In', values: [2, 5, 6] },
          },
        ],
      },
      ttlSecondsAfterFinished: 86_400,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 60,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'worker',
              image,
              args: ['worker', ...args],
              env: [
                {
                  name: 'CMS_INDEX_FAILURES',
                  valueFrom: {
                    fieldRef: {
                      fieldPath: "metadata.annotations['batch.kubernetes.io/job-index-failure-count']",
                    },
                  },
                },
              ],
              resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '2Gi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'certificates', mountPath: folders.certificates, readOnly: true },
                ...(store === undefined ? [] : [{ name: 'store', mountPath: folders.store }]),
              ],
            },
          ],
          volumes: [
            volume('certificates', certificates, true),
            ...(store === undefined ? [] : [volume('store', store, false)]),
          ],
        },
      },
    },
  } satisfies IJob;
}

const jobSchema = z.object({
  spec: z.object({ completions: z.number() }),
  status: z
    .object({
      active: z.number().default(0),
      ready: z.number().default(0),
      succeeded: z.number().default(0),
      failed: z.number().default(0),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .default([]),
    })
    .prefault({}),
});

/** Watches and ends a job that kubectl applied. It was never tried against a cluster. */
export function kubernetesEngine(): Engine {
  return {
    name: 'kubernetes',
    capacity: 'nodes of the cluster, and quotas of the namespace (kubectl describe quota)',
    submit: () => Promise.reject(failed(l10n.t('jobs are written with --dry-run and applied by kubectl'))),
    async status(id, signal): Promise<JobStatus> {
      const text = await kubectl(['get', 'job', id, '--output=json'], signal);
      const read = parseJson(jobSchema, text);
      if (!read.ok) throw failed(l10n.verbatim(read.problem));
      const { active, ready, succeeded, failed: dead, conditions } = read.value.status;
      const reasons = conditions.flatMap(({ type, status, message }) =>
        type === 'Failed' && status === 'True' && message !== undefined ? [`Kubernetes: ${message}`] : [],
      );
      const over = conditions.some(
        ({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True',
      );
      return { waiting: active - ready, running: ready, succeeded, failed: dead, reasons, over };
    },
    async cancel(id) {
      await kubectl(
        ['delete', 'job', id, '--ignore-not-found', '--wait=false'],
        new AbortController().signal,
      );
    },
  };
}

function kubectl(args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('kubectl', args, { signal, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(cancelled());
      else if (error.code === 'ENOENT')
        reject(failed(l10n.t('{command} is not installed', { command: 'kubectl' })));
      else reject(failed(l10n.verbatim(stderr.trim() || error.message)));
    });
  });
}

function failed(reason: Message): CmsError {
  return new CmsError('ENGINE_FAILED', l10n.t('Kubernetes refused: {reason}.', { reason }), {
    step: 'engine',
    remedy: l10n.t('Run this where kubectl reaches the cluster and the namespace of the job.'),
  });
}
