import * as z from 'zod';
import { defined } from '../../kit/defined.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import type { Directory } from './directory.ts';
import { invalidParameter } from './errors.ts';
import { members } from './input.ts';
import { pageOf } from './paging.ts';
import type { UserRecord } from './state.ts';
import { userType } from './adminUserOperations.ts';

/** ListUsers with its filter language: `attribute = "value"` or `attribute ^= "start"`. */
export function listUsersOperations(directory: Directory): Operations {
  return {
    ListUsers: operation(
      z.object({
        UserPoolId: members.poolId,
        AttributesToGet: z.array(z.string().min(1).max(32)).optional(),
        Limit: z.int().min(0).max(60).default(60),
        PaginationToken: z.string().min(1).optional(),
        Filter: z.string().max(256).default(''),
      }),
      (input) => {
        const pool = directory.poolOf(input.UserPoolId);
        const accepts = parseFilter(input.Filter);
        const users = directory.usersOf(pool.id).filter(accepts);
        const size = input.Limit === 0 ? 60 : input.Limit;
        const page = pageOf('ListUsers', users, (user) => user.username, {
          size,
          token: input.PaginationToken,
        });
        return {
          Users: page.items.map((user) => only(input.AttributesToGet, userType(user))),
          ...defined({ PaginationToken: page.next }),
        };
      },
    ),
  };
}

/** A user with the attributes asked for. Throws, as AWS does, when the user lacks one: no user of a page may. */
function only(wanted: readonly string[] | undefined, user: ReturnType<typeof userType>): typeof user {
  if (wanted === undefined) return user;
  const Attributes = user.Attributes.filter(({ Name }) => wanted.includes(Name));
  if (Attributes.length < new Set(wanted).size) {
    throw invalidParameter('One or more requested attributes do not exist.');
  }
  return { ...user, Attributes };
}

/** The searchable attributes (API reference of ListUsers) and how to get their values. */
const searchable: Record<string, (user: UserRecord) => string> = {
  username: (user) => user.username,
  sub: (user) => user.sub,
  'cognito:user_status': (user) => user.status,
  status: (user) => (user.enabled ? 'Enabled' : 'Disabled'),
  email: attribute('email'),
  phone_number: attribute('phone_number'),
  name: attribute('name'),
  given_name: attribute('given_name'),
  family_name: attribute('family_name'),
  preferred_username: attribute('preferred_username'),
};

/** A missing attribute counts as empty. */
function attribute(name: string): (user: UserRecord) => string {
  return (user) => user.attributes[name] ?? '';
}

function parseFilter(filter: string): (user: UserRecord) => boolean {
  if (filter.trim() === '') return () => true;
  const match = /^\s*"?([\w:]+)"?\s*(\^=|=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter);
  const [, name = '', comparison, quoted = ''] = match ?? [];
  const valueOf = Object.hasOwn(searchable, name) ? searchable[name] : undefined;
  if (match === null || valueOf === undefined) throw invalidParameter('Error while parsing filter.');
  const expected = fold(name, quoted.replace(/\\(.)/g, '$1'));
  const starts = comparison === '^=';
  return (user) => {
    const value = fold(name, valueOf(user));
    return starts ? value.startsWith(expected) : value === expected;
  };
}

/** A user's status is compared ignoring case, everything else exactly. */
function fold(name: string, value: string): string {
  return name === 'cognito:user_status' || name === 'status' ? value.toLowerCase() : value;
}
