import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { rotate } from '../provisioning/rotate.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import { EXIT } from './exitCodes.ts';
import { examples, withCms, withOutput } from './options.ts';
import { openProvisioning, type ProvisionFlags, wishesOf, withProvisioning } from './provision.ts';
import { inSession, type Session } from './session.ts';

type RotateFlags = ProvisionFlags & { deleteOld?: boolean };

export function addRotate(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('rotate')
    .description('replace the production certificate of a vehicle; the old one is taken out of service');
  withProvisioning(command, generations);
  command.option('--delete-old', 'delete the old certificate in AWS IoT instead of leaving it INACTIVE');
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement rotate --vin LSH14J4C4LA046511',
    'cms-enablement rotate --vin LSH14J4C4LA046511 --keys csr-ec --delete-old',
  );
  command.action((flags: RotateFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: RotateFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const { request, deps } = await openProvisioning(flags, session, await wishesOf(flags, session));
  if (flags.deleteOld === true && deps.provisioner.renewal.oldEnds !== 'after') {
    throw new CmsError('REQUEST_INVALID', deps.provisioner.renewal.words, {
      remedy: l10n.t('Leave --delete-old out: the CMS itself decides what becomes of the old certificate.'),
    });
  }
  await ensureSetup(request, deps, work);
  const { vin } = request.vehicle;
  const { identity, certificateArn, files, previous } = await rotate(
    { ...request, deleteOld: flags.deleteOld === true },
    deps,
    work,
  );
  const { certificateId, notAfter } = identity;
  output.result(
    'result',
    { vin, certificateId, certificateArn, notAfter, files, previous },
    [
      `${vin}: certificate ${certificateId} is in use.`,
      `The old one, ${previous.certificateId}, is ${previous.status}.`,
      ...files.map((file) => `  ${file}`),
    ].join('\n'),
  );
  return EXIT.ok;
}
