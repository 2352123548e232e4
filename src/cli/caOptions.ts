import type { ProvisionWay } from '../cms/contract/provisioner.ts';
import { openCaFolder, signingIn, type Opening } from '../provisioning/ca/caFolder.ts';
import type { OwnCa } from '../provisioning/ca/ownCa.ts';
import { caFolderOf, type CaFlags } from './options.ts';
import { caPassphraseOf } from './password.ts';
import type { Session } from './session.ts';

/** How the files of a CA are opened in a command. */
export function openingIn({ output, work }: Session): Opening {
  return {
    now: work.clock.now(),
    passphrase: () => caPassphraseOf('Passphrase of the CA', work.signal, () => output.quiet()),
  };
}

/** The CA that signs for vehicles that come this way; undefined where none is needed. */
export async function caOf(
  flags: CaFlags,
  way: ProvisionWay | undefined,
  session: Session,
): Promise<OwnCa | undefined> {
  if (way !== 'jitp' && way !== 'jitr') return undefined;
  const folder = caFolderOf(flags);
  return signingIn(folder, await openCaFolder(folder, openingIn(session)));
}
