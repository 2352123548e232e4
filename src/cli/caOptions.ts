import type { Deployment } from '../cms/contract/deployment.ts';
import { manifestVins } from '../onboarding/manifest.ts';
import { isAllowList, readAllowList } from '../provisioning/ca/allowList.ts';
import type { AllowList } from '../provisioning/ca/judge.ts';
import { caIn, openCaFolder, type Opening } from '../provisioning/ca/caFolder.ts';
import type { OpenOwnCa, OwnCa } from '../provisioning/ca/ownCa.ts';
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

/** The CA of the folder, for vehicles that come with a certificate of it. */
export function caOf(flags: CaFlags, session: Session): OpenOwnCa {
  let opened: Promise<OwnCa> | undefined;
  return () =>
    (opened ??= (async () => {
      const folder = caFolderOf(flags);
      return caIn(await openCaFolder(folder, openingIn(session)));
    })());
}

/** Who may come in: a list of certificates, or a fleet file. @throws CmsError MANIFEST_INVALID */
export function allowListIn(
  text: string,
  file: string,
  { vehicles }: Pick<Deployment, 'vehicles'>,
  { generations, work }: Session,
): AllowList {
  const thingNameOf = (vin: string): string | undefined => vehicles.refOf(vin)?.thingName;
  if (isAllowList(text)) return readAllowList(text, thingNameOf);
  const fields = generations.flatMap(({ onboarding }) => onboarding ?? []);
  const vins = manifestVins(text, file, fields, work.clock.now());
  return readAllowList(['vin', ...vins].join('\n'), thingNameOf);
}
