import { randomUUID } from 'node:crypto';
import { createPasswordRecord } from './srp.ts';
import type { PoolRecord, UserRecord, UserStatus } from './state.ts';

export interface NewUser {
  username: string;
  attributes: Record<string, string>;
  password: string;
  status: UserStatus;
}

/** The record of a new user. `now` is in milliseconds since 1970. */
export function newUser(pool: PoolRecord, user: NewUser, now: number): UserRecord {
  const { password, status } = user;
  const sub = randomUUID();
  const byEmail = pool.emailIsUsername === true;
  const username = byEmail ? sub : user.username;
  return {
    poolId: pool.id,
    username,
    sub,
    attributes: byEmail ? { ...user.attributes, email: user.username } : user.attributes,
    status,
    enabled: true,
    password: createPasswordRecord(pool.id, username, password),
    passwordSetAt: now,
    createdAt: now,
    modifiedAt: now,
  };
}

/** The user with a new password. */
export function withPassword(
  user: UserRecord,
  password: string,
  status: 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD',
  now: number,
): UserRecord {
  return {
    ...user,
    status,
    password: createPasswordRecord(user.poolId, user.username, password),
    passwordSetAt: now,
  };
}
