import { requireFields, requireText } from '../rest/arguments.ts';
import { type Json, plain } from '../../../kit/json.ts';
import { type FacadeDeployment, paths, templates } from './deployment.ts';
import { FacadeError, inner } from './errors.ts';
import { fails } from './stepFaults.ts';

const attributes = [
  'firstName',
  'lastName',
  'email',
  'addressLine1',
  'addressLine2',
  'city',
  'state',
  'country',
  'phone',
];

/** POST /users: a group under `/auto/users`. Unrelated to Cognito users. */
export function registerUser({ library, faults }: FacadeDeployment, user: Json): void {
  requireFields(user);
  requireText(user.username);
  requireText(user.firstName);
  requireText(user.lastName);
  const username = user.username;
  if (fails(faults, 'users:check')) throw new FacadeError('UNABLE_TO_CHECK_USER');
  const existing = inner(() => library.groups.get(`${paths.users}/${username}`));
  if (existing) throw new FacadeError('USER_ALREADY_REGISTERED');
  inner(() =>
    library.groups.create({
      name: username,
      parentPath: paths.users,
      templateId: templates.user,
      attributes: plain(Object.fromEntries(attributes.map((name) => [name, user[name]]))),
    }),
  );
}
