import { CmsError } from '../../core/errors.ts';
import type { EnsureResult } from '../deployment.ts';
import type { AssetLibrary, Group } from './assetLibrary.ts';
import { attempt } from './certainty.ts';
import type { Facade } from './facade.ts';
import { userPath, vehiclePath } from './paths.ts';
import { errorText, refused } from './replies.ts';

const OWNS = 'owns';
const OWNED = 'owned';

/**
 * Leaves exactly one `owns` edge to a vehicle, from this user; earlier owners get `owned` instead. The facade's
 * call does that for a new owner; what it leaves over (the asset library adds one more edge each time it is told
 * the same) is put right edge by edge, and the end is read back.
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
  throw new CmsError('CMS_ANSWER_UNEXPECTED', `${vin} does not have ${username} as its one owner yet.`, {
    remedy: 'Run it again; another change of the owner may have been under way.',
    details: { owners: after.length },
  });
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
  // An unknown vehicle makes the facade fail without a word; older builds fail always: then edges do it.
  if (errorText(reply) !== undefined)
    throw refused(facade.rest, reply, `making ${username} the owner of ${vin}`);
  const [vehicle, user] = await Promise.all([
    library.group(vehiclePath(vin), signal),
    library.group(userPath(username), signal),
  ]);
  if (vehicle !== undefined && user !== undefined) return;
  throw new CmsError(
    vehicle === undefined ? 'VEHICLE_NOT_FOUND' : 'CMS_REQUEST_REFUSED',
    vehicle === undefined ? `CMS knows no vehicle ${vin}.` : `CMS knows no user ${username}.`,
    { remedy: vehicle === undefined ? 'Activate the vehicle first.' : 'Create the CMS user first.' },
  );
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
