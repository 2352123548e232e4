import { resolve } from 'node:path';
import type { Command } from 'commander';
import { codecOf } from '../../cms/codecs.ts';
import { asCmsError, CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { startDevice } from '../../device/client/deviceProcess.ts';
import { brokerOf } from '../../provisioning/device.ts';
import { createCertificateStore } from '../../provisioning/certificateStore.ts';
import { asGaveUp, isFinal } from '../../scale/gaveUp.ts';
import { pulledIdentities } from '../../scale/identities.ts';
import { placeIn } from '../../scale/place.ts';
import { runWorker } from '../../scale/worker.ts';
import { EXIT } from '../exitCodes.ts';
import { connect } from '../open.ts';
import { type CommonFlags, count, examples, notEmpty, withConnection, withOutput } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { storeOf } from './options.ts';

type WorkerFlags = CommonFlags & {
  run: string;
  store: string;
  index?: number;
  attempt?: number;
};

export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('drive one shard of a run; started by an engine, not by a person')
    .optionsGroup('Shard:')
    .requiredOption('--run <run>', 'name of the run', notEmpty)
    .requiredOption('--store <place>', 'folder or s3://bucket/prefix with the plan of the run', notEmpty)
    .option('--index <n>', 'which shard, from 1 (default: as the engine says)', count)
    .option('--attempt <n>', 'which attempt, from 1 (default: as the engine says)', count);
  withConnection(command);
  examples(
    withOutput(command),
    'cms-enablement worker --run run-20261201T101500000Z --store /shared/runs --index 3',
  );
  command.action((flags: WorkerFlags) =>
    inSession(flags, (session) =>
      work(flags, session).catch((error: unknown) => {
        throw isFinal(error) ? asGaveUp(asCmsError(error)) : error;
      }),
    ),
  );
}

async function work(flags: WorkerFlags, session: Session): Promise<number> {
  const told = placeIn(process.env);
  const shard = flags.index ?? told?.shard;
  if (shard === undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('No engine says which shard this worker drives.'), {
      remedy: l10n.t('Say it with --index, or let AWS Batch, Slurm or Kubernetes start it.'),
    });
  }
  const attempt = flags.attempt ?? told?.attempt ?? 1;
  const connection = await connect(flags, session);
  const place = { run: flags.run, shard, attempt };
  await runWorker(place, {
    connection,
    store: storeOf(flags.store, connection),
    device: session.use(await startDevice()),
    codecOf: (generation) => codecOf(generation),
    identities: (source) => {
      return source.kind === 'folder'
        ? createCertificateStore(resolve(source.folder))
        : pulledIdentities(connection, source);
    },
    broker: () => brokerOf(connection, session.work.signal),
    work: session.work,
  });
  session.output.result('worker', place, `Shard ${shard} of ${flags.run} is over (attempt ${attempt}).`);
  return session.work.signal.aborted ? EXIT.cancelled : EXIT.ok;
}
