import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { SandboxConfig } from '../../kernel/context.ts';
import { parseJson } from '../../kit/json.ts';
import { hostEndingOf } from '../../kit/partition.ts';
import type { TokenCheck, Tokens } from './contract.ts';
import { readableAttributes } from './attributes.ts';
import { tokenLifetimes } from './clientSettings.ts';
import { groupNames } from './directory.ts';
import type { SigningKeys } from './keys.ts';
import type { ClientRecord, PoolRecord, RefreshRecord, State, UserRecord } from './state.ts';
import { forgetExpired } from './state.ts';

/** `AuthenticationResult` of a completed sign-in. */
export interface AuthenticationResult {
  AccessToken: string;
  /** Lifetime of the access token in seconds. */
  ExpiresIn: number;
  TokenType: 'Bearer';
  /** Absent when the tokens were obtained with a refresh token. */
  RefreshToken?: string;
  IdToken: string;
}

export type Verified =
  { ok: true; claims: JWTPayload; pool: PoolRecord } | { ok: false; reason: 'invalid' | 'expired' };

export interface TokenService extends Tokens {
  issue(pool: PoolRecord, client: ClientRecord, user: UserRecord): Promise<AuthenticationResult>;
  /** Issues new id and access tokens for an existing sign-in. */
  renew(
    pool: PoolRecord,
    client: ClientRecord,
    user: UserRecord,
    refresh: RefreshRecord,
  ): Promise<AuthenticationResult>;
  /** An access token for an app client itself, without any user. */
  issueToClient(
    pool: PoolRecord,
    client: ClientRecord,
    scopes: readonly string[],
  ): Promise<{ accessToken: string; expiresIn: number }>;
  /** Verifies signature, issuer and expiry of a token from any pool. */
  verify(token: string, use: 'id' | 'access'): Promise<Verified>;
}

/** The issuer as on AWS. The sandbox serves the issuer's documents under its own endpoint. */
export function issuerOf(config: SandboxConfig, poolId: string): string {
  return `https://cognito-idp.${config.region}.${hostEndingOf(config.region)}/${poolId}`;
}

