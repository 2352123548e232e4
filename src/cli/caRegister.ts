import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { readTextFile } from '../core/bounded.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import { openCaFolder } from '../provisioning/ca/caFolder.ts';
import { ensureCa, ownCaOf, type CaWay } from '../provisioning/ca/ensureOwnCa.ts';
import { onDisk } from '../provisioning/diskErrors.ts';
import { openingIn } from './caOptions.ts';
import { EXIT } from './exitCodes.ts';
import { openStack } from './open.ts';
import {
  caFolderOf,
  type CaFlags,
  type CmsFlags,
  examples,
  notEmpty,
  type RoleFlags,
  withCaFolder,
  withCms,
  withOutput,
  withRoleBoundary,
} from './options.ts';
import { inSession, type Session } from './session.ts';

type RegisterFlags = CmsFlags &
  RoleFlags &
  CaFlags & { provisioner: string; templateName?: string; verification?: string; yes?: boolean };

/** `ca register`. */
export function addCaRegister(ca: Command, generations: readonly Generation[]): void {
  const command = ca
    .command('register')
    .description('register the CA in AWS IoT, so that its vehicles are let in at their first connect')
    .requiredOption(
      '--provisioner <way>',
      'jitp: a template lets them in; jitr: somebody who watches does',
      wayOf,
    )
    .option('--template-name <name>', 'name of the JITP template (default: that of the CMS)', notEmpty)
    .option(
      '--verification <file>',
      'PEM: the registration code, signed by the CA, when its key is kept elsewhere',
      notEmpty,
    )
    .option('-y, --yes', 'also change a CA that is registered in another way');
  withCms(withCaFolder(withRoleBoundary(command)), generations);
  examples(withOutput(command), 'cms-enablement ca register --provisioner jitp');
  command.action((flags: RegisterFlags) => inSession(flags, (session) => register(flags, session)));
}

async function register(flags: RegisterFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const folder = caFolderOf(flags);
  const { ca, pem } = await openCaFolder(folder, openingIn(session));
  const verificationPem =
    flags.verification === undefined ? undefined : await verificationIn(resolve(flags.verification));
  const { connection, deployment } = await openStack(flags, session);
  const setup = ownCaOf({ provisioner: provisionerOf(deployment) });
  const way = flags.provisioner as CaWay;
  const { result, made } = await ensureCa(
    {
      way,
      templateName: flags.templateName,
      change: flags.yes === true,
      verificationPem,
      folder,
    },
    ca?.signing ?? pem,
    setup,
    { connection, roleBoundary: flags.roleBoundary },
    work,
  );
  const words = { found: 'was registered so already', repaired: 'is changed', created: 'is registered' }[
    result
  ];
  output.result('result', { caCertificateId: pem.id, result, made }, `CA ${pem.id} ${words}.`);
  return EXIT.ok;
}

/** A certificate is no secret, so it may stand anywhere. */
function verificationIn(path: string): Promise<string> {
  return onDisk(path, () => readTextFile(path, { mostBytes: 64 * 1024 }));
}

function wayOf(text: string): CaWay {
  if (text === 'jitp' || text === 'jitr') return text;
  throw new InvalidArgumentError('it is jitp or jitr.');
}
