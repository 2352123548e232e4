import type { Clock } from '../../kernel/clock.ts';
import { notAuthorized } from './errors.ts';
import type { State, UserRecord } from './state.ts';
import { userKey } from './state.ts';

/**
 * After five failed sign-ins a user is locked out for a second, then for twice as long after each further
 * failure, up to about 15 minutes (developer guide, "Lockout behavior for failed sign-in attempts").
 */
export interface Lockout {
  /** Throws NotAuthorizedException while the user is locked out. */
  check(user: UserRecord): void;
  failed(user: UserRecord): void;
  succeeded(user: UserRecord): void;
}

const free = 5;
const longest = 900_000;

export function createLockout(state: State, clock: Clock, enforced: boolean): Lockout {
  return {
    check(user) {
      const record = state.attempts.get(userKey(user.poolId, user.username));
      if (enforced && record !== undefined && record.lockedUntil > clock.now()) {
        throw notAuthorized('Password attempts exceeded');
      }
    },
    failed(user) {
      const key = userKey(user.poolId, user.username);
      const failures = (state.attempts.get(key)?.failures ?? 0) + 1;
      const lock = failures < free ? 0 : Math.min(1000 * 2 ** (failures - free), longest);
      state.attempts.set(key, { failures, lockedUntil: clock.now() + lock });
    },
    succeeded: (user) => {
      state.attempts.delete(userKey(user.poolId, user.username));
    },
  };
}
