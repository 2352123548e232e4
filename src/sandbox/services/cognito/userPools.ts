import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';
import { present } from '../../kit/present.ts';
import { randomText } from './clientOperations.ts';
import { completeClientSettings } from './clientSettings.ts';
import type { ClientSettingsInput } from './clientShape.ts';
import { type PasswordPolicy, randomPassword } from './passwordPolicy.ts';
import { completePoolSettings, type PoolSettingsInput } from './poolSettings.ts';
import { type PoolRecord, type State, userKey } from './state.ts';
import { newUser } from './users.ts';

export interface NewPool {
  /** Ids are made of it, so that they are the same in every sandbox and after every reset. */
  seed: string;
  name: string;
  aliasAttributes: string[];
  requiredAttributes: string[];
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
}

export function createUserPools({ config, clock }: Context, state: State): UserPools {
  const hashOf = (seed: string, what: string): Buffer =>
    createHash('sha256').update(`${config.accountId}/${config.region}/${seed}/${what}`).digest();
  const pool = (poolId: string): PoolRecord => present(state.pools.get(poolId), `The pool ${poolId}`);
  const poolArn = (poolId: string): string => arnOf(config, 'cognito-idp', `userpool/${poolId}`);

  return {
    arnOf: poolArn,
    create({ seed, name, aliasAttributes, requiredAttributes, settings, policy }) {
      const now = clock.now();
      const id = `${config.region}_${deriveId(hashOf(seed, 'pool'), upperLowerDigits, 9)}`;
      state.pools.set(id, {
        id,
        arn: poolArn(id),
        name,
        aliasAttributes,
        requiredAttributes,
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
      state.users.set(userKey(poolId, username), user);
    },
  };
}

const lowerDigits = 'abcdefghijklmnopqrstuvwxyz0123456789';
const upperLowerDigits = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lowerDigits}`;

function deriveId(hash: Buffer, alphabet: string, length: number): string {
  return Array.from({ length }, (_, index) => alphabet.charAt((hash[index] ?? 0) % alphabet.length)).join('');
}
