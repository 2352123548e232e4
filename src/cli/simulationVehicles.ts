import type { Command } from 'commander';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { OnboardRequest } from '../cms/contract/fields.ts';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { VehicleChoice } from '../onboarding/chooseVehicles.ts';
import { manifestRequests } from '../onboarding/manifest.ts';
import { readManifestFile } from './manifestFile.ts';
import type { Session } from './session.ts';

export interface VehicleFlags {
  vin?: string[];
  fleet?: string;
  all?: boolean;
  tag?: string[];
}

/** The options that name many vehicles at once. */
export function withManyVehicles(command: Command): Command {
  return command
    .option('--fleet <file>', 'the vehicles of a fleet manifest')
    .option('--all', 'all vehicles in the certificate folder')
    .option('--tag <word...>', 'of the fleet, or of all, only vehicles with one of these tags');
}

/** The vehicles that the flags name. @throws CmsError REQUEST_INVALID or MANIFEST_INVALID */
export async function choiceOf(
  { vin, fleet, all, tag }: VehicleFlags,
  session: Session,
): Promise<VehicleChoice> {
  const choices = [vin, fleet, all ?? (vin === undefined && fleet === undefined ? tag : undefined)];
  if (choices.filter((it) => it !== undefined).length !== 1) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('Specify which vehicles drive: --vin, --fleet, --all or --tag.'),
      {
        remedy: l10n.t(
          'Specify exactly one of --vin, --fleet and --all; --tag alone means all with that tag.',
        ),
      },
    );
  }
  const tags = defined({ tags: tag });
  if (vin === undefined) {
    return fleet === undefined
      ? { by: 'folder', ...tags }
      : { by: 'manifest', vehicles: await fleetOf(fleet, session), ...tags };
  }
  if (tag !== undefined) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('--tag chooses among many vehicles; --vin has chosen already.'),
      { remedy: l10n.t('Leave one of them out.') },
    );
  }
  return { by: 'vins', vins: vin };
}

async function fleetOf(file: string, { generations, work }: Session): Promise<OnboardRequest[]> {
  const fields = generations.flatMap(({ onboarding }) => onboarding ?? []);
  return manifestRequests(await readManifestFile(file), file, fields, work.clock.now());
}

export function noneOf({ stack: { name } }: Deployment, folder: string): CmsError {
  return new CmsError(
    'CERTIFICATE_MISSING',
    l10n.t('{folder} holds no vehicle of {name}.', { folder, name }),
    {
      step: 'certificates',
      remedy: l10n.t('Onboard a vehicle first, or name the deployment whose vehicles are to drive.'),
    },
  );
}

export function saidOfOthers(count: number, { stack: { name } }: Deployment): Message {
  return l10n.plural(
    count,
    l10n.t('{count} vehicle of the folder is left out: its files are of another deployment than {name}.', {
      ...{ count, name },
    }),
    l10n.t('{count} vehicles of the folder are left out: their files are of other deployments than {name}.', {
      ...{ count, name },
    }),
  );
}
