import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { readTextFile } from '../core/bounded.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import { openCaFolder } from '../provisioning/ca/caFolder.ts';
import { ensureCa, ownCaOf, type CaWay } from '../provisioning/ca/ensureOwnCa.ts';
import { ensureSniOnly } from '../provisioning/ca/sniOnly.ts';
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
  CaFlags & {
    provisioner?: CaWay;
    sniOnly?: boolean;
    templateName?: string;
    verification?: string;
    yes?: boolean;
  };

/** `ca register`. */
export function addCaRegister(ca: Command, generations: readonly Generation[]): void {
  const command = ca
    .command('register')
    .description('register the CA in AWS IoT, so that its vehicles are let in at their first connect')
    .option('--provisioner <way>', 'jitp: a template lets them in; jitr: somebody who watches does', wayOf)
    .addOption(
      new Option(
        '--sni-only',
        'in place of it: register the CA without proof of its key, as several accounts may; only a list lets its vehicles in',
      ).conflicts(['provisioner', 'templateName', 'verification']),
    )
    .option('--template-name <name>', 'name of the JITP template (default: that of the CMS)', notEmpty)
    .option(
      '--verification <file>',
      'PEM: the registration code, signed by the CA, when its key is kept elsewhere',
      notEmpty,
    )
    .option('-y, --yes', 'also change a CA that is registered in another way');
  withCms(withCaFolder(withRoleBoundary(command)), generations);
  examples(
    withOutput(command),
    'cms-enablement ca register --provisioner jitp',
    'cms-enablement ca register --sni-only',
  );
  command.action((flags: RegisterFlags) => {
    const { provisioner: way } = flags;
    if (way === undefined && flags.sniOnly !== true)
      command.error("error: specify '--provisioner jitp', '--provisioner jitr' or '--sni-only'");
    return inSession(flags, (session) =>
      way === undefined ? registerSniOnly(flags, session) : register(way, flags, session),
    );
  });
}

/** The same words for both ways. */
const WORDS = { found: 'was registered so already', repaired: 'is changed', created: 'is registered' };

async function registerSniOnly(flags: RegisterFlags, session: Session): Promise<number> {
  const { pem } = await openCaFolder(caFolderOf(flags), openingIn(session));
  const { connection, deployment } = await openStack(flags, session);
  // A CMS that takes no vehicles of an own CA has no use for one.
  ownCaOf({ provisioner: provisionerOf(deployment) });
  const { result, mode } = await ensureSniOnly(pem, flags.yes === true, connection, session.work);
  const words =
    mode === 'DEFAULT'
      ? `CA ${pem.id} ${WORDS[result]}, with proof of its key; in mode SNI_ONLY it could do no more.`
      : `CA ${pem.id} ${WORDS[result]} in mode SNI_ONLY. Let its vehicles in with "certificates register".`;
  session.output.result('result', { caCertificateId: pem.id, result, mode, made: [] }, words);
  return EXIT.ok;
}

async function register(way: CaWay, flags: RegisterFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const folder = caFolderOf(flags);
  const { ca, pem } = await openCaFolder(folder, openingIn(session));
  const verificationPem =
    flags.verification === undefined ? undefined : await verificationIn(resolve(flags.verification));
  const { connection, deployment } = await openStack(flags, session);
  const setup = ownCaOf({ provisioner: provisionerOf(deployment) });
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
  output.result('result', { caCertificateId: pem.id, result, made }, `CA ${pem.id} ${WORDS[result]}.`);
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
