import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider';
import { CmsError, cancelled, throwIfAborted } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { Clock } from '../../core/work.ts';
import { callCognito } from './cognito.ts';
import type { UserPool } from './cognito.ts';
import { signInError } from './signInErrors.ts';

/** Where the id token of REST calls comes from. */
export interface TokenSource {
  idToken(signal: AbortSignal): Promise<string>;
  /** A newer token than the refused one. Throws when there is none to be had. */
  renew(refused: string, signal: AbortSignal): Promise<string>;
}

/** What a sign-in gives. Kept in memory only. */
export interface Tokens {
  idToken: string;
  refreshToken: string | undefined;
  /** Milliseconds since 1970, by this computer's clock. */
  expiresAt: number;
}

/** The tokens of the one who is signed in; they renew themselves. */
export interface Session extends TokenSource {
  start(tokens: Tokens): void;
}

const RENEW_BEFORE_MS = 5 * 60_000;
const RENEWAL_TIMEOUT_MS = 60_000;

/**
 * Holds the tokens of a sign-in: renews the id token with the refresh token (CMS: valid a day) when less than
 * five minutes are left, or when a service has refused it.
 */
export function createSession(pool: UserPool, clock: Pick<Clock, 'now'> = pool.connection.clock): Session {
  let tokens: Tokens | undefined;
  let renewing: Promise<Tokens> | undefined;

  function current(): Tokens {
    if (tokens !== undefined) return tokens;
    throw new CmsError('CMS_UNAUTHORIZED', l10n.t('You are not signed in to the CMS.'), {
      remedy: l10n.t('Sign in first.'),
    });
  }

  async function renewed(signal: AbortSignal): Promise<string> {
    // One renewal for all calls that wait for it: cancelling one of them must not fail the others.
    renewing ??= renewTokens(pool, current(), clock, AbortSignal.timeout(RENEWAL_TIMEOUT_MS)).finally(
      () => (renewing = undefined),
    );
    tokens = await unlessAborted(renewing, signal);
    return tokens.idToken;
  }

  return {
    start(fresh) {
      tokens = fresh;
    },
    async idToken(signal) {
      const { idToken, refreshToken, expiresAt } = current();
      const soon = expiresAt - clock.now() < RENEW_BEFORE_MS;
      return soon && refreshToken !== undefined ? renewed(signal) : idToken;
    },
    async renew(refused, signal) {
      const { idToken } = current();
      return idToken === refused ? renewed(signal) : idToken;
    },
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function renewTokens(
  pool: UserPool,
  old: Tokens,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<Tokens> {
  const { refreshToken } = old;
  if (refreshToken === undefined) throw sessionEnded();
  let answer;
  try {
    answer = await callCognito(pool, l10n.t('renewing the sign-in'), signal, (client, sdk, options) =>
      client.send(
        new sdk.InitiateAuthCommand({
          ClientId: pool.clientId,
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters: { REFRESH_TOKEN: refreshToken },
        }),
        options,
      ),
    );
  } catch (error) {
    throw signInError(error, sessionEnded);
  }
  const tokens = tokensOf(answer.AuthenticationResult, clock.now());
  if (tokens === undefined) throw sessionEnded();
  return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
}

/** The tokens in an answer of Cognito, if there are any. */
export function tokensOf(result: AuthenticationResultType | undefined, now: number): Tokens | undefined {
  if (result?.IdToken === undefined) return undefined;
  for (const token of [result.IdToken, result.AccessToken, result.RefreshToken]) keepSecret(token);
  return {
    idToken: result.IdToken,
    refreshToken: result.RefreshToken,
    expiresAt: now + (result.ExpiresIn ?? 3600) * 1000,
  };
}

function sessionEnded(cause?: unknown): CmsError {
  return new CmsError('CMS_UNAUTHORIZED', l10n.t('The sign-in to the CMS has ended.'), {
    remedy: l10n.t('Sign in again.'),
    cause,
  });
}
