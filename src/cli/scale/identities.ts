import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { createCertificateStore } from '../../provisioning/certificateStore.ts';
import { usablePair } from '../../provisioning/stored.ts';
import { type PushedIdentity, pushedVehicles, pushIdentities } from '../../scale/identities.ts';
import { needS3 } from '../../scale/stores/place.ts';
import { EXIT } from '../exitCodes.ts';
import { counted } from '../format.ts';
import { connect } from '../open.ts';
import {
  type CertificateFlags,
  type CommonFlags,
  examples,
  notEmpty,
  withCertificates,
  withConnection,
  withOutput,
} from '../options.ts';
import { confirmed } from '../password.ts';
import { inSession, type Session } from '../session.ts';
import { placeOfSetup } from './places.ts';

type PushFlags = CommonFlags & CertificateFlags & { to?: string; kmsKey?: string; yes?: boolean };

export function addIdentities(program: Command): void {
  const identities = program
    .command('identities')
    .description(
      'certificates and keys of test vehicles, for workers that do not see the certificate folder',
    );
  const command = identities
    .command('push')
    .description('put certificates and keys into a bucket, encrypted by a key of AWS KMS')
    .optionsGroup('Place:')
    .option(
      '--to <place>',
      's3://bucket/prefix, with --kms-key (default: the bucket of "scale setup")',
      notEmpty,
    )
    .option('--kms-key <arn>', 'KMS key that encrypts them', notEmpty)
    .option('--yes', 'do not ask');
  withConnection(withCertificates(command));
  examples(
    withOutput(command),
    'cms-enablement identities push',
    'cms-enablement identities push --to s3://bucket/fleet --kms-key arn:aws:kms:us-west-2:123456789012:key/1234',
  );
  command.action((flags: PushFlags) => inSession(flags, (session) => push(flags, session)));
}

async function placeFor(
  { to, kmsKey }: PushFlags,
  connection: Connection,
  signal: AbortSignal,
): Promise<{ to: string; kmsKey: string }> {
  if (to !== undefined && kmsKey !== undefined) return { to, kmsKey };
  const made = await placeOfSetup(connection, signal);
  return { to: made.identities, kmsKey: made.kmsKey };
}

async function push(flags: PushFlags, session: Session): Promise<number> {
  if ((flags.to === undefined) !== (flags.kmsKey === undefined)) {
    throw new CmsError('REQUEST_INVALID', l10n.t('--to and --kms-key belong together.'), {
      remedy: l10n.t('Name both, or neither: then the bucket of "scale setup" is taken.'),
    });
  }
  if (flags.to !== undefined) needS3(flags.to);
  const store = createCertificateStore(resolve(flags.certs));
  const all = new Map<string, PushedIdentity>();
  for (const id of await store.ids()) {
    const pair = usablePair(await store.production(id));
    if (pair === undefined) continue;
    const { identity, certificateId, facts } = pair;
    const { certificatePem, privateKeyPem } = identity;
    const fuelType = facts?.fuelType;
    all.set(id, {
      certificateId,
      certificatePem,
      privateKeyPem,
      ...(fuelType === undefined ? {} : { fuelType }),
    });
  }
  if (all.size === 0) {
    const { folder } = store;
    throw new CmsError('CERTIFICATE_MISSING', l10n.t('{folder} contains no vehicles.', { folder }), {
      step: 'certificates',
      remedy: l10n.t('Onboard a vehicle first, or say with --certs where the certificates are.'),
    });
  }
  const keys = counted(all.size, 'private key');
  const connection = await connect(flags, session);
  const { to, kmsKey } = await placeFor(flags, connection, session.work.signal);
  const place = needS3(to);
  const there = await pushedVehicles(connection, place);
  const replaced = there === 0 ? '' : ` They replace those of ${counted(there, 'vehicle')} that are there.`;
  const question = `Put ${keys} into ${to}?${replaced}`;
  if (flags.yes !== true && !(await confirmed(question, session.work.signal))) return EXIT.cancelled;
  const blocks = await pushIdentities(connection, { ...place, kmsKey }, all);
  session.output.result('pushed', { to, vehicles: all.size, objects: blocks + 1 }, `${keys} put into ${to}.`);
  return EXIT.ok;
}
