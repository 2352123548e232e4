import { defined } from '../../core/defined.ts';
import { DEFAULTS, type DriveAnswers, type Setting } from './driveSettings.ts';

/** One worker of one vCPU and 2 GB. */
export const VEHICLES_A_SHARD = 2500;

/** How a fleet is driven by several workers elsewhere. */
export interface ScalePlan {
  on: 'batch' | 'slurm';
  shards: number;
  /** `s3://bucket/prefix`, or a folder; undefined for the bucket of `scale setup`. */
  store?: string;
  /** `s3://bucket/prefix`; undefined for the bucket of `scale setup`, or with Slurm for the certificate folder. */
  identities?: string;
}

/** What was answered, or else the default. */
export const now = (answers: DriveAnswers, key: Setting): string => (answers[key] ?? DEFAULTS[key]).trim();

/** Undefined where this machine drives. */
export function scalePlanOf(answers: DriveAnswers, vehicles: number): ScalePlan | undefined {
  const on = now(answers, 'on');
  if (on !== 'batch' && on !== 'slurm') return undefined;
  const said = (key: Setting): string | undefined => now(answers, key) || undefined;
  return {
    ...{ on, shards: shardsOf(answers, vehicles) },
    ...defined({ store: said('store'), identities: said('identities') }),
  };
}

export function shardsOf(answers: DriveAnswers, vehicles: number): number {
  const said = Number(now(answers, 'shards'));
  return said > 0 ? said : Math.max(2, Math.ceil(vehicles / VEHICLES_A_SHARD));
}

/** What an engine is called. */
export function engineName(on: ScalePlan['on']): string {
  return on === 'batch' ? 'AWS Batch' : 'Slurm';
}
