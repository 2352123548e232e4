import { z } from 'zod';
import { CmsError } from '../../core/errors.ts';
import type { CmsUser, EnsureResult } from '../deployment.ts';
import type { AssetLibrary } from './assetLibrary.ts';
import { lookOrCreate } from './certainty.ts';
import type { Facade } from './facade.ts';
import { userPath } from './paths.ts';

const email = z.email();

/**
 * A CMS user (a record of the asset library; it has nothing to do with a Cognito user of that name). A user that
 * exists is used as it is: what is known of a person is not overwritten.
 * @throws CmsError REQUEST_INVALID for a name CMS would corrupt, an empty first or last name, a bad address
 */
export async function ensureUser(
  library: AssetLibrary,
  facade: Facade,
  user: CmsUser,
  signal: AbortSignal,
): Promise<EnsureResult> {
  const path = userPath(user.username);
  check(user);
  const { created } = await lookOrCreate(
    facade.rest,
    {
      doing: `creating the CMS user ${user.username}`,
      look: () => library.group(path, signal),
      create: () => facade.createUser(user, signal),
    },
    signal,
  );
  return created ? 'created' : 'found';
}

function check(user: CmsUser): void {
  const wrong =
    user.firstName.trim() === '' || user.lastName.trim() === ''
      ? 'first and last name must not be empty'
      : user.email !== undefined && !email.safeParse(user.email).success
        ? 'the e-mail address is not one'
        : undefined;
  if (wrong === undefined) return;
  throw new CmsError('REQUEST_INVALID', `The CMS user ${user.username} cannot be created: ${wrong}.`, {
    remedy: 'Correct the user’s details.',
  });
}
