import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/http.ts';
import { pattern } from '../../protocols/constraint.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { readableAttributes } from './attributes.ts';
import { tokenLifetimes } from './clientSettings.ts';
import type { Directory } from './directory.ts';
import { notAuthorized, userNotFound } from './errors.ts';
import { members } from './input.ts';
import type { ClientRecord, PoolRecord, RefreshRecord, State, UserRecord } from './state.ts';
import type { TokenService } from './tokens.ts';
import { refreshKey } from './tokens.ts';

/** Operations of signed-in users: GetUser, and signing out. */
export function sessionOperations(
  state: State,
  directory: Directory,
  tokens: TokenService,
  clock: Clock,
): Operations {
  const revoke = (key: string, record: RefreshRecord): void => {
    const now = clock.now();
    state.refresh.set(key, { ...record, revoked: true });
    const client = state.clients.get(record.clientId);
    const access = client === undefined ? 86_400 : tokenLifetimes(client.settings).access;
    for (const [origin, until] of [...state.revokedOrigins.entries()]) {
      if (until <= now) state.revokedOrigins.delete(origin);
    }
    state.revokedOrigins.set(record.origin, now + access * 1000);
  };

  const revokeAll = (user: UserRecord): void => {
    for (const [key, record] of [...state.refresh.entries()]) {
      if (record.poolId === user.poolId && record.username === user.username && !record.revoked) {
        revoke(key, record);
      }
    }
  };

  const authenticate = async (
    accessToken: string,
  ): Promise<{ pool: PoolRecord; user: UserRecord; client: ClientRecord | undefined }> => {
    const result = await tokens.verify(accessToken, 'access');
    if (!result.ok) {
      throw notAuthorized(result.reason === 'expired' ? 'Access Token has expired' : 'Invalid Access Token');
    }
    const { username, origin_jti: origin, client_id: clientId } = result.claims;
    if (typeof origin === 'string' && state.revokedOrigins.has(origin)) {
      throw notAuthorized('Access Token has been revoked');
    }
    const user = typeof username === 'string' ? directory.find(result.pool, username) : undefined;
    if (user?.sub !== result.claims.sub || user === undefined) throw userNotFound();
    if (!user.enabled) throw notAuthorized('User is disabled.');
    const client = typeof clientId === 'string' ? state.clients.get(clientId) : undefined;
    return { pool: result.pool, user, client };
  };

  return {
    GetUser: operation(
      z.object({ AccessToken: members.accessToken }),
      async ({ AccessToken }) => {
        const { user, client } = await authenticate(AccessToken);
        return { Username: user.username, UserAttributes: readableAttributes(user, client) };
      },
      { unsigned: true },
    ),

    GlobalSignOut: operation(
      z.object({ AccessToken: members.accessToken }),
      async ({ AccessToken }) => {
        revokeAll((await authenticate(AccessToken)).user);
        return {};
      },
      { unsigned: true },
    ),

    AdminUserGlobalSignOut: operation(
      z.object({ UserPoolId: members.poolId, Username: members.username }),
      ({ UserPoolId, Username }) => {
        revokeAll(directory.userOf(directory.poolOf(UserPoolId), Username));
        return {};
      },
    ),

    RevokeToken: operation(
      z.object({
        Token: pattern('[A-Za-z0-9\\-_=.]+'),
        ClientId: members.clientId,
        ClientSecret: pattern('[\\w+]+', 1, 64).optional(),
      }),
      ({ Token, ClientId, ClientSecret }) => {
        const { client } = directory.clientOf(ClientId);
        if (client.clientSecret !== ClientSecret) {
          throw new AwsError('UnauthorizedException', 'Invalid client secret.');
        }
        if (!client.settings.EnableTokenRevocation) {
          throw new AwsError(
            'UnsupportedOperationException',
            'Revocation is not enabled for the client in request.',
          );
        }
        // Refresh tokens have five parts; id and access tokens have three and cannot be revoked.
        if (Token.split('.').length !== 5) {
          throw new AwsError('UnsupportedTokenTypeException', 'Unsupported token type');
        }
        const key = refreshKey(Token);
        const record = state.refresh.get(key);
        if (record !== undefined && record.clientId !== ClientId) {
          throw new AwsError('UnauthorizedException', 'The token was not issued to this client.');
        }
        if (record !== undefined) revoke(key, record);
        return {};
      },
      { unsigned: true },
    ),
  };
}
