import type { Clock } from '../../kernel/clock.ts';
import { isEmail } from './attributes.ts';
import { clientNotFound, invalidParameter, poolNotFound, userNotFound } from './errors.ts';
import type { ClientRecord, PoolRecord, State, UserRecord } from './state.ts';
import { userKey } from './state.ts';

/** Finds and changes the records of pools, clients and users. The `…Of` methods throw AWS's not-found errors. */
export interface Directory {
  poolOf(poolId: string): PoolRecord;
  /** A client and its pool, for the operations that name only the client. */
  clientOf(clientId: string): { client: ClientRecord; pool: PoolRecord };
  /** A client that must belong to the given pool. */
  clientOfPool(poolId: string, clientId: string): { client: ClientRecord; pool: PoolRecord };
  usersOf(poolId: string): UserRecord[];
  /** By username, then by verified email if that is an alias of the pool, then by `sub`. */
  find(pool: PoolRecord, login: string): UserRecord | undefined;
  userOf(pool: PoolRecord, login: string): UserRecord;
  /** Another user with this verified email address, if email is an alias of the pool. */
  aliasHolder(pool: PoolRecord, email: string, username: string): UserRecord | undefined;
  /** Saves a user with the current time as modification time. */
  save(user: UserRecord): UserRecord;
  remove(user: UserRecord): void;
  /** The names of the user's groups, the first of lowest precedence. */
  groupsOf(user: UserRecord): string[];
}

export function createDirectory(state: State, clock: Clock): Directory {
  const poolOf = (poolId: string): PoolRecord => {
    const pool = state.pools.get(poolId);
    if (pool === undefined) throw poolNotFound(poolId);
    return pool;
  };
  const usersOf = (poolId: string): UserRecord[] =>
    [...state.users.values()].filter((user) => user.poolId === poolId);
  const find = (pool: PoolRecord, login: string): UserRecord | undefined =>
    state.users.get(userKey(pool.id, login)) ??
    usersOf(pool.id).find((user) => isVerifiedAlias(pool, user, login) || user.sub === login);
  return {
    poolOf,
    clientOf(clientId) {
      const client = state.clients.get(clientId);
      if (client === undefined) throw clientNotFound(clientId);
      return { client, pool: poolOf(client.poolId) };
    },
    clientOfPool(poolId, clientId) {
      const pool = poolOf(poolId);
      const client = state.clients.get(clientId);
      if (client?.poolId !== poolId) throw clientNotFound(clientId);
      return { client, pool };
    },
    usersOf,
    find,
    userOf(pool, login) {
      const user = find(pool, login);
      if (user === undefined) throw userNotFound();
      return user;
    },
    aliasHolder: (pool, email, username) =>
      usersOf(pool.id).find((user) => user.username !== username && isVerifiedAlias(pool, user, email)),
    save(user) {
      const saved = { ...user, modifiedAt: clock.now() };
      state.users.set(userKey(user.poolId, user.username), saved);
      return saved;
    },
    remove(user) {
      const key = userKey(user.poolId, user.username);
      state.users.delete(key);
      state.codes.delete(key);
      state.attempts.delete(key);
      state.memberships.delete(key);
    },
    groupsOf: ({ poolId, username }) => groupNames(state, poolId, username),
  };
}

function isVerifiedAlias(pool: PoolRecord, user: UserRecord, login: string): boolean {
  if (pool.emailIsUsername === true && user.attributes.email === login) return true;
  return (
    pool.aliasAttributes.includes('email') &&
    user.attributes.email === login &&
    user.attributes.email_verified === 'true'
  );
}

/** The names of a user's groups: those with a precedence first, the lowest of all at the beginning. */
export function groupNames(state: State, poolId: string, username: string): string[] {
  const rank = (name: string): number => state.groups.get(userKey(poolId, name))?.precedence ?? Infinity;
  const names = state.memberships.get(userKey(poolId, username)) ?? [];
  return names
    .filter((name) => state.groups.has(userKey(poolId, name)))
    .sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}

/** If email is an alias, a username that looks like an address could collide with another user's address. */
export function checkUsername(pool: PoolRecord, username: string): void {
  if (pool.emailIsUsername === true && !isEmail(username)) {
    throw invalidParameter('Username should be an email.');
  }
  if (pool.aliasAttributes.includes('email') && isEmail(username)) {
    throw invalidParameter(
      'Username cannot be of email format, since user pool is configured for email alias.',
    );
  }
}
