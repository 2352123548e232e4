import type { JWK } from 'jose';
import type { Store } from '../../kernel/store.ts';
import type { Table } from '../../kernel/table.ts';
import type { ClientSettings } from './clientShape.ts';
import type { PoolSettings } from './poolSettings.ts';
import type { PasswordRecord, SrpExchange } from './srp.ts';

/** An attribute that a pool has beside the standard ones; a text. */
export interface CustomAttribute {
  name: string;
  mutable: boolean;
}

/** A group of a pool. */
export interface GroupRecord {
  poolId: string;
  name: string;
  description?: string;
  precedence?: number;
  createdAt: number;
  modifiedAt: number;
}

/** The records of the emulated service. All times are milliseconds since 1970. */
export interface PoolRecord {
  id: string;
  arn: string;
  name: string;
  /** Fixed when the pool is created, like the schema. */
  aliasAttributes: string[];
  requiredAttributes: string[];
  /** Attributes of its own, without `custom:`. */
  customAttributes?: CustomAttribute[];
  /** Whether users are named by an id of the pool's making and known by their e-mail address. */
  emailIsUsername?: boolean;
  settings: PoolSettings;
  createdAt: number;
  modifiedAt: number;
}

export interface ClientRecord {
  poolId: string;
  clientId: string;
  clientSecret?: string;
  name: string;
  settings: ClientSettings;
  createdAt: number;
  modifiedAt: number;
}

export type UserStatus = 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD' | 'RESET_REQUIRED';

export interface UserRecord {
  poolId: string;
  username: string;
  sub: string;
  /** All attributes except `sub`. */
  attributes: Record<string, string>;
  status: UserStatus;
  enabled: boolean;
  password: PasswordRecord;
  /** When a temporary password was set, for its expiry. */
  passwordSetAt: number;
  createdAt: number;
  modifiedAt: number;
}

/** A code that AWS would send by mail. The sandbox sends nothing; read the code from here. */
export interface CodeRecord {
  code: string;
  purpose: 'confirm' | 'reset';
  expiresAt: number;
}

/** A sign-in in progress, found by its SECRET_BLOCK or Session. */
export interface ChallengeRecord {
  kind: 'PASSWORD_VERIFIER' | 'NEW_PASSWORD_REQUIRED';
  poolId: string;
  clientId: string;
  /** Empty for the fake challenge of an unknown user. */
  username: string;
  exchange?: SrpExchange;
  used: boolean;
  expiresAt: number;
}

/** Found by the SHA-256 of the refresh token. */
export interface RefreshRecord {
  poolId: string;
  clientId: string;
  username: string;
  /** `origin_jti`, which all tokens of one sign-in share. */
  origin: string;
  authTime: number;
  revoked: boolean;
  expiresAt: number;
}

export interface AttemptRecord {
  failures: number;
  lockedUntil: number;
}

export interface State {
  /** By id. */
  pools: Table<PoolRecord>;
  /** By client id. */
  clients: Table<ClientRecord>;
  /** By `<poolId>/<username>`. */
  users: Table<UserRecord>;
  /** By `<poolId>/<group>`. */
  groups: Table<GroupRecord>;
  /** The names of a user's groups, by `<poolId>/<username>`. */
  memberships: Table<readonly string[]>;
  /** By `<poolId>/<username>`. */
  codes: Table<CodeRecord>;
  /** Signing keys by pool id. */
  keys: Table<{ kid: string; privateJwk: JWK }>;
  refresh: Table<RefreshRecord>;
  /** Maps the `origin_jti` of revoked sign-ins to the time when their last token expires anyway. */
  revokedOrigins: Table<number>;
  challenges: Table<ChallengeRecord>;
  /** By `<poolId>/<username>`. */
  attempts: Table<AttemptRecord>;
}

export function openState(store: Store): State {
  return {
    pools: store.table('cognito.pools'),
    clients: store.table('cognito.clients'),
    users: store.table('cognito.users'),
    groups: store.table('cognito.groups'),
    memberships: store.table('cognito.memberships'),
    codes: store.table('cognito.codes'),
    keys: store.table('cognito.keys'),
    refresh: store.table('cognito.refresh'),
    revokedOrigins: store.table('cognito.revokedOrigins'),
    challenges: store.table('cognito.challenges', { volatile: true }),
    attempts: store.table('cognito.attempts', { volatile: true }),
  };
}

export function userKey(poolId: string, username: string): string {
  return `${poolId}/${username}`;
}

/** Removes expired records, so that the table stays small. */
export function forgetExpired<T extends { expiresAt: number }>(table: Table<T>, now: number): void {
  for (const [key, value] of [...table.entries()]) if (value.expiresAt <= now) table.delete(key);
}
