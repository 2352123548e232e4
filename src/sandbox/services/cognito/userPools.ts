import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';
import { present } from '../../kit/present.ts';
import { withAttributes } from './attributes.ts';
import { randomText } from './clientOperations.ts';
import { completeClientSettings } from './clientSettings.ts';
import type { ClientSettingsInput } from './clientShape.ts';
import type { Directory } from './directory.ts';
import { type PasswordPolicy, randomPassword } from './passwordPolicy.ts';
import { completePoolSettings, type PoolSettingsInput } from './poolSettings.ts';
import {
  type CustomAttribute,
  type PoolRecord,
  type State,
  userKey,
  type UserRecord,
  type UserStatus,
} from './state.ts';
import { newUser, withPassword } from './users.ts';

export interface NewPool {
  /** Ids are made of it, so that they are the same in every sandbox and after every reset. */
  seed: string;
  name: string;
  aliasAttributes: string[];
  requiredAttributes: string[];
  customAttributes?: CustomAttribute[];
  emailIsUsername?: boolean;
  settings: PoolSettingsInput;
  policy: PasswordPolicy;
}

/** Makes what CloudFormation makes of the resources of a template. */
export interface UserPools {
  /** Makes a pool; returns its id. */
  create(pool: NewPool): string;
  /** Makes an app client; returns its id. */
  createClient(
    poolId: string,
    client: { seed: string; name: string; secret?: boolean; settings: ClientSettingsInput },
  ): string;
  /** The secret of an app client that has one. */
  secretOf(clientId: string): string | undefined;
  /** Makes a user with a temporary password, which AWS would mail: nobody knows it, so set one. */
  invite(poolId: string, user: { username: string; attributes: Record<string, string> }): void;
  arnOf(poolId: string): string;
  /** Makes groups, unless they are there. */
  ensureGroups(poolId: string, names: readonly string[]): void;
  /** All users of a pool. */
  usersOf(poolId: string): PoolUser[];
  /** By their name or what stands for it. */
  findUser(poolId: string, login: string): PoolUser | undefined;
  /** Makes a user; returns its name in the pool. */
  createUser(poolId: string, user: CreatedUser): string;
  /** Changes what is given of a user that is there. An empty attribute is removed. */
  changeUser(poolId: string, login: string, change: UserChange): void;
  removeUser(poolId: string, login: string): void;
}

/** A user as the functions of an installation see it. */
export interface PoolUser {
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly enabled: boolean;
  readonly status: UserStatus;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface CreatedUser {
  readonly username: string;
  readonly attributes: Record<string, string>;
  readonly password: string;
  /** Whether it has to be changed at the first sign-in. */
  readonly temporary: boolean;
  readonly groups: readonly string[];
}

export interface UserChange {
  readonly attributes?: Record<string, string>;
  readonly groups?: readonly string[];
  readonly enabled?: boolean;
  readonly password?: { readonly value: string; readonly temporary: boolean };
}

export function createUserPools({ config, clock }: Context, state: State, directory: Directory): UserPools {
  const hashOf = (seed: string, what: string): Buffer =>
    createHash('sha256').update(`${config.accountId}/${config.region}/${seed}/${what}`).digest();
  const pool = (poolId: string): PoolRecord => present(state.pools.get(poolId), `The pool ${poolId}`);
  const poolArn = (poolId: string): string => arnOf(config, 'cognito-idp', `userpool/${poolId}`);

  return {
    arnOf: poolArn,
    create({ seed, settings, policy, ...shape }) {
      const now = clock.now();
      const id = `${config.region}_${deriveId(hashOf(seed, 'pool'), upperLowerDigits, 9)}`;
      state.pools.set(id, {
        id,
        arn: poolArn(id),
        ...shape,
        settings: completePoolSettings(settings, policy),
        createdAt: now,
        modifiedAt: now,
      });
      return id;
    },
    createClient(poolId, { seed, name, secret = false, settings }) {
      const now = clock.now();
      const clientId = deriveId(hashOf(seed, 'client'), lowerDigits, 26);
      state.clients.set(clientId, {
        poolId,
        clientId,
        ...(secret ? { clientSecret: randomText(51) } : {}),
        name,
        settings: completeClientSettings(pool(poolId), settings, 'creating'),
        createdAt: now,
        modifiedAt: now,
      });
      return clientId;
    },
    secretOf: (clientId) => state.clients.get(clientId)?.clientSecret,
    invite(poolId, { username, attributes }) {
      const password = randomPassword(pool(poolId).settings.Policies.PasswordPolicy);
      const user = newUser(
        pool(poolId),
        { username, attributes, password, status: 'FORCE_CHANGE_PASSWORD' },
        clock.now(),
      );
      state.users.set(userKey(poolId, user.username), user);
    },
    ensureGroups(poolId, names) {
      const now = clock.now();
      for (const name of names) {
        const key = userKey(poolId, name);
        if (!state.groups.has(key)) state.groups.set(key, { poolId, name, createdAt: now, modifiedAt: now });
      }
    },
    usersOf: (poolId) => directory.usersOf(poolId).map(seen),
    findUser(poolId, login) {
      const user = directory.find(pool(poolId), login);
      return user && seen(user);
    },
    createUser(poolId, { username, attributes, password, temporary, groups }) {
      const status = temporary ? 'FORCE_CHANGE_PASSWORD' : 'CONFIRMED';
      const user = newUser(pool(poolId), { username, attributes, password, status }, clock.now());
      directory.save(user);
      state.memberships.set(userKey(poolId, user.username), groups);
      return user.username;
    },
    changeUser(poolId, login, { attributes, groups, enabled, password }) {
      const user = directory.userOf(pool(poolId), login);
      const changed = {
        ...user,
        attributes: withAttributes(user.attributes, attributes ?? {}),
        enabled: enabled ?? user.enabled,
      };
      const status = password?.temporary === true ? 'FORCE_CHANGE_PASSWORD' : 'CONFIRMED';
      directory.save(
        password === undefined ? changed : withPassword(changed, password.value, status, clock.now()),
      );
      if (groups !== undefined) state.memberships.set(userKey(poolId, user.username), groups);
    },
    removeUser(poolId, login) {
      directory.remove(directory.userOf(pool(poolId), login));
    },
  };

  function seen(user: UserRecord): PoolUser {
    const { username, attributes, enabled, status, createdAt } = user;
    return { username, attributes, enabled, status, createdAt, groups: directory.groupsOf(user) };
  }
}

const lowerDigits = 'abcdefghijklmnopqrstuvwxyz0123456789';
const upperLowerDigits = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lowerDigits}`;

function deriveId(hash: Buffer, alphabet: string, length: number): string {
  return Array.from({ length }, (_, index) => alphabet.charAt((hash[index] ?? 0) % alphabet.length)).join('');
}
