import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { isAdmin } from '../claims.ts';
import { isDenied } from '../../kit/denied.ts';
import type { Manifest } from '../shapes.ts';
import type { Sources } from '../sources.ts';

/**
 * A fleet by its id or name, made if there is none. The list of the API may be five minutes old, so the table is asked
 * before one is made.
 * @throws CmsError REQUEST_INVALID, ACCESS_DENIED where the table may not be asked, or what the API says to somebody who
 * may not make one
 */
export async function ensureFleet(
  { api, store, entry }: Sources,
  wanted: string,
  signal: AbortSignal,
): Promise<{ outcome: 'found' | 'created'; fleetId: string }> {
  const known = (await api.fleets(signal)).filter(
    ({ fleetId, name }) => fleetId === wanted || name === wanted,
  );
  const exact = known.find(({ fleetId }) => fleetId === wanted);
  const [one, another] = exact === undefined ? known : [exact];
  if (another !== undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('Several fleets are called "{name}".', { name: wanted }), {
      remedy: l10n.t('Name the fleet by its id: {ids}.', {
        ids: l10n.list(
          known.map(({ fleetId }) => fleetId),
          'comma',
        ),
      }),
    });
  }
  if (one !== undefined) return { outcome: 'found', fleetId: one.fleetId };
  let denied: Error | undefined;
  const stored = await store.fleetCalled(wanted, signal).catch((error: unknown) => {
    if (!isDenied(error) || !(error instanceof Error)) throw error;
    denied = error;
    return undefined;
  });
  if (stored !== undefined) return { outcome: 'found', fleetId: stored };
  if (wanted.startsWith('FLEET-')) {
    throw new CmsError('REQUEST_INVALID', l10n.t('There is no fleet {id}.', { id: wanted }), {
      remedy: l10n.t('Check the id in the list "fleets"; a fleet is made by a name, not by an id.'),
    });
  }
  if (!isAdmin(await entry.claims(signal))) {
    throw new CmsError(
      'CMS_UNAUTHORIZED',
      l10n.t('There is no fleet "{name}", and you may not make one.', { name: wanted }),
      {
        remedy: l10n.t('Name one of your fleets, or sign in as a member of the group platform-admin.'),
      },
    );
  }
  // It may be there all the same: a second one of its name must not be made.
  if (denied !== undefined) throw denied;
  const made = await api.createFleet(wanted, 'Made by CMS Enablement', signal);
  return { outcome: 'created', fleetId: made.fleetId };
}

/** What the CMS seeds, by release. */
const SEEDED = ['CMS-FLEET-MODEL', 'CMS-Fleet-Default'];
/** As `make seed-vehicle-models` of 0.4 makes it. */
const BASELINE = {
  ...{ modelManifestName: 'CMS-FLEET-MODEL', modelManifestVersion: '1', decoderManifestRef: 'cms-fleet-v3' },
  ...{ ecuConfigId: 'ECU-CONFIG-CMS-BASELINE', status: 'ACTIVE', isDefault: true },
};

/** Whether a vehicle can be created with a manifest. */
function isUsable({ status, decoderManifestRef }: Manifest): boolean {
  return status?.toUpperCase() === 'ACTIVE' && decoderManifestRef !== undefined;
}

/** @throws CmsError REQUEST_INVALID where none can be used */
export async function ensureManifest(
  { api }: Pick<Sources, 'api'>,
  wanted: { name: string | undefined; mayMake: boolean },
  signal: AbortSignal,
): Promise<{ outcome: 'found' | 'created'; name: string }> {
  const all = await api.manifests(signal);
  const { name, mayMake } = wanted;
  const found =
    name === undefined
      ? chooseManifest(all)
      : all.find((each) => each.modelManifestName === name && isUsable(each));
  if (found !== undefined) return { outcome: 'found', name: found.modelManifestName };
  const named = all.find((each) => each.modelManifestName === name);
  if (named !== undefined) throw unusable(named);
  if (name !== undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('There is no model manifest "{name}".', { name }), {
      remedy: l10n.t('Choose one of the list "model-manifests".'),
    });
  }
  const usable = all.filter(isUsable);
  if (usable.length > 0) {
    const names = l10n.list(
      usable.map((each) => each.modelManifestName),
      'comma',
    );
    throw new CmsError('REQUEST_INVALID', l10n.t('There are several model manifests: {names}.', { names }), {
      remedy: l10n.t('Name the one to use (--model-manifest).'),
    });
  }
  if (mayMake && !all.some((each) => each.modelManifestName === BASELINE.modelManifestName)) {
    await api.createManifest(BASELINE, signal);
    return { outcome: 'created', name: BASELINE.modelManifestName };
  }
  const [draft] = all;
  if (draft !== undefined) throw unusable(draft);
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The CMS has no model manifest, without which it takes no vehicle.'),
    {
      remedy: l10n.t(
        'Seed it in the folder of the solution, with make seed-vehicle-models; or let one be made from here (--make-manifest yes).',
      ),
    },
  );
}

/** The default, else what the CMS seeds, else the only one. */
export function chooseManifest(all: readonly Manifest[]): Manifest | undefined {
  const usable = all.filter(isUsable);
  return (
    usable.find(({ isDefault }) => isDefault === true) ??
    SEEDED.flatMap((seeded) => usable.filter((each) => each.modelManifestName === seeded))[0] ??
    (new Set(usable.map((each) => each.modelManifestName)).size === 1 ? usable[0] : undefined)
  );
}

function unusable({ modelManifestName: name, status = '-', decoderManifestRef }: Manifest): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    decoderManifestRef === undefined
      ? l10n.t('The model manifest "{name}" names no decoder manifest.', { name })
      : l10n.t('The model manifest "{name}" is {status}, not ACTIVE.', { name, status }),
    { remedy: l10n.t('Make it ACTIVE, or choose another one of the list "model-manifests".') },
  );
}
