import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { notAuthorized } from './errors.ts';
import type { ChallengeRecord, ClientRecord, State } from './state.ts';
import { forgetExpired } from './state.ts';

/** Sign-ins that wait for the client's next answer. A token belongs to one sign-in of one client and works once. */
export interface Challenges {
  /** Returns a base64 token, which the client sends back as SECRET_BLOCK or Session. */
  open(client: ClientRecord, challenge: Pick<ChallengeRecord, 'kind' | 'username' | 'exchange'>): string;
  /** The open challenge of a token. Throws NotAuthorizedException for an unknown, used or expired token. */
  get(client: ClientRecord, kind: ChallengeRecord['kind'], token: string): ChallengeRecord;
  /** Marks the token as used. */
  use(token: string): void;
}

export function createChallenges(state: State, clock: Clock): Challenges {
  return {
    open(client, challenge) {
      const now = clock.now();
      forgetExpired(state.challenges, now);
      const token = randomBytes(480).toString('base64');
      state.challenges.set(keyOf(token), {
        ...challenge,
        poolId: client.poolId,
        clientId: client.clientId,
        used: false,
        expiresAt: now + client.settings.AuthSessionValidity * 60_000,
      });
      return token;
    },
    get(client, kind, token) {
      const record = state.challenges.get(keyOf(token));
      if (record?.kind !== kind || record.clientId !== client.clientId) {
        throw notAuthorized('Invalid session for the user.');
      }
      if (record.used) {
        throw notAuthorized('Invalid session for the user, session can only be used once.');
      }
      if (record.expiresAt <= clock.now()) {
        throw notAuthorized('Invalid session for the user, session is expired.');
      }
      return record;
    },
    use(token) {
      const record = state.challenges.get(keyOf(token));
      if (record !== undefined) state.challenges.set(keyOf(token), { ...record, used: true });
    },
  };
}

function keyOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
