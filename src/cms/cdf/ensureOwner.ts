import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { AssetLibrary, Group } from './assetLibrary.ts';
import { attempt } from './certainty.ts';
import type { Facade } from './facade.ts';
import { userPath, vehiclePath } from './paths.ts';
import { errorText, refused } from './replies.ts';

const OWNS = 'owns';
const OWNED = 'owned';

/**
 * Leaves exactly one `owns` edge to a vehicle, from this user; earlier owners get `owned` instead. The facade's
 * call does that for a new owner. What it leaves over (the asset library adds one more edge each time the same is
 * asked of it) is corrected edge by edge, and the result is read back.
 * @throws CmsError VEHICLE_NOT_FOUND, CMS_REQUEST_REFUSED (unknown user)
 */
export async function ensureOwner(
  library: AssetLibrary,
  facade: Facade,
  vin: string,
  username: string,
  signal: AbortSignal,
): Promise<EnsureResult> {
  const user = userPath(username);
  const vehicle = vehiclePath(vin);
  const before = await ownersOf(library, vin, signal);
  if (isOnly(before, user)) return 'found';
  const had = before.some((owner) => owner.groupPath === user);
  if (!had) await associate(library, facade, vin, username, signal);

  const now = await ownersOf(library, vin, signal);
  for (const other of new Set(now.map((owner) => owner.groupPath))) {
    if (other !== user) await demote(library, other, vehicle, signal);
  }
  const edges = now.filter((owner) => owner.groupPath === user).length;
  if (edges > 1) await library.detach(user, OWNS, vehicle, signal);
  if (edges !== 1) await library.attach(user, OWNS, vehicle, signal);

  const after = await ownersOf(library, vin, signal);
  if (isOnly(after, user)) return had ? 'repaired' : 'created';
  throw new CmsError(
    'CMS_ANSWER_UNEXPECTED',
    l10n.t('{vin} does not have {username} as its only owner yet.', { vin, username }),
    {
      remedy: l10n.t('Run it again; the owner may have been changed elsewhere at the same time.'),
      details: { owners: after.length },
    },
  );
}

/** The users that own a vehicle: one row an edge, names in their own case. */
export async function ownersOf(library: AssetLibrary, vin: string, signal: AbortSignal): Promise<Group[]> {
  return library.related(vehiclePath(vin), OWNS, 'in', signal);
}

/** Removes every `owns` edge of a vehicle. Returns whether there was one. */
export async function removeOwners(
  library: AssetLibrary,
  vin: string,
  signal: AbortSignal,
): Promise<boolean> {
  const owners = await ownersOf(library, vin, signal);
  for (const owner of new Set(owners.map(({ groupPath }) => groupPath))) {
    await library.detach(owner, OWNS, vehiclePath(vin), signal);
  }
  return owners.length > 0;
}

async function associate(
  library: AssetLibrary,
  facade: Facade,
  vin: string,
  username: string,
  signal: AbortSignal,
): Promise<void> {
  const reply = await attempt(() => facade.associate(vin, username, signal));
  if (reply.ok || reply.uncertain) return;
  // For an unknown vehicle the facade fails without a reason; older builds always do: then the edges are made here.
  if (errorText(reply) !== undefined)
    throw refused(facade.rest, reply, l10n.t('making {username} the owner of {vin}', { username, vin }));
  const [vehicle, user] = await Promise.all([
    library.group(vehiclePath(vin), signal),
    library.group(userPath(username), signal),
  ]);
  if (vehicle === undefined) {
    throw new CmsError('VEHICLE_NOT_FOUND', l10n.t('CMS does not know the vehicle {vin}.', { vin }), {
      remedy: l10n.t('Activate the vehicle first.'),
    });
  }
  if (user === undefined) {
    throw new CmsError(
      'CMS_REQUEST_REFUSED',
      l10n.t('CMS does not know the user {username}.', { username }),
      {
        remedy: l10n.t('Create the CMS user first.'),
      },
    );
  }
}

async function demote(
  library: AssetLibrary,
  user: string,
  vehicle: string,
  signal: AbortSignal,
): Promise<void> {
  const owned = await library.related(user, OWNED, 'out', signal);
  if (!owned.some((group) => group.groupPath === vehicle)) await library.attach(user, OWNED, vehicle, signal);
  await library.detach(user, OWNS, vehicle, signal);
}

function isOnly(owners: readonly Group[], user: string): boolean {
  return owners.length === 1 && owners[0]?.groupPath === user;
}
