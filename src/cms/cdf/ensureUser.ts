import * as z from 'zod';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Retrying } from '../../core/retry.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { CmsUser } from './api.ts';
import type { AssetLibrary } from './assetLibrary.ts';
import { lookOrCreate } from './certainty.ts';
import type { Facade } from './facade.ts';
import { userPath } from './paths.ts';

const email = z.email();

/**
 * A CMS user (a record of the asset library; it has nothing to do with a Cognito user of that name). A user that
 * exists is used as it is: the details of a person are not overwritten.
 * @throws CmsError REQUEST_INVALID for a name CMS would corrupt, an empty first or last name, a bad address
 */
export async function ensureUser(
  library: AssetLibrary,
  facade: Facade,
  user: CmsUser,
  work: Retrying,
): Promise<EnsureResult> {
  const path = userPath(user.username);
  check(user);
  const { created } = await lookOrCreate(work, facade.rest, {
    doing: l10n.t('creating the CMS user {username}', { username: user.username }),
    look: () => library.group(path, work.signal),
    create: () => facade.createUser(user, work.signal),
  });
  return created ? 'created' : 'found';
}

function check(user: CmsUser): void {
  const why = problemOf(user);
  if (why === undefined) return;
  const { username } = user;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The CMS user {username} cannot be created: {why}.', { username, why }),
    { remedy: l10n.t('Correct the user’s details.') },
  );
}

function problemOf(user: CmsUser): Message | undefined {
  if (user.firstName.trim() === '' || user.lastName.trim() === '')
    return l10n.t('first and last name must not be empty');
  if (user.email !== undefined && !email.safeParse(user.email).success)
    return l10n.t('the e-mail address is not valid');
  return undefined;
}