export function refreshKey(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

export function createTokens(
  config: SandboxConfig,
  clock: Clock,
  state: State,
  keys: SigningKeys,
): TokenService {
  const sign = async (pool: PoolRecord, claims: JWTPayload): Promise<string> => {
    const key = await keys.of(pool.id);
    return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg: 'RS256' }).sign(key.privateKey);
  };

  const pair = async (
    pool: PoolRecord,
    client: ClientRecord,
    user: UserRecord,
    signIn: { origin: string; authTime: number },
  ): Promise<AuthenticationResult> => {
    const now = Math.floor(clock.now() / 1000);
    const lifetimes = tokenLifetimes(client.settings);
    const common = {
      sub: user.sub,
      iss: issuerOf(config, pool.id),
      origin_jti: signIn.origin,
      event_id: randomUUID(),
      auth_time: Math.floor(signIn.authTime / 1000),
      iat: now,
    };
    const names = groupNames(state, pool.id, user.username);
    const groups = names.length === 0 ? {} : { 'cognito:groups': names };
    const idToken = await sign(pool, {
      ...common,
      ...identityClaims(user, client),
      ...groups,
      'cognito:username': user.username,
      aud: client.clientId,
      token_use: 'id',
      exp: now + lifetimes.id,
      jti: randomUUID(),
    });
    const accessToken = await sign(pool, {
      ...common,
      ...groups,
      client_id: client.clientId,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      exp: now + lifetimes.access,
      jti: randomUUID(),
      username: user.username,
    });
    return {
      AccessToken: accessToken,
      ExpiresIn: lifetimes.access,
      TokenType: 'Bearer',
      IdToken: idToken,
    };
  };

  const verify = async (token: string, use: 'id' | 'access'): Promise<Verified> => {
    const poolId = poolIdIn(token);
    const pool = poolId === undefined ? undefined : state.pools.get(poolId);
    if (pool === undefined) return { ok: false, reason: 'invalid' };
    const key = await keys.of(pool.id);
    try {
      const { payload } = await jwtVerify(token, key.publicKey, {
        algorithms: ['RS256'],
        issuer: issuerOf(config, pool.id),
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp'],
      });
      if (payload.token_use !== use) return { ok: false, reason: 'invalid' };
      return { ok: true, claims: payload, pool };
    } catch (error) {
      if (error instanceof errors.JWTExpired && error.payload.token_use === use) {
        return { ok: false, reason: 'expired' };
      }
      return { ok: false, reason: 'invalid' };
    }
  };

  return {
    async issue(pool, client, user) {
      const now = clock.now();
      forgetExpired(state.refresh, now);
      const refreshToken = randomRefreshToken();
      const record: RefreshRecord = {
        poolId: pool.id,
        clientId: client.clientId,
        username: user.username,
        origin: randomUUID(),
        authTime: now,
        revoked: false,
        expiresAt: now + tokenLifetimes(client.settings).refresh * 1000,
      };
      state.refresh.set(refreshKey(refreshToken), record);
      const { IdToken, ...rest } = await pair(pool, client, user, record);
      return { ...rest, RefreshToken: refreshToken, IdToken };
    },
    async issueToClient(pool, client, scopes) {
      const now = Math.floor(clock.now() / 1000);
      const expiresIn = tokenLifetimes(client.settings).access;
      const accessToken = await sign(pool, {
        sub: client.clientId,
        token_use: 'access',
        scope: scopes.join(' '),
        auth_time: now,
        iss: issuerOf(config, pool.id),
        exp: now + expiresIn,
        iat: now,
        version: 2,
        jti: randomUUID(),
        client_id: client.clientId,
      });
      return { accessToken, expiresIn };
    },
    renew: pair,
    verify,
    async accessOf(userPoolId, token) {
      const result = await verify(token, 'access');
      if (!result.ok || result.pool.id !== userPoolId) return undefined;
      const { client_id: clientId, scope } = result.claims;
      if (typeof clientId !== 'string' || typeof scope !== 'string') return undefined;
      return { clientId, scopes: scope.split(' ') };
    },
    async claimsOf(userPoolId, token) {
      const result = await verify(token, 'id');
      return result.ok && result.pool.id === userPoolId ? result.claims : undefined;
    },
    async checkIdToken(userPoolId, authorization): Promise<TokenCheck> {
      const token = authorization?.trim().replace(/^Bearer(\s+|$)/i, '');
      if (token === undefined || token === '') return { ok: false, reason: 'missing' };
      const result = await verify(token, 'id');
      if (!result.ok) return result;
      const username = result.claims['cognito:username'];
      if (result.pool.id !== userPoolId || typeof username !== 'string') {
        return { ok: false, reason: 'invalid' };
      }
      return { ok: true, username };
    },
  };
}

const issued = z.object({ iss: z.string() });

/** The pool that a token claims to come from. Not trusted: it only selects the key for the verification. */
function poolIdIn(token: string): string | undefined {
  const [, body] = token.split('.');
  if (body === undefined) return undefined;
  const claims = issued.safeParse(parseJson(Buffer.from(body, 'base64url').toString('utf8'))).data;
  return claims?.iss.slice(claims.iss.lastIndexOf('/') + 1);
}

/** The readable attributes as claims: flags are booleans, times numbers, an address is an object. */
function identityClaims(user: UserRecord, client: ClientRecord): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  for (const { Name, Value = '' } of readableAttributes(user, client)) {
    if (Name.endsWith('_verified')) claims[Name] = Value === 'true';
    else if (Name === 'updated_at') claims[Name] = Number(Value);
    else if (Name === 'address') claims[Name] = { formatted: Value };
    else claims[Name] = Value;
  }
  return claims;
}

/** An opaque token in the five-part format of AWS's encrypted refresh tokens. */
function randomRefreshToken(): string {
  const header = Buffer.from('{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}').toString('base64url');
  return [header, ...[256, 12, 640, 16].map((bytes) => randomBytes(bytes).toString('base64url'))].join('.');
}
