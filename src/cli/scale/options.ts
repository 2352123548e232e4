import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { ENGINES, type EngineName } from '../../scale/engines/engine.ts';
import { MOST_SHARDS } from '../../scale/shard.ts';
import { STACK } from '../../scale/stack/names.ts';
import type { Store } from '../../scale/store.ts';
import { storeAt } from '../../scale/stores/place.ts';
import { count, notEmpty, secondsOf } from '../options.ts';

export interface ScaleFlags {
  shards?: number;
  on?: EngineName;
  store?: string;
  attach?: string;
  /** Seconds. */
  barrier: number;
  partition?: string;
  jobQueue: string;
  jobDefinition: string;
  image?: string;
  dryRun?: boolean;
  identities?: string;
  yes?: boolean;
}

/** What makes a simulation a run of several workers. */
export function withScale(command: Command): Command {
  return command
    .optionsGroup('Several workers:')
    .option('--shards <n>', 'let so many workers drive the vehicles, each a part of them', shardCount)
    .addOption(new Option('--on <engine>', 'what starts the workers').choices(ENGINES))
    .option(
      '--store <place>',
      'folder or s3://bucket/prefix that all workers share (default with AWS Batch: the bucket of "scale setup")',
      notEmpty,
    )
    .addOption(
      new Option(
        '--attach <run>',
        'follow a run that was started before, from its start or in its midst',
      ).implies({ route: '' }),
    )
    .option('--barrier <seconds>', 'how long the start waits for workers', secondsOf, 300)
    .option('--partition <name>', 'partition of Slurm (default: that of the cluster)', notEmpty)
    .option(
      '--identities <place>',
      's3://bucket/prefix to which "identities push" put certificates and keys (default: --certs, as every machine sees it; with AWS Batch the bucket of "scale setup")',
      notEmpty,
    )
    .option('--job-queue <name>', 'queue of AWS Batch', notEmpty, STACK)
    .option('--job-definition <name>', 'job definition of AWS Batch', notEmpty, STACK)
    .option('--image <name>', 'image of the workers, for Kubernetes', notEmpty)
    .option('--dry-run', 'write the job of Kubernetes instead of starting one')
    .option('--yes', 'do not ask before the start');
}

function shardCount(text: string): number {
  const shards = count(text);
  if (shards > MOST_SHARDS) throw new InvalidArgumentError(`It must be ${MOST_SHARDS} at most.`);
  return shards;
}

/** The place that `--store` names. @throws CmsError REQUEST_INVALID */
export function storeOf(place: string | undefined, connection: Connection): Store {
  if (place === undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('Workers need a place for plan and results.'), {
      remedy: l10n.t('Say with --store which folder or which s3://bucket/prefix they share.'),
    });
  }
  return storeAt(place, connection);
}
